"""What stands at the broker: bolt, flap, mode, visitors, animals, reason and figures, each as it is now."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from device.errors import StoreError
from device.messages import (
    Decision,
    Observation,
    Settings,
    Visit,
    VisitPhase,
    Whereabouts,
)
from device.tell.health import Condition, Health, State
from device.tell.mqtt_desk import Desk
from device.tell.mqtt_documents import VISITS, as_json, instant, slugs, visit_document
from device.tell.sink import Told
from device.tell.snapshots import picture_path
from device.tell.statistics import Report

LOCK, MODE, ENFORCE, DOOR = "lock/state", "mode/state", "enforce/state", "door/state"
VISITOR, DECISION, PROBLEM, UPDATE = "visitor/state", "decision/state", "problem/state", "update/state"
STATISTICS, SNAPSHOT = "stats", "snapshot"
LARGEST = 2_000_000
"""Bytes; a larger picture is not sent."""


def cat_topic(slug: str) -> str:
    return f"cat/{slug}/state"


class StateSink:
    """Implements sink.Sink: puts on the desk how everything stands, and rings when letters were written."""

    def __init__(
        self,
        desk: Desk,
        animals: Sequence[str],
        pictures: Path,
        health: Health,
        report: Callable[[], Report],
        update: Callable[[], Mapping[str, object]],
        every_s: float,
        alive: Callable[[], bool],
    ) -> None:
        """Tell of the animals by their names.

        Args:
            pictures: where snapshots.Snapshots puts them, which must be told before.
            report: the statistics, asked for every `every_s` seconds.
            update: which version runs and what becomes of an update, asked for as often.
            alive: whether the courier still goes.
        """
        self._desk = desk
        self._slugs = slugs(animals)
        self._pictures = pictures
        self._health = health
        self._report = report
        self._every_s = every_s
        self._alive = alive
        self._open: dict[str, Visit] = {}
        self._picture: tuple[str, int] | None = None
        self._reported: float | None = None
        self._update = update
        desk.state(UPDATE, as_json(update()))

    def tell(self, passes: Sequence[Told]) -> None:
        for told in passes:
            for visit in told.decision.visits:
                self._follow(visit)
            if told.decision.events:
                self._desk.ring()
        if passes:
            self._state(passes[-1].observation, passes[-1].decision)
        if not self._alive():
            raise StoreError("nothing is told to the broker any more: the log above says why; start again")

    def close(self) -> None:
        """The courier is closed by whoever began it."""

    def _follow(self, visit: Visit) -> None:
        if visit.phase is VisitPhase.END:
            self._open.pop(visit.id, None)
            self._desk.ring()
        else:
            self._open[visit.id] = visit
            self._desk.news(VISITS, as_json(visit_document(visit)))
        self._show(visit)

    def _show(self, visit: Visit) -> None:
        """The best picture of the visitor, if it is new."""
        path = picture_path(self._pictures, visit, 1)
        try:
            known = (path.name, path.stat().st_mtime_ns)
            if known != self._picture and path.stat().st_size <= LARGEST:
                self._desk.state(SNAPSHOT, path.read_bytes())
                self._picture = known
        except OSError:
            return  # a visit without a picture

    def _state(self, observation: Observation, decision: Decision) -> None:
        here = list(self._open.values())
        for topic, payload in standing(observation, decision, here).items():
            self._desk.state(topic, payload)
        present = {visit.who for visit in here}
        for name, slug in self._slugs.items():
            where = decision.whereabouts.get(name, Whereabouts())
            self._desk.state(cat_topic(slug), as_json(cat(name, name in present, where)))
        self._desk.state(PROBLEM, as_json(problem(self._health.report())))
        if self._reported is None or not 0 <= observation.time - self._reported < self._every_s:
            self._reported = observation.time
            self._desk.state(STATISTICS, as_json(statistics(self._report())))
            self._desk.state(UPDATE, as_json(self._update()))


def standing(observation: Observation, decision: Decision, here: Sequence[Visit]) -> dict[str, str]:
    """How door, owner's settings, visitors and decision stand, by topic."""
    inputs, settings = observation.inputs, observation.settings
    return {
        LOCK: inputs.bolt.value,
        DOOR: inputs.door.value,
        MODE: settings.mode.value,
        ENFORCE: switch(settings.enforce),
        VISITOR: as_json(visitors(here)),
        DECISION: as_json(decided(decision, settings)),
    }


def visitors(here: Sequence[Visit]) -> dict[str, object]:
    """Who is before the door."""
    return {
        "present": switch(bool(here)),
        "cat": switch(any(visit.species == "cat" for visit in here)),
        "prey": switch(any(carries(visit) for visit in here)),
        "who": [visit.who for visit in here],
        "species": [visit.species for visit in here],
    }


def carries(visit: Visit) -> bool:
    """Whether something in the mouth is proven."""
    return any(meter.name == "mouth empty" and meter.proven is False for meter in visit.evidence)


def decided(decision: Decision, settings: Settings) -> dict[str, object]:
    """The decision in force with its reason; a lockout's remaining seconds are rounded to tens."""
    return {
        "outcome": decision.outcome.value,
        "rule": decision.rule,
        "reason": decision.reason,
        "would_unlock": decision.would,
        "settings_lost": settings.lost,
        "lockouts": {who: _tens(left) for who, left in decision.lockouts.items()},
    }


def _tens(seconds: float) -> float | None:
    return round(seconds, -1) if math.isfinite(seconds) else None


def cat(name: str, present: bool, where: Whereabouts) -> dict[str, object]:
    """One of the household's animals; when it was seen is told to the minute."""
    seen = where.seen_wall
    return {
        "name": name,
        "at_door": switch(present),
        "place": where.place.value,
        "last_seen": instant(None if seen is None else seen - seen % 60),
    }


def problem(report: Iterable[Condition]) -> dict[str, object]:
    """Whether any part has a fault, and what all parts say."""
    parts = [each for each in report if each.state in (State.FAULT, State.WARNING)]
    faults = sorted({each.fault.value for each in parts if each.fault is not None})
    return {
        "problem": switch(any(each.state is State.FAULT for each in parts)),
        "parts": {each.part: f"{each.text}; {each.fix}" if each.fix else each.text for each in parts},
        "faults": faults,
    }


def statistics(report: Report) -> Mapping[str, object]:
    """The figures, rounded to what they are worth; null where nothing measures."""
    held_back = report.throttled
    return {
        "frames_per_s": round(report.frames_per_s, 1),
        "latency_p50_ms": _ms(report.latency_p50_s),
        "latency_p95_ms": _ms(report.latency_p95_s),
        "temperature_c": None if report.temperature_c is None else round(report.temperature_c, 1),
        "throttled": None if held_back is None else switch(bool(held_back)),
        "throttled_why": held_back,
    }


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


def switch(on: bool) -> str:
    return "ON" if on else "OFF"
