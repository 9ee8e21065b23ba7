"""Small builders of messages with sensible defaults, so that a test says only what matters to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings

from device.decide.household import Animal
from device.decide.policy import DoorPolicy, PolicySettings, PolicyState
from device.decide.rules import parse_rules
from device.messages import (
    Box,
    ChipRead,
    Decision,
    Event,
    Heading,
    Inputs,
    Observation,
    Settings,
    Sighting,
    Track,
    Verdict,
    View,
    Visit,
    VisitPhase,
)

steady = settings(derandomize=True, deadline=None)
"""For hypothesis: the same examples in every run, and none fails for being slow."""

BERLIN = ZoneInfo("Europe/Berlin")
NEAR = Box(0.4, 0.5, 0.2, 0.3)
MIMI, TOM = Animal("mimi", chip="276098102345678"), Animal("tom", chip="276098102345679")

OWN_MAY_ENTER = {"name": "own", "who": "own", "direction": "in", "then": "unlock"}
PREY_LOCKS_OUT = {"name": "prey", "who": "own", "prey": True, "then": "lock out", "minutes": 5}


def track(id: int = 1, time: float = 0.0, **changes: Any) -> Track:  # noqa: A002
    """A cat that stands before the door and was seen in this frame."""
    given = {"box": NEAR, "label": "cat", "score": 0.9, "heading": Heading.IN, "seen": True}
    return Track(id=id, time=time, first_time=0.0, frames=1, **{**given, **changes})


def view(sharpness: float = 100.0, brightness: float = 0.5, height: float = 0.3) -> View:
    """A clear view unless told otherwise."""
    return View(sharpness, brightness, height)


def verdict(task: str, familiar: bool | None = None, **scores: float) -> Verdict:
    """A head's opinion: verdict("prey", clean=0.9, prey=0.1)."""
    return Verdict(task, scores, familiar)


def species(name: str = "cat", score: float = 0.9) -> Verdict:
    """The species head is rather sure of `name`."""
    kinds = ("cat", "dog", "person", "bird", "other animal", "nothing")
    rest = (1 - score) / (len(kinds) - 1)
    return Verdict("species", {kind: score if kind == name else rest for kind in kinds})


def who(own: float = 0.97, name: str = "mimi", familiar: bool | None = None) -> Verdict:
    """The head for who it is, taught `name` and strangers."""
    return Verdict("who", {name: own, "stranger": 1 - own}, familiar)


def mouth(clean: float = 0.97) -> Verdict:
    """The head for prey."""
    return Verdict("prey", {"clean": clean, "prey": 1 - clean})


OWN_CLEAN = (species(), who(), mouth())
OWN_WITH_PREY = (species(), who(), mouth(0.03))
STRANGER = (species(), who(0.03), mouth())
EVEN = (verdict("species", cat=0.5, person=0.5), who(0.5), mouth(0.5))


def sighting(*verdicts: Verdict, look: View | None = None, **of_track: Any) -> Sighting:
    """One animal in one frame, by default seen clearly before the door."""
    return Sighting(track(**of_track), look or view(), verdicts)


def inputs(time: float = 0.0, **changes: Any) -> Inputs:
    """What the guard reads; no door sensor unless told."""
    return Inputs(time, **changes)


def observation(time: float, *sightings: Sighting, **changes: Any) -> Observation:
    """One pass of the loop over a frame; enforcing, mode normal.

    `mode`, `enforce`, `lost` go to the settings, `door`, `motion`, `buttons`, `chip` to the inputs.
    """
    chosen = {"enforce": True} | _taken(changes, ("mode", "enforce", "lost"))
    read = _taken(changes, ("door", "bolt", "motion", "buttons", "chip", "temperature_c", "answers"))
    given = {"wall": None, "frame": 1, "looked": True} | changes
    return Observation(
        time=time, inputs=inputs(time, **read), settings=Settings(**chosen), sightings=sightings, **given
    )


def _taken(changes: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: changes.pop(key) for key in keys if key in changes}


def chip(time: float, number: str = MIMI.chip) -> ChipRead:
    return ChipRead(time, number)


def wall(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> float:
    """UTC seconds of a local time such as "2026-03-29 01:59"."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


def policy(
    *rules: Mapping[str, object],
    animals: Sequence[Animal] = (MIMI,),
    require_prey_proof: bool = True,
    state: PolicyState | None = None,
    **changes: Any,
) -> DoorPolicy:
    """A policy of Mimi's household; without rules, own animals may enter and prey locks out."""
    tables = rules or (PREY_LOCKS_OUT, OWN_MAY_ENTER)
    parsed = parse_rules(tables, require_prey_proof)
    return DoorPolicy(PolicySettings(rules=parsed, animals=tuple(animals), zone=BERLIN, **changes), state)


def frames(
    start: float, seconds: float, *verdicts: Verdict, rate: float = 10.0, **changes: Any
) -> list[Observation]:
    """Observations of one animal at `rate` a second; `of_track` and `look` go to its sighting."""
    of_track, look = changes.pop("of_track", {}), changes.pop("look", None)
    times = [start + number / rate for number in range(round(seconds * rate))]
    return [
        observation(time, sighting(*verdicts, look=look, time=time, **of_track), **changes) for time in times
    ]


def empty(start: float, seconds: float, rate: float = 10.0, **changes: Any) -> list[Observation]:
    """Observations of nobody."""
    return [observation(start + number / rate, **changes) for number in range(round(seconds * rate))]


def play(door: DoorPolicy, *parts: Iterable[Observation]) -> list[Decision]:
    """Decide all observations in order."""
    return [door.decide(each) for part in parts for each in part]


def opened(decisions: Iterable[Decision]) -> bool:
    """Whether any of them gives a lease."""
    return any(decision.lease is not None for decision in decisions)


def ended(decisions: Iterable[Decision]) -> list[Visit]:
    """The visits that ended."""
    return [visit for each in decisions for visit in each.visits if visit.phase is VisitPhase.END]


def events(decisions: Iterable[Decision], kind: str) -> list[Event]:
    return [event for each in decisions for event in each.events if event.kind == kind]
