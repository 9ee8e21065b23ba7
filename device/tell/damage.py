"""Says that a database was damaged and set aside, as long as it lies there: the visits in it are missed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from device.tell.database import damaged
from device.tell.health import Health, State
from device.tell.sink import Told

LOOK_S = 5.0
"""How often the folder is looked at."""
FIX = "look at the disk or card; copy that file if you miss its visits, then move it away, and this ends"


class DamageSink:
    """Implements sink.Sink: says in `health` which databases were set aside in `folder`."""

    def __init__(self, health: Health, folder: Path) -> None:
        self._health = health
        self._folder = folder
        self._next = float("-inf")

    def tell(self, passes: Sequence[Told]) -> None:
        if not passes or passes[-1].observation.time < self._next:
            return
        latest = passes[-1].observation
        self._next = latest.time + LOOK_S
        aside = ", ".join(each.name for each in damaged(self._folder))
        state = State.WARNING if aside else State.OK
        text = f"the database was damaged, a new one was begun; kept as {aside}" if aside else "sound"
        fix = FIX if aside else ""
        self._health.set("store", state, text, fix, time=latest.time, wall=latest.wall)

    def close(self) -> None:
        """Nothing is held."""
