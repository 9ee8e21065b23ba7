"""Collections of animals, asked by the AWS SDK: which there are, what is in them."""

from __future__ import annotations

from typing import Any

from device import faces
from device.learn.gallery import Collection, page
from device.web.rekognition.faults import EXISTS, INVALID_TOKEN, NOT_FOUND, QUOTA, RequestError
from device.web.rekognition.paging import by_name
from device.web.rekognition.shapes import DeleteFaces, IndexFaces, ListCollections, ListFaces, OfCollection
from device.web.rekognition.studio import Studio

Json = dict[str, Any]

MOST_COLLECTIONS = 100
MOST_FACES = 2000
"""Of a collection: it is written whole at every change, and memory cards wear out."""


def create(studio: Studio, asked: OfCollection) -> Json:
    """Begin an empty collection."""
    names = studio.room.gallery.names()
    if asked.collection_id in names:
        raise RequestError(EXISTS, f"there is a collection {asked.collection_id} already")
    if len(names) >= MOST_COLLECTIONS:
        raise RequestError(QUOTA, f"there may be {MOST_COLLECTIONS} collections; delete one first")
    studio.room.gallery.create(asked.collection_id, studio.wall())
    return {
        "StatusCode": 200,
        "CollectionArn": arn(asked.collection_id),
        "FaceModelVersion": studio.room.version,
    }


def describe(studio: Studio, asked: OfCollection) -> Json:
    """How many pictures a collection has, and since when there is one."""
    found = known(studio, asked.collection_id)
    answer: Json = {
        "FaceCount": len(found.entries),
        "FaceModelVersion": studio.room.version,
        "CollectionARN": arn(found.name),
        "UserCount": len({entry.external for entry in found.entries}),
    }
    return answer if found.created is None else {**answer, "CreationTimestamp": found.created}


def list_all(studio: Studio, asked: ListCollections) -> Json:
    """The collections by name."""
    found, token = by_name(studio.room.gallery.names(), asked.next_token, asked.max_results)
    return {"CollectionIds": found, "FaceModelVersions": [studio.room.version] * len(found), **token}


def delete(studio: Studio, asked: OfCollection) -> Json:
    """Delete a collection with everything in it."""
    known(studio, asked.collection_id)
    studio.room.gallery.delete(asked.collection_id)
    return {"StatusCode": 200}


def index(studio: Studio, asked: IndexFaces) -> Json:
    """Add the animals of a picture, under one name."""
    collection = known(studio, asked.collection_id)
    room = MOST_FACES - len(collection.entries)
    if room < 1:
        raise RequestError(QUOTA, f"a collection may have {MOST_FACES} pictures; delete some first")
    image = studio.pictures.read(asked.image)
    portraits = studio.look.animals(image)
    found = studio.room.gallery.index(
        collection.name,
        asked.external_image_id,
        portraits,
        min(asked.max_faces, room),
        asked.quality_filter != "NONE",
    )
    return faces.indexed(found, portraits, studio.room.version)


def list_faces(studio: Studio, asked: ListFaces) -> Json:
    """The pictures of a collection, in the order in which they came."""
    entries = known(studio, asked.collection_id).entries
    if asked.face_ids is not None:
        entries = tuple(each for each in entries if each.id in asked.face_ids)
    if asked.next_token is not None and asked.next_token not in {each.id for each in entries}:
        raise RequestError(INVALID_TOKEN, "the token is not one that was given out; begin without one")
    found, token = page(entries, asked.next_token, asked.max_results)
    return faces.listed(found, token, studio.room.version)


def delete_faces(studio: Studio, asked: DeleteFaces) -> Json:
    """Take pictures out of a collection."""
    known(studio, asked.collection_id)
    gone = studio.room.gallery.forget(asked.collection_id, asked.face_ids)
    missing = [each for each in dict.fromkeys(asked.face_ids) if each not in gone]
    return {
        "DeletedFaces": list(gone),
        "UnsuccessfulFaceDeletions": [{"FaceId": each, "Reasons": ["FACE_NOT_FOUND"]} for each in missing],
    }


def known(studio: Studio, name: str) -> Collection:
    """The collection of that name; raises RequestError if there is none."""
    if name not in studio.room.gallery.names():
        raise RequestError(NOT_FOUND, f"there is no collection {name}")
    return studio.room.gallery.read(name)


def arn(name: str) -> str:
    """How a collection is called from outside: in the form of Amazon's, of a partition of its own."""
    return f"arn:latchlens:rekognition:home::collection/{name}"
