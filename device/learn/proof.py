"""Which labels speak for what a meter proves, and which against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.decide.subject import CLEAN, PREY, STRANGER
from device.learn.vocabulary import PREY as MOUTH
from device.learn.vocabulary import WHO

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sides:
    """The labels of one head on both sides of what its meter proves, by their numbers."""

    good: tuple[int, ...]
    bad: tuple[int, ...]
    kind: str
    """What gets in wrongly, for people: "prey visits" or "strangers"."""

    def ratios(self, scores: Doubles) -> Doubles:
        """(n,) the meter's log ratios from (n, K) log scores, as decide.subject forms them."""
        ratios: Doubles = _together(scores[:, self.good]) - _together(scores[:, self.bad])
        return ratios


def sides(task: str, labels: Sequence[str]) -> Sides | None:
    """The sides of a head for "prey" or "who"; None for a task without a meter, or a side never taught."""
    if task == MOUTH:
        good, bad, kind = [CLEAN], [PREY], "prey visits"
    elif task == WHO:
        good, bad, kind = [each for each in labels if each != STRANGER], [STRANGER], "strangers"
    else:
        return None
    inside, outside = (tuple(labels.index(each) for each in side if each in labels) for side in (good, bad))
    return Sides(inside, outside, kind) if inside and outside else None


def _together(scores: Doubles) -> Doubles:
    highest = scores.max(axis=1)
    together: Doubles = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
    return together
