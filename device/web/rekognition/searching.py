"""SearchFaces, SearchFacesByImage and CompareFaces, asked by the AWS SDK."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from device import faces
from device.labels import bounding_box
from device.learn.gallery import Entry, Match, Portrait
from device.web.rekognition.collections import known
from device.web.rekognition.faults import INVALID_PARAMETER, RequestError
from device.web.rekognition.shapes import CompareFaces, Image, Quality, SearchFaces, SearchFacesByImage
from device.web.rekognition.studio import Studio

Json = dict[str, Any]


def search(studio: Studio, asked: SearchFaces) -> Json:
    """Which other pictures of a collection are like one of them."""
    entries = {entry.id: entry for entry in known(studio, asked.collection_id).entries}
    if (entry := entries.get(asked.face_id)) is None:
        raise RequestError(INVALID_PARAMETER, f"FaceId: {asked.face_id} is not in {asked.collection_id}")
    pictures, _ = studio.room.gallery.search(
        asked.collection_id, _portrait(entry), asked.face_match_threshold, asked.max_faces + 1
    )
    others = [match for match in pictures if match.entry != entry]
    return {
        "SearchedFaceId": entry.id,
        "FaceMatches": _matches(others[: asked.max_faces], studio.room.version),
        "FaceModelVersion": studio.room.version,
    }


def search_by_image(studio: Studio, asked: SearchFacesByImage) -> Json:
    """Which pictures of a collection are like the largest animal of another picture."""
    known(studio, asked.collection_id)
    portrait = _largest(studio, asked.image, asked.quality_filter)
    pictures, _ = studio.room.gallery.search(
        asked.collection_id, portrait, asked.face_match_threshold, asked.max_faces
    )
    return faces.searched(portrait, pictures, (), studio.room.version)


def compare(studio: Studio, asked: CompareFaces) -> Json:
    """Which animals of one picture are like the largest of another."""
    source = _largest(studio, asked.source_image, asked.quality_filter)
    image = studio.pictures.read(asked.target_image)
    targets = [
        each for each in studio.look.animals(image) if asked.quality_filter == "NONE" or not each.reasons
    ]
    alike = [_similarity(studio, source, each) for each in targets]
    pairs = sorted(zip(alike, targets, strict=True), key=lambda pair: -pair[0])
    return {
        "SourceImageFace": {
            "BoundingBox": bounding_box(source.box),
            "Confidence": faces.face_detail(source)["Confidence"],
        },
        "FaceMatches": [
            {"Similarity": round(similarity, 4), "Face": faces.face_detail(each)}
            for similarity, each in pairs
            if similarity >= asked.similarity_threshold
        ],
        "UnmatchedFaces": [
            faces.face_detail(each) for similarity, each in pairs if similarity < asked.similarity_threshold
        ],
    }


def _largest(studio: Studio, image: Image, quality: Quality) -> Portrait:
    """The largest animal of a picture; raises RequestError if there is none that is seen well enough."""
    pixels = studio.pictures.read(image)
    found = studio.look.animals(pixels)
    if not found:
        raise RequestError(INVALID_PARAMETER, "there is no animal in the picture")
    if quality != "NONE" and found[0].reasons:
        raise RequestError(INVALID_PARAMETER, f"the animal is not seen well: {', '.join(found[0].reasons)}")
    return found[0]


def _similarity(studio: Studio, one: Portrait, other: Portrait) -> float:
    """The probability, 0..100, that both are the same animal."""
    if one.species != other.species:
        return 0.0
    measure = studio.room.similarity
    searched, view = measure.centred(one.embedding[None])[0], measure.centred(other.embedding[None])[0]
    return 100 * measure.of_picture(searched, view, 1)


def _portrait(entry: Entry) -> Portrait:
    return Portrait(entry.box, entry.species, entry.score, 0.0, 0.0, entry.embedding)


def _matches(found: Sequence[Match], version: str) -> list[Json]:
    return [
        {"Similarity": round(match.similarity, 4), "Face": faces.face(match.entry, version)}
        for match in found
        if match.entry is not None
    ]
