"""Visits in pages, one visit with its evidence, pictures and clip, and events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse, Response
from pydantic import StringConstraints

from device.decide.rules import PLAIN_KEYS
from device.messages import Event, Outcome, Sighting, Visit, VisitKind
from device.tell.clips import clip_path, read_times
from device.tell.curves import Curve
from device.tell.snapshots import PICTURES, picture_path, pictures_of, shrunk
from device.tell.wanted import Wanted
from device.toml import read_toml
from device.web.appliance import Appliance
from device.web.dependencies import Served
from device.web.permission import READS, only
from device.web.problems import MEDIA_TYPE, Problem

router = APIRouter(prefix="/api/v1", tags=["visits"], dependencies=only(READS))

ABSENT: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is none.", "content": {MEDIA_TYPE: {}}}
}
LARGEST = 2**53
"""Whole numbers beyond are no longer exact in JavaScript, and far beyond not in SQLite."""

Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
Id = Annotated[str, Path(max_length=100, description="The visit's id.")]
Filter = Annotated[str | None, Query(max_length=100)]
Label = Annotated[str, StringConstraints(pattern="^[^=]{1,64}=.{1,64}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Moment = Annotated[datetime | None, Query(description="With a time zone; without one it is UTC.")]


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows beside a visit."""

    picture: str | None
    """Address of its best picture, null if there is none."""
    clip: str | None
    """Address of its film, null if there is none."""
    labels: dict[str, str]
    """What was said of it and holds, by task."""


@dataclass(frozen=True, slots=True)
class VisitPage:
    """Some visits, the newest first."""

    visits: tuple[Visit, ...]
    cards: dict[str, Card]
    """By the visits' ids."""
    next: str | None
    """The `cursor` of the next page, null after the last visit."""


@dataclass(frozen=True, slots=True)
class RuleThen:
    """A rule of the project file."""

    name: str
    conditions: dict[str, str]
    """By key, as they are written; several values with commas between them."""
    then: str
    """"unlock", "keep locked", "lock out" or "alert"."""
    minutes: float
    """Length of a lockout."""


@dataclass(frozen=True, slots=True)
class VisitStory:
    """One visit with all that is known of it."""

    visit: Visit
    sightings: tuple[Sighting, ...]
    """The frames that were its evidence, in the order of time."""
    events: tuple[Event, ...]
    snapshots: tuple[str, ...]
    """Addresses of its pictures, the best first."""
    clip: str | None
    """Address of its film, null if there is none."""
    clip_times: tuple[float, ...]
    """When each of its frames was taken, as `time` of the sightings; empty if nobody kept that."""
    curves: tuple[Curve, ...]
    """Its meters over the sightings; empty if nobody kept them."""
    rule: RuleThen | None
    """The rule that decided, as the project has it now; null if it has none of that name any more."""
    labels: dict[str, str]
    """What was said of it and holds, by task."""


@router.get("/visits")
def visits(
    served: Served,
    limit: Limit = 50,
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST, description="`next` of the page before.")] = None,
    animal: Filter = None,
    species: Filter = None,
    outcome: Outcome | None = None,
    kind: VisitKind | None = None,
    since: Moment = None,
    until: Moment = None,
    labelled: Annotated[bool | None, Query(description="Whether anything was said of it.")] = None,
    label: Annotated[
        tuple[Label, ...],
        Query(max_length=5, description="What was said of it, as `who=mimi`; all must hold."),
    ] = (),
    text: Annotated[
        tuple[Text, ...],
        Query(max_length=50, description="Part of the reason, whatever its numbers; one of them is enough."),
    ] = (),
) -> VisitPage:
    """Visits, the newest first, in pages."""
    wanted = Wanted(
        *(animal, species, outcome, kind, utc_seconds(since), utc_seconds(until)),
        labelled=labelled,
        labels=dict(map(_named, label)),
        texts=text,
    )
    with served.reading.records() as records:
        page = records.page(wanted, limit, cursor)
        said = records.said(visit.id for visit in page.visits)
    cards = {visit.id: _card(served, visit, said.get(visit.id, {})) for visit in page.visits}
    return VisitPage(page.visits, cards, None if page.next is None else str(page.next))


@router.get("/reasons")
def reasons(served: Served) -> tuple[str, ...]:
    """Every reason that a visit ever had, with `#` for each number: what `text` is looked for in."""
    with served.reading.records() as records:
        return tuple(records.reasons())


@router.get("/visits/{id}", responses=ABSENT)
def visit(served: Served, id: Id) -> VisitStory:  # noqa: A002 - the name of the parameter in the address
    """One visit with its evidence, its events and the addresses of its pictures."""
    with served.reading.records() as records:
        found = _found(records.find(id), id)
        sightings, events = records.evidence(id), records.events(200, visit=id)
        curves, said = records.curves(id), records.said([id])
    film = _film(served, found)
    return VisitStory(
        visit=found,
        sightings=tuple(sightings),
        events=tuple(events),
        snapshots=tuple(_addresses(served, found)),
        clip=film,
        clip_times=read_times(clip_path(served.folder / "pictures", found)) if film else (),
        curves=tuple(curves),
        rule=_rule(served, found.rule),
        labels=said.get(id, {}),
    )


@router.get(
    "/visits/{id}/snapshots/{number}",
    response_class=Response,
    responses={**ABSENT, 200: {"content": {"image/jpeg": {}}}},
)
def snapshot(
    served: Served,
    id: Id,  # noqa: A002
    number: Annotated[int, Path(ge=1, le=PICTURES, description="1 is the best.")],
    width: Annotated[int | None, Query(ge=32, le=1920, description="At most so many pixels wide.")] = None,
) -> Response:
    """One picture of a visit, with persons made unrecognisable."""
    with served.reading.records() as records:
        found = _found(records.find(id), id)
    for path in pictures_of(served.folder / "pictures", found):
        if path.stem.endswith(f"-{number}"):
            try:
                jpeg = path.read_bytes()
                return Response(shrunk(jpeg, width) if width else jpeg, media_type="image/jpeg")
            except FileNotFoundError:
                break  # it was given up for newer ones in this very moment
    raise Problem(404, f"visit {id} has no picture {number}, or it made room for newer ones")


@router.get(
    "/visits/{id}/clip",
    response_class=Response,
    responses={**ABSENT, 200: {"content": {"video/webm": {}}}, 206: {"content": {"video/webm": {}}}},
)
def clip(served: Served, id: Id) -> Response:  # noqa: A002
    """The short film of a visit, with persons made unrecognisable; players may ask for parts of it."""
    with served.reading.records() as records:
        found = _found(records.find(id), id)
    path = clip_path(served.folder / "pictures", found)
    if not path.is_file():
        raise Problem(
            404, f"visit {id} has no clip: it goes on, none are kept, or it made room for newer ones"
        )
    return FileResponse(path, media_type="video/webm")


@router.get("/events")
def events(served: Served, limit: Limit = 50) -> tuple[Event, ...]:
    """What was worth telling apart from visits, the newest first."""
    with served.reading.records() as records:
        return tuple(records.events(limit))


def found_visit(served: Appliance, number: str) -> Visit:
    """The visit with this id; raises Problem if there is none."""
    with served.reading.records() as records:
        return _found(records.find(number), number)


def _found(visit: Visit | None, number: str) -> Visit:
    if visit is None:
        raise Problem(404, f"there is no visit {number}")
    return visit


def _addresses(served: Appliance, visit: Visit) -> Iterator[str]:
    for path in pictures_of(served.folder / "pictures", visit):
        yield f"/api/v1/visits/{visit.id}/snapshots/{path.stem.rpartition('-')[2]}"


def _film(served: Appliance, visit: Visit) -> str | None:
    path = clip_path(served.folder / "pictures", visit)
    return f"/api/v1/visits/{visit.id}/clip" if path.is_file() else None


def _card(served: Appliance, visit: Visit, said: dict[str, str]) -> Card:
    best = picture_path(served.folder / "pictures", visit, 1)
    picture = f"/api/v1/visits/{visit.id}/snapshots/1" if best.is_file() else None
    return Card(picture, _film(served, visit), said)


def _rule(served: Appliance, name: str) -> RuleThen | None:
    rules = read_toml(served.project.text).get("rule", [])
    found = next(
        (each for place, each in enumerate(rules, 1) if each.get("name", f"rule {place}") == name), None
    )
    if found is None:
        return None
    return RuleThen(
        name=name,
        conditions={key: _value(each) for key, each in found.items() if key not in PLAIN_KEYS},
        then=str(found.get("then", "")),
        minutes=float(found.get("minutes", 0.0)),
    )


def _value(value: object) -> str:
    """As an owner reads it: true, false, a name, or several with commas between them."""
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _named(label: str) -> tuple[str, str]:
    task, _, name = label.partition("=")
    return task, name


def utc_seconds(moment: datetime | None) -> float | None:
    """A time without a zone is UTC, not that of whatever zone the device's system has."""
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
