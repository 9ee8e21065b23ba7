"""Rounds: something is looked at every so often, and `health` says how it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from device.tell.database import damaged
from device.tell.health import Health, State
from device.tell.quota import free_bytes
from device.tell.sink import Told

DISK_S, DAMAGE_S = 60.0, 5.0
"""How often the disk is looked at, and the folder for databases that were set aside."""
MOVE_AWAY = (
    "look at the disk or card; copy that file if you miss its visits, then move it away, and this ends"
)

Found = tuple[State, str, str]
"""How a part is, what was found in plain words, and what the owner can do."""


class Rounds:
    """Implements sink.Sink: calls `look` every `every_s` seconds and says in `health` how `part` is."""

    def __init__(self, health: Health, part: str, every_s: float, look: Callable[[], Found]) -> None:
        self._health = health
        self._part = part
        self._every_s = every_s
        self._look = look
        self._next = float("-inf")

    def tell(self, passes: Sequence[Told]) -> None:
        if not passes or passes[-1].observation.time < self._next:
            return
        latest = passes[-1].observation
        self._next = latest.time + self._every_s
        self._health.set(self._part, *self._look(), time=latest.time, wall=latest.wall)

    def close(self) -> None:
        """Nothing is held."""


def disk(health: Health, folder: Path, floor: int, free: Callable[[Path], int] = free_bytes) -> Rounds:
    """How much of the disk of `folder` is free; `floor` is what is to stay free, in bytes."""

    def look() -> Found:
        left = free(folder)
        text = f"{left / 1e6:.0f} MB are free"
        if left < floor // 10:
            return State.FAULT, text, "make room: soon nothing can be kept, though the door goes on deciding"
        if left < floor:
            return State.WARNING, text, "make room: the oldest pictures are being given up"
        return State.OK, text, ""

    return Rounds(health, "disk", DISK_S, look)


def damage(health: Health, folder: Path) -> Rounds:
    """Whether a damaged database that was set aside lies in `folder`: the visits in it are missed."""

    def look() -> Found:
        aside = ", ".join(each.name for each in damaged(folder))
        if not aside:
            return State.OK, "sound", ""
        return State.WARNING, f"the database was damaged, a new one was begun; kept as {aside}", MOVE_AWAY

    return Rounds(health, "store", DAMAGE_S, look)
