"""A device whose page and API are asked by tests: real application, store and access; no loop, no socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import FastAPI
from starlette.testclient import TestClient

from device.config import parse_project
from device.messages import (
    Decision,
    Frame,
    Heading,
    MeterReading,
    Outcome,
    Visit,
    VisitKind,
    VisitPhase,
)
from device.see.privacy import without_persons
from device.tell.health import Health
from device.tell.requests import Requests
from device.tell.settings import StoredSettings
from device.tell.statistics import Statistics
from device.tell.store import Store
from device.web.access import Access
from device.web.appliance import Appliance
from device.web.application import build
from device.web.caller import Scope
from device.web.latest import Latest
from device.web.reading import Reading
from tests.making import observation, sighting
from tests.recordings import PROJECT

HOME = "http://127.0.0.1:8080"
CHEAP = 16
"""scrypt's N: what it costs to guess is no matter here."""
PASSWORD = "four words that match"
TEXT = PROJECT.format(path="pictures")


@dataclass(slots=True)
class Button:
    """Implements PanicButton."""

    pressed: int = 0

    def panic(self) -> None:
        self.pressed += 1


@dataclass(slots=True)
class Watch:
    """A clock that stands where it is put; also the seconds for back-off."""

    time: float = 100.0

    def now(self) -> float:
        return self.time

    def wall(self) -> float | None:
        return 1_800_000_000.0 + self.time


@dataclass(slots=True)
class Site:
    """A served device and everything behind it."""

    folder: Path
    appliance: Appliance
    access: Access
    app: FastAPI
    clock: Watch
    button: Button
    requests: Requests
    latest: Latest
    tokens: dict[Scope, str] = field(default_factory=dict)

    def stranger(self) -> TestClient:
        """A browser or program without credentials."""
        return TestClient(
            self.app, HOME, raise_server_exceptions=False, follow_redirects=False, client=("127.0.0.1", 5)
        )

    def program(self, scope: Scope = Scope.READ) -> TestClient:
        """A program with a token."""
        if scope not in self.tokens:
            self.tokens[scope] = self.access.tokens.create(f"{scope}-program", scope)
        client = self.stranger()
        client.headers["Authorization"] = f"Bearer {self.tokens[scope]}"
        return client

    def look(self, decision: Decision | None = None, image: np.ndarray | None = None) -> Frame:
        """Let the loop make a pass over a frame with a cat in it."""
        pixels = np.full((480, 640, 3), 90, np.uint8) if image is None else image
        frame = Frame(self.clock.time, pixels, pixels[:, :, 0], number=self.latest.tally.frames + 1)
        seen = observation(self.clock.time, sighting())
        decided = decision or Decision(self.clock.time, Outcome.UNDECIDED, "", "waiting")
        self.latest.publish(frame, seen, decided)
        if self.appliance.statistics:
            self.appliance.statistics.publish(frame, seen, decided)
        return frame


def site(folder: Path, own_file: bool = True, text: str = TEXT, **more: Any) -> Site:
    """A device in `folder` with its project file, its store, nobody logged in; `more` is the appliance's."""
    state = folder / "state"
    Store(state).close()
    path = folder / "mine.toml" if own_file else None
    if path:
        path.write_text(text)
    clock, button, requests, latest = Watch(), Button(), Requests(), Latest()
    appliance = Appliance(
        folder=state,
        project=parse_project(text, "mine"),
        path=path,
        latest=latest,
        reading=Reading(state),
        owner=StoredSettings(state),
        requests=requests,
        guard=button,
        health=Health(),
        clock=clock,
        redact=without_persons,
        models={"ssd-mobilenet-v2-oid/1": "0" * 64},
        statistics=Statistics(clock, sys=folder),
        **more,
    )
    access = Access(state, clock.now, cost=CHEAP)
    return Site(state, appliance, access, build(appliance, access), clock, button, requests, latest)


def ended(number: int, **changes: object) -> Visit:
    """A visit that is over: mimi came in, an hour after the visit before."""
    meter = MeterReading("own", 5.2, 4.0, -4.0, 12, True)
    given: dict[str, object] = {
        "started": number * 3600.0,
        "ended": number * 3600.0 + 8.0,
        "started_wall": 1_800_000_000.0 + number * 3600.0,
        "tracks": (number,),
        "species": "cat",
        "who": "mimi",
        "outcome": Outcome.UNLOCK,
        "rule": "own",
        "reason": "one of ours, mouth empty",
        "kind": VisitKind.TRANSIT,
        "direction": Heading.IN,
        "phase": VisitPhase.END,
        "evidence": (meter,),
        "frames": 40,
    }
    return Visit(id=f"0a1b2c3d-{number}", **{**given, **changes})  # type: ignore[arg-type]
