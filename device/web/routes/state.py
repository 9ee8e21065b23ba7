"""How things stand now: bolt and door as sensed, the decision and its reason, who is there."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from device.messages import (
    BoltState,
    Box,
    Door,
    Heading,
    MeterReading,
    Mode,
    Outcome,
    Place,
    Visit,
    Whereabouts,
)
from device.tell.health import Condition
from device.web.appliance import Appliance
from device.web.dependencies import Now, Served
from device.web.latest import Moment
from device.web.permission import READS, only

router = APIRouter(prefix="/api/v1", tags=["state"], dependencies=only(READS))


@dataclass(frozen=True, slots=True)
class Picture:
    """The newest frame."""

    number: int
    age_s: float
    width_px: int
    height_px: int
    infrared: bool


@dataclass(frozen=True, slots=True)
class Boxed:
    """Something boxed in the newest frame; boxes are ratios of the picture."""

    track: int
    box: Box
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Lockout:
    """Somebody who stays out for a while."""

    who: str
    remaining_s: float


@dataclass(frozen=True, slots=True)
class Present:
    """A visit that goes on."""

    id: str
    tracks: tuple[int, ...]
    who: str | None
    species: str
    outcome: Outcome
    rule: str
    reason: str
    meters: tuple[MeterReading, ...]
    since_s: float
    """Seconds since it began."""
    waits: bool
    """It is not let in, and does not walk away."""


@dataclass(frozen=True, slots=True)
class Own:
    """One animal of the household, and where it is as far as the door can know."""

    name: str
    place: Place
    seen_s: float | None
    """Seconds since it was last proven to stand at the door, null if it never was."""
    seen_wall: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that a glance should tell."""

    time: float
    """Monotonic seconds of the latest pass."""
    wall: float | None
    bolt: BoltState
    door: Door
    refusal: str | None
    mode: Mode
    enforce: bool
    settings_lost: bool
    outcome: Outcome
    rule: str
    reason: str
    would_unlock: bool
    """The rules would unlock, but the device is not enforcing."""
    open_for_s: float
    """Remaining seconds of the permission to be open; 0 if there is none."""
    blind: str | None
    picture: Picture | None
    boxes: tuple[Boxed, ...]
    visits: tuple[Present, ...]
    animals: tuple[Own, ...]
    lockouts: tuple[Lockout, ...]
    health: tuple[Condition, ...]


@router.get("/state")
def state(served: Served, moment: Now) -> Standing:
    """How things stand."""
    return standing(served, moment)


def standing(served: Appliance, moment: Moment) -> Standing:
    """The latest pass as it is told."""
    observation, decision = moment.observation, moment.decision
    now = served.clock.now()
    passed = max(now - decision.time, 0.0)
    lease = decision.lease
    return Standing(
        time=observation.time,
        wall=observation.wall,
        bolt=observation.inputs.bolt,
        door=observation.inputs.door,
        refusal=observation.inputs.refusal,
        mode=observation.settings.mode,
        enforce=observation.settings.enforce,
        settings_lost=observation.settings.lost,
        outcome=decision.outcome,
        rule=decision.rule,
        reason=decision.reason,
        would_unlock=decision.would,
        open_for_s=max(lease.time + lease.seconds - now, 0.0) if lease else 0.0,
        blind=observation.blind,
        picture=_picture(moment, now),
        boxes=_boxes(moment),
        visits=tuple(_present(visit, now) for visit in moment.visits),
        animals=_animals(served, moment, now),
        lockouts=tuple(Lockout(who, max(left - passed, 0.0)) for who, left in decision.lockouts.items()),
        health=served.health.report(),
    )


def _picture(moment: Moment, now: float) -> Picture | None:
    if moment.seen is None:
        return None
    frame = moment.seen.frame
    height, width, _ = frame.image.shape
    return Picture(frame.number, max(now - frame.time, 0.0), width, height, frame.infrared)


def _boxes(moment: Moment) -> tuple[Boxed, ...]:
    if moment.seen is None:
        return ()
    tracks = (sighting.track for sighting in moment.seen.observation.sightings)
    return tuple(Boxed(track.id, track.box, track.label, track.score) for track in tracks if track.seen)


def _present(visit: Visit, now: float) -> Present:
    return Present(
        id=visit.id,
        tracks=visit.tracks,
        who=visit.who,
        species=visit.species,
        outcome=visit.outcome,
        rule=visit.rule,
        reason=visit.reason,
        meters=visit.evidence,
        since_s=max(now - visit.started, 0.0),
        waits=visit.outcome is not Outcome.UNLOCK and visit.direction is not Heading.OUT,
    )


def _animals(served: Appliance, moment: Moment, now: float) -> tuple[Own, ...]:
    """Everyone whom the project names, in its order."""
    known = moment.decision.whereabouts
    return tuple(
        _own(animal.name, known.get(animal.name, Whereabouts()), now)
        for animal in served.project.policy.animals
    )


def _own(name: str, where: Whereabouts, now: float) -> Own:
    ago = None if where.seen is None else max(now - where.seen, 0.0)
    return Own(name, where.place, ago, where.seen_wall)
