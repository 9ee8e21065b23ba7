"""The owner far away, who sees a message and taps: what a scene lets them ask of the door, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from device.messages import Ask, Mode, Request, Settings
from simulator.visitors import Seconds
from simulator.world import World

CHOSEN = Settings(Mode.NORMAL, enforce=True)
"""What the owner has set unless a scene is played otherwise."""


@dataclass(frozen=True, slots=True)
class Tap:
    """One `[[tap]]`: the owner asks for something."""

    what: Ask
    at: Seconds


class Owner:
    """Implements interfaces.RequestSource in the time of the scene."""

    def __init__(self, taps: Sequence[Tap], world: World) -> None:
        self._taps = sorted(taps, key=lambda tap: tap.at)
        self._world = world
        self._taken = 0

    def take(self) -> tuple[Request, ...]:
        """What was tapped since the last time."""
        due = [tap for tap in self._taps[self._taken :] if tap.at <= self._world.time]
        begun, self._taken = self._taken, self._taken + len(due)
        return tuple(Request(f"tap-{begun + n}", tap.what, "the owner") for n, tap in enumerate(due, 1))
