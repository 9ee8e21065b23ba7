"""What the device needs of a broker, and what takes its place where the project names none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from device.interfaces import Clock
from device.messages import Fault, Mode
from device.tell.health import Health, State
from device.tell.outbox import Announce
from device.tell.requests import Requests
from device.tell.sink import Sink


class OwnersSettings(Protocol):
    """What the owner may set from afar."""

    def set_mode(self, mode: Mode, wall: float | None = None) -> None: ...

    def set_enforce(self, enforce: bool, wall: float | None = None) -> None: ...


class Broker(Protocol):
    """Built first, so that the store knows whom to announce to, and started last."""

    announce: Announce | None
    """What of visits and events must reach the broker."""

    def sinks(self, pictures: Path, health: Health) -> Sequence[Sink]:
        """Whom the teller tells, after the store and the snapshots in the folder `pictures`."""
        ...

    def start(
        self, state: Path, requests: Requests, settings: OwnersSettings, health: Health, clock: Clock
    ) -> None:
        """Look for the broker from now on; `state` is the state directory, whose store is open.

        Raises:
            StoreError: the outbox cannot be opened.
        """
        ...

    def close(self) -> None:
        """Tell the broker what is left, once the teller is closed, and go."""
        ...


class NoBroker:
    """Implements Broker where there is none: nothing is announced, put aside or sent."""

    announce: Announce | None = None

    def __init__(self, fault: str = "") -> None:
        """`fault` is why there is none, if the project names one."""
        self._fault = fault

    def sinks(self, pictures: Path, health: Health) -> Sequence[Sink]:  # noqa: ARG002
        return ()

    def start(
        self, state: Path, requests: Requests, settings: OwnersSettings, health: Health, clock: Clock
    ) -> None:
        """Nobody is looked for; why, is said."""
        del state, requests, settings, clock
        if self._fault:
            fix = "correct [mqtt] and start again"
            health.set("broker", State.FAULT, self._fault, fix, fault=Fault.BROKER)

    def close(self) -> None:
        """There is nothing to tell."""
