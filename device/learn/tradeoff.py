"""What every threshold would have cost and spared: clean visits kept out against bad ones let in.

Each visit is known by one number, the value that its meter held up for as long as a proof takes. A threshold
below it lets the visit in, any other keeps it out; so all thresholds are counted at once, and whoever moves a
slider reads what was counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from device.learn.bounds import at_most
from device.learn.promises import Replayed
from device.learn.thresholds import LOWEST, MARGIN

MOST = 200
"""So many thresholds are told; of more that would differ, evenly many of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One threshold, and what would have come of the visits that were judged."""

    threshold: float
    locked_out: int
    """Clean visits never let in."""
    clean: int
    let_in: int
    """Bad visits let in."""
    bad: int
    locked_out_at_most: float
    """Bound of the true rate, one-sided, at 95 % confidence."""
    let_in_at_most: float


def tradeoff(visits: Sequence[Replayed], light: str) -> tuple[Step, ...]:
    """A step for every threshold that changes something in one light, from the lowest; () without visits."""
    clean = np.array(sorted(each.held for each in visits if each.light == light and not each.bad))
    bad = np.array(sorted(each.held for each in visits if each.light == light and each.bad))
    if not len(clean) + len(bad):
        return ()
    return tuple(_step(each, clean, bad) for each in _thresholds(clean, bad))


def _thresholds(clean: np.ndarray, bad: np.ndarray) -> list[float]:
    """The lowest there may be, and one just above each value that was held up."""
    held = np.unique(np.concatenate([clean, bad]))
    found = [LOWEST, *(float(each) + MARGIN for each in held if each + MARGIN > LOWEST)]
    places = np.unique(np.linspace(0, len(found) - 1, min(MOST, len(found))).round().astype(int))
    return [found[place] for place in places]


def _step(threshold: float, clean: np.ndarray, bad: np.ndarray) -> Step:
    out = int(np.searchsorted(clean, threshold, side="right"))
    let_in = len(bad) - int(np.searchsorted(bad, threshold, side="right"))
    return Step(
        threshold=round(threshold, 4),
        locked_out=out,
        clean=len(clean),
        let_in=let_in,
        bad=len(bad),
        locked_out_at_most=at_most(out, len(clean)),
        let_in_at_most=at_most(let_in, len(bad)),
    )
