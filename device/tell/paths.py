"""Where an animal walked and waited: cells of a grid over the picture, and for how long it stood in each.

A visit's path is kept in some sixty bytes, so that tens of thousands are added up while somebody waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

import numpy as np

from device.errors import StoreError
from device.messages import Box, Sighting
from device.tell import wire
from device.tell.packing import unpacked

COLUMNS, ROWS = 32, 24
"""Of the grid."""
LONGEST_S = 2.0
"""One frame stands for no more, unless frames of a long visit were left out."""
MOST = 0xFFFF
"""Of what two bytes hold; longer stays count as this."""


def path(sightings: Iterable[Sighting]) -> bytes:
    """The path of a visit: pairs of a cell and the tenths of a second there, two bytes each."""
    stays: dict[int, float] = {}
    for track in _tracks(sightings):
        for cell, seconds in _stays(track):
            stays[cell] = stays.get(cell, 0.0) + seconds
    pairs = [(cell, min(max(round(seconds * 10), 1), MOST)) for cell, seconds in sorted(stays.items())]
    return np.array(pairs, "<u2").tobytes()


def path_of(kept: bytes) -> bytes:
    """The path of a visit from its evidence as it is packed; an empty one if that is damaged."""
    try:
        lines = unpacked(kept, "").splitlines()
        return path(wire.read(Sighting, line, "") for line in lines)
    except StoreError:
        return b""


def heat(paths: Iterable[bytes]) -> tuple[float, ...]:
    """Seconds in each cell of all `paths` together, row by row from the top left."""
    pairs = np.frombuffer(b"".join(each for each in paths if len(each) % 4 == 0), "<u2").reshape(-1, 2)
    inside = pairs[pairs[:, 0] < COLUMNS * ROWS]
    tenths = np.bincount(inside[:, 0], weights=inside[:, 1], minlength=COLUMNS * ROWS)
    return tuple(float(each) for each in np.round(tenths / 10, 1))


def cell_of(box: Box) -> int:
    """The cell in which an animal stands: where its box meets the ground."""
    column = min(max(int(box.centre[0] * COLUMNS), 0), COLUMNS - 1)
    row = min(max(int(box.bottom * ROWS), 0), ROWS - 1)
    return row * COLUMNS + column


def _tracks(sightings: Iterable[Sighting]) -> Iterable[list[Sighting]]:
    found: dict[int, list[Sighting]] = {}
    for each in sightings:
        if each.track.seen:
            found.setdefault(each.track.id, []).append(each)
    return found.values()


def _stays(track: Sequence[Sighting]) -> Iterable[tuple[int, float]]:
    """Each frame stands until the next of its track."""
    gaps = [max(later.track.time - earlier.track.time, 0.0) for earlier, later in pairwise(track)]
    usual = median(gaps) if gaps else 0.2
    longest = max(LONGEST_S, 2 * usual)
    for sighting, seconds in zip(track, [*gaps, usual], strict=True):
        yield cell_of(sighting.track.box), min(seconds, longest)
