"""How the meters of a visit rose and fell over the frames that are kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from device.messages import MeterReading, Sighting

MOVED = 3
"""So many frames of each meter are told apart as those that moved it most."""
LEAST = 0.05
"""What moves a meter less is not worth naming."""

Kept = tuple[Sighting, Sequence[MeterReading]]
"""A frame of a visit, and its meters right after it."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One meter over the kept frames of a visit."""

    name: str
    needed: float
    """Proof above it: the strictest that was asked for."""
    refuted: float
    """The opposite is proven below it."""
    values: tuple[float | None, ...]
    """After each frame, in their order; None where it was not known."""
    moved: tuple[int, ...] = ()
    """The places of the frames that moved it most, the strongest first; leaking and new attempts apart."""


def curves(kept: Sequence[Kept]) -> tuple[Curve, ...]:
    """The curve of every meter that had a value at some frame, in the order in which they came up."""
    names = dict.fromkeys(reading.name for _, readings in kept for reading in readings)
    return tuple(_curve(name, kept) for name in names)


def _curve(name: str, kept: Sequence[Kept]) -> Curve:
    readings = [next((each for each in found if each.name == name), None) for _, found in kept]
    known = [each for each in readings if each is not None]
    return Curve(
        name=name,
        needed=max(each.needed for each in known),
        refuted=known[-1].refuted,
        values=tuple(None if each is None else round(each.value, 2) for each in readings),
        moved=_moved(readings),
    )


def _moved(readings: Sequence[MeterReading | None]) -> tuple[int, ...]:
    """Where a usable frame came in, by how far the meter went."""
    steps = {}
    for place, (before, after) in enumerate(pairwise([None, *readings])):
        value, frames = (before.value, before.usable_frames) if before else (0.0, 0)
        if after is not None and after.usable_frames > frames and abs(after.value - value) >= LEAST:
            steps[place] = abs(after.value - value)
    return tuple(sorted(steps, key=lambda place: (-steps[place], place))[:MOVED])
