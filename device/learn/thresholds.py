"""Sets a meter's threshold so that a promise holds: at most alpha of the bad attempts get past it.

The maxima that bad attempts reached, scored by heads that were not taught with them, are sorted; the
threshold A is the order statistic M(r*) with

    r* = min { r : P(Binomial(n, 1 - alpha) >= r) <= delta }

so that with probability 1 - delta at most alpha of all bad attempts exceed A, whatever their distribution
(Tong, Feng, Li: "Neyman-Pearson classification algorithms and NP receiver operating characteristics",
Science Advances 4, 2018). It exists only for n >= ln(delta) / ln(1 - alpha), 29 for 10 % and 5 %. Below that
nothing is promised, and the owner's patience with clean visits kept out limits the threshold (`unpromised`).

Attempts of one visit are not independent, so a visit counts once, by its highest attempt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from device.learn.bounds import at_least

Rate = Annotated[float, Field(gt=0, lt=1)]

PATIENCE = 0.015
"""How many of those who may enter may be kept out while too few bad visits are known for a promise."""
LOWEST = 0.5
"""No threshold is lower: a meter that has hardly moved proves nothing, whatever was seen so far."""
MARGIN = 1e-3
"""What reached the threshold exactly must not be above it after rounding."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What the owner wants promised for one meter."""

    alpha: Rate = 0.10
    """The most of bad attempts that may get in."""
    delta: Rate = 0.05
    """The probability that the promise may be broken."""
    patience: Rate = PATIENCE
    """How many of those who may enter may be kept out while nothing can be promised yet."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A threshold and what is known of it."""

    threshold: float
    alpha: float
    delta: float
    n: int
    """How many bad visits, or distinct strangers, it rests on."""
    missing: int
    """How many more are needed before anything is promised; 0 if it is."""

    @property
    def guaranteed(self) -> bool:
        return self.missing == 0

    def in_words(self, kind: str) -> str:
        """One sentence for the owner; `kind` is what gets in: "prey visits" or "strangers"."""
        if not self.guaranteed:
            return f"not yet guaranteed: {self.missing} more {kind} needed ({self.n} seen)"
        return (
            f"at most {self.alpha:.0%} of {kind} get in at an attempt, "
            f"at {1 - self.delta:.0%} confidence ({self.n} seen)"
        )


def fewest(alpha: float, delta: float) -> int:
    """How many bad attempts it takes before anything can be promised."""
    n = max(math.ceil(math.log(delta) / math.log1p(-alpha)) - 1, 1)
    while (1 - alpha) ** n > delta:
        n += 1
    return n


def rank(n: int, alpha: float, delta: float) -> int | None:
    """r*, 1 to n: which of n sorted maxima is the threshold; None if n is too small.

    That r or more of n lie below the true (1 - alpha) quantile has a probability of at most delta exactly
    when the lower bound on the rate r / n, at confidence 1 - delta, is at least 1 - alpha.
    """
    if n < fewest(alpha, delta):
        return None
    low, high = 1, n
    while low < high:
        middle = (low + high) // 2
        enough = at_least(middle, n, 1 - delta) >= 1 - alpha
        low, high = (low, middle) if enough else (middle + 1, high)
    return low


def promise(bad: Sequence[float], clean: Sequence[float], goal: Goal | None = None) -> Promise:
    """The threshold from the highest attempts of bad visits and of clean ones, none censored.

    Args:
        bad: one maximum for each bad visit, for a meter of identity one for each distinct stranger.
        clean: one maximum for each visit that ought to be let in.
    """
    goal = goal or Goal()
    n, place = len(bad), rank(len(bad), goal.alpha, goal.delta)
    threshold = unpromised(bad, clean, goal.patience) if place is None else sorted(bad)[place - 1] + MARGIN
    missing = 0 if place is not None else fewest(goal.alpha, goal.delta) - n
    return Promise(max(threshold, LOWEST), goal.alpha, goal.delta, n, missing)


def unpromised(bad: Sequence[float], clean: Sequence[float], patience: float) -> float:
    """The threshold while bad visits are too few: above all that were seen, as far as patience allows.

    Between the highest bad maximum and the lowest clean one it stands in the middle. Where they overlap, few
    bad visits would lock out many clean ones for little: then the clean ones decide, of whom at most
    `patience` stays below.
    """
    if not clean:
        return max(bad, default=LOWEST) + MARGIN
    ordered, highest = sorted(clean), max(bad, default=0.0)
    bearable = ordered[math.floor(patience * len(ordered))]
    return (highest + bearable) / 2 if highest < bearable else bearable - MARGIN
