"""What is worth labelling, what there is to learn from, and what is still needed for which promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from device.learn.album import Offer
from device.learn.album_reader import AlbumReader
from device.learn.asking import ask
from device.learn.queue import MOST
from device.lessons import stock
from device.messages import Visit
from device.tell.records import Records
from device.tell.snapshots import pictures_of
from device.web.appliance import Appliance
from device.web.dependencies import Served, Written
from device.web.permission import READS, only
from device.web.problems import MEDIA_TYPE, Problem

router = APIRouter(prefix="/api/v1", tags=["learning"], dependencies=only(READS))

ABSENT: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is none.", "content": {MEDIA_TYPE: {}}}
}
SHOWN = 6
"""Pictures of one visit at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A visit that is worth a label."""

    id: str
    reason: str
    """Why it is asked about, such as "near the threshold" or "prey was reported"."""
    visit: Visit | None
    """As the door saw it; null for one that is no longer kept."""
    pictures: tuple[str, ...]
    """Their addresses: what would be learnt from, else the visit's snapshots."""
    labels: dict[str, str]
    """What was said of it already, by task."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Everything that is open."""

    asked: tuple[Asked, ...]
    a_day: int
    """So many are drawn a day at most, besides visits that did not come in and prey that was reported."""


@dataclass(frozen=True, slots=True)
class Promised:
    """How far one promise is."""

    light: str
    n: int
    """Bad visits, or distinct strangers, that count for it."""
    needed: int
    missing: int


@dataclass(frozen=True, slots=True)
class Task:
    """What one head is taught from."""

    task: str
    kind: str
    """What its promise rests on: "prey visits" or "strangers"."""
    labels: dict[str, int]
    """Separate visits by label."""
    absent: tuple[str, ...]
    """Labels that need two separate visits before anything can be taught."""
    teachable: bool
    promises: tuple[Promised, ...]


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is to learn from."""

    views: int
    visits: int
    days: int
    infrared: int
    """Views by infrared light."""
    tasks: tuple[Task, ...]
    remarks: tuple[str, ...]


@router.get("/learning/queue")
def queue(served: Served, written: Written) -> Queue:
    """What to label today, and why each is asked; the day's visits are drawn when it is first asked for."""
    wall = served.clock.wall()
    if wall is None:
        raise Problem(503, "the clock is not set, so nobody knows what day it is; set it and ask again")
    with written.album() as writer:
        offers = ask(served.folder, wall, writer)
    with AlbumReader(served.folder) as album, Records(served.folder) as records:
        return Queue(tuple(_asked(served, each, album, records) for each in offers), MOST)


@router.get("/learning/stock")
def what_there_is(served: Served) -> Stock:
    """How many visits of each label there are, and how many more are needed for which promise."""
    found = stock(served.project, served.folder)
    counted: dict[str, Any] = found.counted
    tasks = tuple(
        Task(
            task=each.task,
            kind=each.kind,
            labels=each.labels,
            absent=each.absent,
            teachable=each.teachable,
            promises=tuple(Promised(one.light, one.n, one.needed, one.missing) for one in each.promises),
        )
        for each in found.needs
    )
    counts = {key: counted[key] for key in ("views", "visits", "days", "infrared")}
    return Stock(**counts, tasks=tasks, remarks=tuple(counted["remarks"]))


@router.get(
    "/album/{id}",
    response_class=Response,
    responses={**ABSENT, 200: {"content": {"image/jpeg": {}}}},
)
def picture(
    served: Served,
    id: Annotated[str, Path(max_length=100, description="The picture's id.")],  # noqa: A002
) -> Response:
    """One picture of the album."""
    with AlbumReader(served.folder) as album:
        view = album.view(id)
    path = None if view is None else (served.folder / view.file).resolve()
    try:
        if path is not None and path.is_relative_to(served.folder.resolve()):
            return Response(path.read_bytes(), media_type="image/jpeg")
    except FileNotFoundError:
        pass
    raise Problem(404, f"the album has no picture {id}, or it made room for newer ones")


def pictures_to_show(served: Appliance, album: AlbumReader, id: str, visit: Visit | None) -> tuple[str, ...]:  # noqa: A002
    """Addresses of pictures of a visit: those that are learnt from, else its snapshots."""
    views = [each for each in album.of_visit(id) if (served.folder / each.file).is_file()]
    if views:
        return tuple(f"/api/v1/album/{each.id}" for each in views[:SHOWN])
    return tuple(_snapshots(served, visit)) if visit else ()


def _asked(served: Appliance, offer: Offer, album: AlbumReader, records: Records) -> Asked:
    visit = records.find(offer.visit)
    pictures = pictures_to_show(served, album, offer.visit, visit)
    return Asked(offer.visit, offer.reason, visit, pictures, album.labels("visit", offer.visit))


def _snapshots(served: Appliance, visit: Visit) -> Iterator[str]:
    for path in pictures_of(served.folder / "pictures", visit):
        yield f"/api/v1/visits/{visit.id}/snapshots/{path.stem.rpartition('-')[2]}"
