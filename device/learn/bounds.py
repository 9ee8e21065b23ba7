"""One-sided bounds on a rate of which k of n were counted: how good or bad it may still be.

Exact, not approximate (Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the
case of the binomial", Biometrika 26, 1934): the bound is the rate at which so extreme a count would have
just the probability 1 - confidence. It is found by bisection on the binomial tail, whose terms are summed
in logarithms, so that neither many trials nor rates near 0 and 1 lose digits.
"""

from __future__ import annotations

import math
from functools import lru_cache

CONFIDENCE = 0.95
HALVINGS = 60
"""After so many the interval is no wider than a double can tell."""


def at_least(k: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Lower bound, 0..1, of the true rate of what happened in `k` of `n` trials; 0 without trials.

    Raises:
        ValueError: `k` is not a count out of `n`, or `confidence` does not lie between 0 and 1.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no count; use 0 <= k <= n")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} must lie between 0 and 1, such as 0.95")
    if k == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _tail(k, n, middle) < 1 - confidence else (low, middle)
    return (low + high) / 2


def at_most(k: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Upper bound, 0..1, of the true rate of what happened in `k` of `n` trials; 1 without trials.

    Raises:
        ValueError: as `at_least`.
    """
    return 1.0 - at_least(n - k, n, confidence)


def _tail(k: int, n: int, rate: float) -> float:
    """Probability of `k` or more successes in `n` trials at `rate`."""
    if not 0 < rate < 1:
        return float(rate >= 1)
    success, failure = math.log(rate), math.log1p(-rate)
    terms = (ways + j * success + (n - j) * failure for j, ways in enumerate(_log_ways(k, n), k))
    return math.fsum(map(math.exp, terms))


@lru_cache(maxsize=16)
def _log_ways(k: int, n: int) -> tuple[float, ...]:
    """Logarithms of the binomial coefficients n over k, k + 1, ... n."""
    whole = math.lgamma(n + 1)
    return tuple(whole - math.lgamma(j + 1) - math.lgamma(n - j + 1) for j in range(k, n + 1))
