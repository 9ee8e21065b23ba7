"""What the page and the API serve: the parts of one running device, as they are handed to the web."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from device.act.trial import Report
from device.config import Project
from device.interfaces import Clock
from device.messages import Ask, Mode, Observation, Pixels, Request
from device.tell.day import Day
from device.tell.health import Health
from device.tell.lines import Lines
from device.tell.outbox import Announce
from device.tell.statistics import Statistics
from device.web.latest import Latest
from device.web.reading import Reading

Redact = Callable[[Pixels, Observation], Pixels]
"""Gives a copy of a picture in which no person can be recognised."""


class Owner(Protocol):
    """Keeps what the owner sets; for any thread."""

    def set_mode(self, mode: Mode, wall: float | None = None) -> None: ...

    def set_enforce(self, enforce: bool, wall: float | None = None) -> None: ...


class Asking(Protocol):
    """Takes requests to the loop; for any thread."""

    def ask(self, kind: Ask, by: str, id: str | None = None) -> Request: ...  # noqa: A002


class PanicButton(Protocol):
    """The guard's own button; for any thread."""

    def panic(self) -> None: ...


class Trial(Protocol):
    """Tries the bolt for its owner; for any thread."""

    def begin(self) -> None: ...

    def report(self) -> Report: ...


@dataclass(frozen=True, slots=True)
class Appliance:
    """One device that is served."""

    folder: Path
    """The state directory."""
    project: Project
    path: Path | None
    """The project file, None if it is not one that the owner may change."""
    latest: Latest
    reading: Reading
    owner: Owner
    requests: Asking
    guard: PanicButton
    health: Health
    clock: Clock
    redact: Redact
    models: Mapping[str, str]
    """The sha256 of each model and head in use by name and version."""
    statistics: Statistics | None = None
    """How the device itself does, where that is measured."""
    trial: Trial | None = None
    """None where nobody can hear a bolt, as in a simulation."""
    restart: Callable[[], None] | None = None
    """Ends the device so that it starts again; None where nothing would start it."""
    no_restart: Callable[[], str] = str
    """Why it must not be started again just now, "" if it may."""
    announce: Announce | None = None
    """What of the events that happen at the page must reach the broker."""
    day: Day | None = None
    """The figures of the last day, where they are taken."""
    lines: Lines | None = None
    """The last lines of the log, where they are kept."""
