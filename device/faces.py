"""Answers about a gallery in the shape of Amazon Rekognition's face collections, said of animals.

Source: the API reference of Amazon Rekognition, operations CreateCollection, IndexFaces, ListFaces,
DeleteFaces, SearchFacesByImage and SearchUsersByImage: confidences and similarities 0..100, boxes as ratios
of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from device.labels import bounding_box
from device.learn.gallery import Entry, Indexed, Match, Portrait

Json = dict[str, Any]


def face(entry: Entry, version: str) -> Json:
    """A Face."""
    return {
        "FaceId": entry.id,
        "BoundingBox": bounding_box(entry.box),
        "ImageId": entry.image,
        "ExternalImageId": entry.external,
        "Confidence": _percent(entry.score),
        "IndexFacesModelVersion": version,
    }


def indexed(found: Indexed, portraits: Sequence[Portrait], version: str) -> Json:
    """The answer of IndexFaces; `portraits` are all that were looked at."""
    details = {portrait.box: face_detail(portrait) for portrait in portraits}
    return {
        "FaceRecords": [
            {"Face": face(entry, version), "FaceDetail": details[entry.box]} for entry in found.entries
        ],
        "FaceModelVersion": version,
        "UnindexedFaces": [
            {"Reasons": list(reasons), "FaceDetail": face_detail(portrait)}
            for portrait, reasons in found.refused
        ],
    }


def face_detail(portrait: Portrait) -> Json:
    """A FaceDetail: where, how sure, how well it can be seen."""
    return {
        "BoundingBox": bounding_box(portrait.box),
        "Confidence": _percent(portrait.score),
        "Quality": {
            "Brightness": round(100 * portrait.brightness, 4),
            "Sharpness": round(min(portrait.sharpness / 5, 100.0), 4),
        },
    }


def listed(entries: Sequence[Entry], token: str | None, version: str) -> Json:
    """The answer of ListFaces."""
    answer: Json = {"Faces": [face(entry, version) for entry in entries], "FaceModelVersion": version}
    return answer if token is None else {**answer, "NextToken": token}


def searched(portrait: Portrait, pictures: Sequence[Match], animals: Sequence[Match], version: str) -> Json:
    """The answer of SearchFacesByImage, with the UserMatches of SearchUsersByImage for animals as a whole."""
    return {
        "SearchedFaceBoundingBox": bounding_box(portrait.box),
        "SearchedFaceConfidence": _percent(portrait.score),
        "FaceMatches": [
            {"Similarity": round(match.similarity, 4), "Face": face(match.entry, version)}
            for match in pictures
            if match.entry is not None
        ],
        "UserMatches": [
            {"Similarity": round(match.similarity, 4), "User": {"UserId": match.name}} for match in animals
        ],
        "FaceModelVersion": version,
    }


def _percent(score: float) -> float:
    return round(100 * score, 4)
