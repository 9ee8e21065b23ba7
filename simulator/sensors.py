"""What the house's sensors make of the world: motion with a lag, and chips that are read now and then."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from pydantic import Field

from device.see.chip import ETX, STX, ChipReader, frames
from simulator.visitors import NO_CHIP, Actor, Phase

ROUNDING = 1e-6

Seconds = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class SensorSettings:
    """`[sensors]` of a scene: how late and how badly is felt."""

    lag: Seconds = 0.4
    """Seconds from the first movement to a motion sensor's output."""
    hold: Seconds = 3.0
    """Seconds for which it keeps its output after the last movement."""
    misses: Annotated[float, Field(ge=0, le=1)] = 0.3
    """How often a chip within range is not read."""
    reads_every: Annotated[float, Field(gt=0)] = 0.3
    """Seconds between two attempts to read a chip."""
    reach: Annotated[float, Field(ge=0, le=1)] = 0.85
    """From how near on a chip is within range: 0 where a visitor comes into view, 1 at the flap."""


@dataclass(slots=True)
class Motion:
    """A motion sensor's output."""

    settings: SensorSettings
    _since: float | None = None
    _until: float = float("-inf")

    def feel(self, time: float, moving: bool) -> bool:
        """The output at `time`, while something moves or not."""
        if not moving:
            self._since = None
            return time < self._until
        self._since = time if self._since is None else self._since
        if time - self._since >= self.settings.lag:
            self._until = time + self.settings.hold
        return time < self._until


@dataclass(slots=True)
class Antenna:
    """The chip reader's antenna at the flap, and the port on which it sends what it read.

    It feels both sides of the flap alike, and two chips at once garble each other. A port in the
    sense of pyserial, so that the device's own driver reads the frames off it.
    """

    settings: SensorSettings
    random: np.random.Generator
    reads: list[tuple[float, str]] = field(default_factory=list)
    _next: float = 0.0
    _sent: bytearray = field(default_factory=bytearray)

    def feel(self, time: float, actors: Iterable[Actor]) -> None:
        """Try to read whoever is near, if it is time for that."""
        if time < self._next:
            return
        # A beat of its own, whatever came before; times that were added up may differ by a little.
        every = self.settings.reads_every
        self._next = (math.floor(time / every + ROUNDING) + 1) * every - ROUNDING
        near = [actor for actor in actors if self._in_reach(actor)]
        if len(near) == 1 and self.random.random() >= self.settings.misses:
            self.reads.append((time, near[0].visitor.chip))
            self._sent += frame_of(near[0].visitor.chip)

    def _in_reach(self, actor: Actor) -> bool:
        wears = actor.visitor.chip not in ("", NO_CHIP)
        there = actor.about and actor.near >= self.settings.reach
        return wears and (there or actor.phase is Phase.PASSING)

    def read(self, size: int) -> bytes:
        """At most `size` bytes of what was sent; never waits."""
        taken = bytes(self._sent[:size])
        del self._sent[:size]
        return taken

    def close(self) -> None:
        """The antenna is part of the house; it stays."""


def frame_of(number: str) -> bytes:
    """The 30 bytes that common reader modules send of a chip's 15 digits."""
    country, national = int(number[:3]), int(number[3:])
    body = f"{national:010X}"[::-1] + f"{country:04X}"[::-1] + "01" + "0" * 10
    checksum = 0
    for byte in body.encode("ascii"):
        checksum ^= byte
    return bytes([STX, *body.encode("ascii"), checksum, checksum ^ 0xFF, ETX])


def build(antenna: Antenna) -> ChipReader:
    """The device's own driver on the antenna's port, as `[chip]` would build it."""
    return ChipReader(lambda: antenna, frames, antenna)
