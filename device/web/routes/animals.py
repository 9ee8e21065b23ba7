"""The household's animals with their rules, and those that nobody named yet."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Annotated, Literal

from fastapi import APIRouter, Body
from pydantic import Field

from device.decide.household import Animal
from device.decide.schedule import DAYS
from device.editing.house_rules import (
    Curfew,
    HouseRule,
    rules_of,
    with_animal,
    with_ban,
    with_curfew,
    with_lockout,
)
from device.learn.album_reader import AlbumReader
from device.learn.dataset import Example
from device.messages import Place, Whereabouts
from device.tell.records import Records
from device.visitors import Group, Known, named_strangers, naming, unknown_visitors
from device.web.appliance import Appliance
from device.web.dependencies import Served, Written
from device.web.permission import READS, Actor, Administrator, only
from device.web.routes.learning import SHOWN, pictures_to_show
from device.web.standing import standing

router = APIRouter(prefix="/api/v1/animals", tags=["animals"], dependencies=only(READS))

_grouping = Lock()
"""Grouping a thousand visits takes a processor for a while: one at a time."""

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Time = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.\- ]+$")]
Id = Annotated[str, Field(min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True)
class Resident:
    """One animal of the household."""

    name: str
    species: str
    chip: bool
    """Whether its chip is known."""
    lives_here: bool
    place: Place
    """Inside or outside, as far as the door can know."""
    seen_wall: float | None
    """When it was last proven to stand at the door, in UTC seconds."""
    pictures: tuple[str, ...]
    """Addresses of the newest that somebody said are of it."""
    visits: int
    """Labelled visits that show it."""
    taught: int
    """Pictures of it from which the head in use was taught; 0 if it knows it not."""
    rules: tuple[HouseRule, ...]
    """Those that may decide about it, in the order in which they are asked."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A stranger that somebody named."""

    name: str
    visits: tuple[str, ...]
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Household:
    """Everybody that has a name."""

    animals: tuple[Resident, ...]
    strangers: tuple[Stranger, ...]
    blocks: str
    """What the bolt blocks: "in" or "both"."""
    timezone: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Visits that look like one animal that nobody named."""

    called: str
    """By its coat, such as "ginger one"."""
    species: str
    visits: tuple[str, ...]
    """The latest first."""
    last_wall: float | None
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknowns:
    """All of them, the most frequent first."""

    groups: tuple[Unknown, ...]


@dataclass(frozen=True, slots=True)
class Naming:
    """Who some visits were of."""

    visits: Annotated[list[Id], Field(min_length=1, max_length=1000)]
    who: Annotated[str, Field(min_length=1, max_length=64)] | None
    """An animal of the household, or "stranger"; null takes back what was said."""
    stranger: Name | None = None
    """What a stranger is called, so that all its visits count as one animal."""


@dataclass(frozen=True, slots=True)
class Named:
    """How many visits were named."""

    visits: int


@dataclass(frozen=True, slots=True)
class RuleWanted:
    """A change of one animal's rules, to be looked at before it is saved."""

    text: Annotated[str, Field(max_length=200_000)]
    """The project file, as `/configuration` gives it."""
    animal: Annotated[str, Field(min_length=1, max_length=64)]
    change: Literal["curfew", "stays out", "lockout", "new animal"]
    apply: bool = True
    """False takes the rule out again."""
    start: Time = "22:00"
    end: Time = "06:00"
    days: Annotated[tuple[Day, ...], Field(max_length=7)] = ()
    """On which a curfew begins; none: every day."""
    direction: Literal["in", "out"] = "in"
    minutes: Annotated[float, Field(ge=1, le=1440)] = 5.0
    """Of a lockout."""
    species: Annotated[str, Field(min_length=1, max_length=32)] = "cat"
    """Of a new animal."""
    chip: Annotated[str, Field(pattern=r"^(\d{15})?$")] = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A project file that is not saved: check it, and save it, through `/configuration`."""

    text: str


@router.get("")
def household(served: Served) -> Household:
    """The household's animals: where they are, their pictures, their rules; and strangers with a name."""
    moment = served.latest.moment
    where = moment.decision.whereabouts if moment else {}
    with AlbumReader(served.folder) as album:
        shown = _visits_of(album)
        animals = tuple(
            _resident(served, each, where.get(each.name, Whereabouts()), shown.get(each.name, {}))
            for each in served.project.policy.animals
        )
        strangers = tuple(_stranger(served, album, each) for each in named_strangers(served.folder))
    blocks = str(served.project.section("guard").blocks)
    return Household(animals, strangers, blocks, served.project.section("door").timezone)


@router.get("/unknown")
def unknown(served: Served) -> Unknowns:
    """Who comes that nobody named: visits grouped by looks."""
    with _grouping:
        groups = unknown_visitors(served.folder)
    with AlbumReader(served.folder) as album, Records(served.folder) as records:
        return Unknowns(tuple(_unknown(served, album, records, each) for each in groups))


@router.post("/unknown/name")
def name(served: Served, written: Written, caller: Actor, wanted: Annotated[Naming, Body()]) -> Named:
    """Say who the visits of one group were of: an own animal, or a stranger with a name of its own."""
    animals = [animal.name for animal in served.project.policy.animals]
    visits = list(dict.fromkeys(wanted.visits))
    said = naming(visits, wanted.who, wanted.stranger, animals, caller.name, served.clock.wall())
    with written.album() as album:
        album.say(said)
    return Named(len(visits))


@router.post("/proposal")
def propose(caller: Administrator, wanted: Annotated[RuleWanted, Body()]) -> Proposal:
    """The project file with one animal's rule changed; nothing is saved."""
    del caller
    text, animal = wanted.text, wanted.animal
    match wanted.change:
        case "curfew":
            days = tuple(dict.fromkeys(wanted.days)) if len(set(wanted.days)) < len(DAYS) else ()
            curfew = Curfew(wanted.start, wanted.end, days, wanted.direction)
            return Proposal(with_curfew(text, animal, curfew if wanted.apply else None))
        case "stays out":
            return Proposal(with_ban(text, animal, wanted.apply))
        case "lockout":
            return Proposal(with_lockout(text, animal, wanted.minutes if wanted.apply else None))
        case "new animal":
            return Proposal(with_animal(text, animal, wanted.species, wanted.chip))


def _visits_of(album: AlbumReader) -> dict[str, dict[str, list[Example]]]:
    """By animal and visit what somebody said is of it, the newest visits first."""
    found: dict[str, dict[str, list[Example]]] = {}
    for each in reversed(album.dataset().examples):
        if "who" in each.labels:
            found.setdefault(each.labels["who"], {}).setdefault(each.visit, []).append(each)
    return found


def _resident(
    served: Appliance, animal: Animal, where: Whereabouts, visits: dict[str, list[Example]]
) -> Resident:
    first = (views[-1] for views in visits.values())
    shown = (each.id for each in first if (served.folder / each.source).is_file())
    return Resident(
        name=animal.name,
        species=animal.species,
        chip=bool(animal.chip),
        lives_here=animal.lives_here,
        place=where.place,
        seen_wall=where.seen_wall,
        pictures=tuple(f"/api/v1/album/{each}" for each in islice(shown, SHOWN)),
        visits=len(visits),
        taught=_taught(served).get(animal.name, 0),
        rules=tuple(rules_of(served.project.text, animal.name)),
    )


def _taught(served: Appliance) -> dict[str, int]:
    found = standing(served, "who")
    return next((each.examples for each in found.versions if each.use == "in use"), {})


def _stranger(served: Appliance, album: AlbumReader, known: Known) -> Stranger:
    return Stranger(known.name, known.visits, _pictures(served, album, known.visits))


def _unknown(served: Appliance, album: AlbumReader, records: Records, group: Group) -> Unknown:
    latest = records.find(group.visits[0])
    return Unknown(
        called=group.name,
        species=group.species,
        visits=group.visits,
        last_wall=latest.started_wall if latest else None,
        pictures=_pictures(served, album, group.visits),
    )


def _pictures(served: Appliance, album: AlbumReader, visits: tuple[str, ...]) -> tuple[str, ...]:
    """One of each visit, of the latest."""
    found: list[str] = []
    for each in visits[: 2 * SHOWN]:
        found += pictures_to_show(served, album, each, None)[:1]
    return tuple(found[:SHOWN])
