"""DetectLabels, asked by the AWS SDK."""

from __future__ import annotations

from typing import Any

from device.labels import detect_labels
from device.web.rekognition.properties import image_properties
from device.web.rekognition.shapes import DetectLabels, GeneralLabels
from device.web.rekognition.studio import Studio

Json = dict[str, Any]


def labels_of(studio: Studio, asked: DetectLabels) -> Json:
    """What a picture shows, the surest first."""
    image = studio.pictures.read(asked.image)
    found = studio.look.living(image)
    answer: Json = {"LabelModelVersion": studio.look.version}
    if "GENERAL_LABELS" in asked.features:
        labels = detect_labels(found, asked.min_confidence)
        wanted = [label for label in labels if is_wanted(label, asked.settings.general_labels)]
        answer["Labels"] = wanted[: asked.max_labels]
    if "IMAGE_PROPERTIES" in asked.features:
        most = asked.settings.image_properties.max_dominant_colors
        boxes = [each.box for each in found if 100 * each.score >= asked.min_confidence]
        answer["ImageProperties"] = image_properties(image, boxes, most)
    return answer


def is_wanted(label: Json, filters: GeneralLabels) -> bool:
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
