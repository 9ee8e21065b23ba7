"""One-sided Clopper-Pearson bounds on a rate, by bisection on the binomial sum."""

from __future__ import annotations

import math
from collections.abc import Callable

CONFIDENCE = 0.95


def at_least(k: int, n: int) -> float:
    """Lower bound of the true rate when k of n succeeded."""
    return 0.0 if k == 0 else _root(lambda rate: _tail(k, n, rate) - (1 - CONFIDENCE))


def at_most(k: int, n: int) -> float:
    """Upper bound of the true rate when k of n succeeded."""
    return 1.0 if k == n else _root(lambda rate: _tail(k + 1, n, rate) - CONFIDENCE)


def _tail(k: int, n: int, rate: float) -> float:
    """Probability of k or more successes of n."""
    return math.fsum(math.comb(n, j) * rate**j * (1 - rate) ** (n - j) for j in range(k, n + 1))


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
