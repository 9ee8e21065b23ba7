"""Collections of animals: pictures by name, searched by another picture, in Amazon Rekognition's shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import Field

from device.errors import DatasetError, PictureError, StoreError
from device.faces import listed
from device.galleries import Room, hang_aside, search_aside
from device.learn.gallery import page
from device.see.picture_header import read_header
from device.web.appliance import Appliance
from device.web.dependencies import Served
from device.web.permission import READS, Actor, Administrator, only
from device.web.problems import Problem
from device.web.routes.learning import ABSENT
from device.web.routes.lessons import BUSY, errands_of

router = APIRouter(prefix="/api/v1/gallery", tags=["animals"], dependencies=only(READS))

PICTURE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
Collection = Annotated[str, Path(max_length=200, pattern=r"^[a-zA-Z0-9_.\-]+$", description="Its name.")]
Animal = Annotated[str, Path(max_length=255, pattern=r"^[a-zA-Z0-9_.\-:]+$", description="Its name.")]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One collection."""

    name: str
    created: float | None
    """UTC seconds."""
    animals: dict[str, int]
    """Pictures of each animal."""
    fault: str = ""
    """Why it cannot be used, with the fix."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """All collections."""

    collections: tuple[Shelf, ...]
    model: str
    """That made the embeddings."""


@dataclass(frozen=True, slots=True)
class NewCollection:
    """A collection to begin."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[a-zA-Z0-9_.\-]+$")]


@router.get("")
def collections(served: Served) -> Shelves:
    """Every collection, with the animals in it."""
    room = _room(served)
    return Shelves(tuple(_shelf(room, name) for name in room.gallery.names()), room.version)


@router.post("", status_code=201, responses=BUSY)
def create(served: Served, caller: Administrator, wanted: Annotated[NewCollection, Body()]) -> Shelf:
    """Begin an empty collection."""
    del caller
    room = _room(served)
    try:
        room.gallery.create(wanted.name, served.clock.wall())
    except DatasetError as error:
        raise Problem(409, str(error)) from None
    return _shelf(room, wanted.name)


@router.get("/{name}", responses=ABSENT)
def faces(
    served: Served,
    name: Collection,
    limit: Annotated[int, Query(ge=1, le=4096)] = 4096,
    cursor: Annotated[
        str | None, Query(max_length=100, description="NextToken of the answer before.")
    ] = None,
) -> dict[str, Any]:
    """What a collection holds, as ListFaces answers."""
    room = _room(served)
    _require(room, name)
    entries, token = page(room.gallery.read(name).entries, cursor, limit)
    return listed(entries, token, room.version)


@router.delete("/{name}", responses=ABSENT)
def delete(served: Served, caller: Administrator, name: Collection) -> Shelf:
    """Delete a collection with everything in it; what it was."""
    del caller
    room = _room(served)
    _require(room, name)
    found = _shelf(room, name)
    room.gallery.delete(name)
    return found


@router.delete("/{name}/animals/{animal}", responses=ABSENT)
def forget(served: Served, caller: Administrator, name: Collection, animal: Animal) -> Shelf:
    """Take all pictures of an animal out of a collection."""
    del caller
    room = _room(served)
    _require(room, name)
    ids = [each.id for each in room.gallery.read(name).entries if each.external == animal]
    if not ids:
        raise Problem(404, f"there is no {animal!r} in {name}")
    room.gallery.forget(name, ids)
    return _shelf(room, name)


@router.post("/{name}/animals/{animal}", responses={**ABSENT, **BUSY}, openapi_extra=PICTURE)
async def index(
    request: Request, served: Served, caller: Administrator, name: Collection, animal: Animal
) -> dict[str, Any]:
    """Add the largest animal of a picture under a name, as IndexFaces answers."""
    return await _looked(request, served, caller.name, name, hang_aside, animal, after=())


@router.post("/{name}/search", responses={**ABSENT, **BUSY}, openapi_extra=PICTURE)
async def search(
    request: Request,
    served: Served,
    caller: Actor,
    name: Collection,
    threshold: Annotated[float, Query(ge=0, le=100, description="The least Similarity.")] = 80.0,
) -> dict[str, Any]:
    """Who is it? The largest animal of a picture against a collection, as SearchFacesByImage answers."""
    return await _looked(request, served, caller.name, name, search_aside, after=(threshold,))


async def _looked(
    request: Request,
    served: Appliance,
    by: str,
    name: str,
    work: Any,
    *before: object,
    after: tuple[object, ...],
) -> dict[str, Any]:
    """Do what needs models aside, once the picture is here."""
    room = await run_sync(_room, served)
    _require(room, name)
    picture = await request.body()
    if read_header(picture) is None:
        raise Problem(422, "send a picture as the body: JPEG, PNG, WebP or BMP")
    project, errands = served.project, errands_of(request)

    def looked() -> dict[str, Any]:
        given = (project.text, project.name, served.folder, name, *before, picture, *after)
        found: dict[str, Any] = errands.wait_for("gallery", name, by, work, *given)
        return found

    try:
        return await run_sync(looked)
    except PictureError as error:
        raise Problem(422, str(error)) from None


def _room(served: Appliance) -> Room:
    return Room.of(served.project, served.folder)


def _require(room: Room, name: str) -> None:
    if name not in room.gallery.names():
        raise Problem(404, f"there is no collection {name}")


def _shelf(room: Room, name: str) -> Shelf:
    try:
        found = room.gallery.read(name)
    except (DatasetError, StoreError) as error:
        return Shelf(name, None, {}, str(error))
    counts: dict[str, int] = {}
    for each in found.entries:
        counts[each.external] = counts.get(each.external, 0) + 1
    return Shelf(name, found.created, counts)
