"""Sets a meter's threshold so that a promise holds: at most alpha of the bad attempts get past it.

The maxima that bad attempts reached, scored by heads that were not taught with them, are sorted; the
threshold A is the order statistic M(r*) with

    r* = min { r : P(Binomial(n, 1 - alpha) >= r) <= delta }

so that with probability 1 - delta at most alpha of all bad attempts exceed A, whatever their distribution
(Tong, Feng, Li: "Neyman-Pearson classification algorithms and NP receiver operating characteristics",
Science Advances 4, 2018). It exists only for n >= ln(delta) / ln(1 - alpha), 29 for 10 % and 5 %. Below that
nothing is promised; the threshold is the largest bad maximum seen or what costs least, whichever is higher.

Attempts of one visit are not independent, so a visit counts once, by its highest attempt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from device.learn.bounds import at_least

Rate = Annotated[float, Field(gt=0, lt=1)]

LOWEST = 1.0
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
    cost: Annotated[float, Field(gt=0)] = 10.0
    """How many clean visits kept out are as bad as one bad visit let in."""


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
    if place is None:
        threshold = max(max(bad, default=0.0) + MARGIN, cheapest(bad, clean, goal.cost))
    else:
        threshold = sorted(bad)[place - 1] + MARGIN
    missing = 0 if place is not None else fewest(goal.alpha, goal.delta) - n
    return Promise(max(threshold, LOWEST), goal.alpha, goal.delta, n, missing)


def cheapest(bad: Sequence[float], clean: Sequence[float], cost: float) -> float:
    """The threshold with the fewest clean visits kept out and bad ones let in, these counted `cost` times.

    The middle of the widest gap between maxima that is as cheap as any.
    """
    values = np.unique(np.array([0.0, *bad, *clean]))
    let_in = np.array([sum(each > value for each in bad) for value in values])
    kept_out = np.array([sum(each <= value for each in clean) for value in values])
    costs = cost * let_in + kept_out
    widths = np.append(np.diff(values), 0.0)
    best = max(np.flatnonzero(costs == costs.min()), key=lambda place: widths[place])
    return float(values[best] + widths[best] / 2)
