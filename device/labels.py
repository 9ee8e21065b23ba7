"""Answers about pictures in the shape of Amazon Rekognition's DetectLabels and GetLabelDetection.

Source: the API reference of Amazon Rekognition, operations DetectLabels and GetLabelDetection:
confidences 0..100, boxes as ratios of the picture, parents listed as labels of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from device.messages import Box, Detection

PARENTS: Mapping[str, tuple[str, ...]] = {
    "Cat": ("Animal", "Mammal", "Pet"),
    "Dog": ("Animal", "Canine", "Mammal", "Pet"),
    "Bird": ("Animal",),
    "Person": (),
    "Animal": (),
}
NAMES: Mapping[str, str] = {"cat": "Cat", "dog": "Dog", "bird": "Bird", "person": "Person", "other": "Animal"}
"""What Rekognition calls our species."""

Json = dict[str, Any]


def detect_labels(
    detections: Iterable[Detection], min_confidence: float, max_labels: int | None = None
) -> list[Json]:
    """The Labels of one picture, the surest first; instances below `min_confidence` (0..100) are left out."""
    found: dict[str, list[Detection]] = {}
    for detection in detections:
        if detection.score * 100 >= min_confidence:
            found.setdefault(NAMES.get(detection.label, detection.label.capitalize()), []).append(detection)
    labels: dict[str, Json] = {}
    for name, instances in found.items():
        best = max(instance.score for instance in instances)
        for parent in PARENTS.get(name, ()):
            known = labels.setdefault(parent, _label(parent, 0.0, []))
            known["Confidence"] = max(known["Confidence"], _percent(best))
        label = _label(name, best, instances)
        if name in labels:  # already there as the parent of another
            label["Confidence"] = max(label["Confidence"], labels[name]["Confidence"])
        labels[name] = label
    return sorted(labels.values(), key=lambda label: (-label["Confidence"], label["Name"]))[:max_labels]


def label_detection(timestamp: float, labels: Iterable[Json]) -> list[Json]:
    """The Labels of one moment of a video; `timestamp` in seconds, given out in milliseconds."""
    return [{"Timestamp": round(timestamp * 1000), "Label": label} for label in labels]


def _label(name: str, score: float, instances: Iterable[Detection]) -> Json:
    return {
        "Name": name,
        "Confidence": _percent(score),
        "Instances": [
            {"BoundingBox": bounding_box(each.box), "Confidence": _percent(each.score)} for each in instances
        ],
        "Parents": [{"Name": parent} for parent in PARENTS.get(name, ())],
        "Aliases": [],
        "Categories": [{"Name": "Person Description" if name == "Person" else "Animals and Pets"}],
    }


def bounding_box(box: Box) -> Json:
    """A BoundingBox in ratios of the picture."""
    return {
        "Width": round(box.width, 6),
        "Height": round(box.height, 6),
        "Left": round(box.left, 6),
        "Top": round(box.top, 6),
    }


def _percent(score: float) -> float:
    return round(score * 100, 4)
