"""DetectLabels, asked by the AWS SDK."""

from __future__ import annotations

from typing import Any

from device.labels import detect_labels
from device.web.rekognition.shapes import DetectLabels, GeneralLabels
from device.web.rekognition.studio import Studio

Json = dict[str, Any]


def labels_of(studio: Studio, asked: DetectLabels) -> Json:
    """What a picture shows, the surest first."""
    image = studio.pictures.read(asked.image)
    found = studio.look.living(image)
    labels = detect_labels(found, asked.min_confidence)
    wanted = [label for label in labels if _is_wanted(label, asked.settings.general_labels)]
    return {"Labels": wanted[: asked.max_labels], "LabelModelVersion": studio.look.version}


def _is_wanted(label: Json, filters: GeneralLabels) -> bool:
    """Whoever names what is to be in gets this alone, and whatever is named to be out stays out."""
    names, categories = {label["Name"]}, {each["Name"] for each in label["Categories"]}
    wanted = filters.label_inclusion_filters or filters.label_category_inclusion_filters
    if wanted and not (
        names & set(filters.label_inclusion_filters)
        or categories & set(filters.label_category_inclusion_filters)
    ):
        return False
    return not (
        names & set(filters.label_exclusion_filters)
        or categories & set(filters.label_category_exclusion_filters)
    )
