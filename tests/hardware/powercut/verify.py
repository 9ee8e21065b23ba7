"""What a device finds after a power cut, by its own code, against what had been promised before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device import registry
from device.errors import LatchlensError
from device.messages import Mode
from device.tell import database
from device.tell.opening import open_store
from device.tell.records import Records
from device.tell.settings import StoredSettings
from device.updating.places import CURRENT, FALLBACK, Places
from tests.hardware.powercut.workload import HEAD, change, visit

MANY = 1_000_000


@dataclass(slots=True)
class Promised:
    """What must be there, and what may be, at one point of the record."""

    visits: set[int] = field(default_factory=set)
    begun: set[int] = field(default_factory=set)
    """Visits that may be there."""
    latest: dict[str, str] = field(default_factory=dict)
    """The last value of each kind that was said to be kept."""
    under_way: dict[str, str] = field(default_factory=dict)
    """What was about to take its place."""

    def allows(self, kind: str, found: str) -> bool:
        return found in (self.latest[kind], self.under_way.get(kind))


def promised(marks: Sequence[dict[str, Any]]) -> Promised:
    """From the marks up to the cut; what was there at the beginning counts as promised, too."""
    known = Promised(latest={"mode": Mode.NORMAL.value, "model": "1", "update": "0.0-abc"})
    for mark in marks:
        kind, value = mark["kind"], mark["value"]
        if kind == "visit":
            known.begun.add(int(value))
            if mark["done"]:
                known.visits.add(int(value))
        elif mark["done"]:
            known.latest[kind] = value
            known.under_way.pop(kind, None)
        else:
            known.under_way[kind] = value
    return known


def faults(folder: Path, known: Promised) -> Iterator[str]:
    """Everything that is wrong in what was on the disk; the device's own start repairs what it can."""
    state, home = folder / "state", folder / "home"
    try:
        yield from _database(state)
        yield from _versions(state, home, known)
        yield from _visits(state, known)
        yield from _settings(state, known)
        found = registry.read(state / "models", HEAD)
        if found is None or not known.allows("model", found.active):
            yield f"model: {found.active if found else None} is in use, promised was {known.latest['model']}"
    except (LatchlensError, OSError, sqlite3.Error) as error:
        yield f"start: {type(error).__name__}: {error}"


def _database(state: Path) -> Iterator[str]:
    with closing(sqlite3.connect(state / database.NAME)) as connection:
        told = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if told != "ok":
        yield f"database: {told}"


def _versions(state: Path, home: Path, known: Promised) -> Iterator[str]:
    """As latchlens-return.service does at every start: an update that has not ended is taken back."""
    places = Places(home)
    cut_short = places.named(FALLBACK)
    if cut_short is not None and places.named(CURRENT) is None:
        yield "update: no version is current"
    change(home, state).go_back()
    current = places.named(CURRENT)
    if current is None or not known.allows("update", current):
        yield f"update: {current} is current, promised was {known.latest['update']}"
    elif (places.version(current) / "whole").read_text(encoding="utf-8") != current:
        yield f"update: {current} is not whole"


def _visits(state: Path, known: Promised) -> Iterator[str]:
    open_store(state).close()
    if database.damaged(state):
        yield "database: was set aside as damaged"
    with Records(state) as records:
        found = {each.id: each for each in records.visits(limit=MANY)}
    lost = [number for number in known.visits if found.get(visit(number).id) != visit(number)]
    if lost:
        yield f"visits: {len(lost)} of {len(known.visits)} that were acknowledged are lost"
    if strange := set(found) - {visit(number).id for number in known.begun}:
        yield f"visits: nobody ever wrote {strange}"


def _settings(state: Path, known: Promised) -> Iterator[str]:
    with closing(StoredSettings(state)) as stored:
        settings = stored.current()
    if settings.mode is Mode.UNLOCKED or not settings.enforce:
        yield f"settings: open for all: {settings}"
    if settings.lost or not known.allows("mode", settings.mode.value):
        yield f"settings: mode {settings.mode.value}, promised was {known.latest['mode']}"
