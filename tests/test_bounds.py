"""One-sided bounds on rates: against closed forms, published values and exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.learn.bounds import at_least, at_most


@pytest.mark.parametrize("n", [1, 5, 20, 67, 400, 100_000])
def test_without_a_single_failure_the_bound_is_the_root_of_what_is_doubted(n):
    assert at_most(0, n) == pytest.approx(1 - 0.05 ** (1 / n), rel=1e-6)
    assert at_least(n, n) == pytest.approx(0.05 ** (1 / n), rel=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "confidence", "bound"),
    [(1, 20, 0.95, 0.2161), (2, 20, 0.95, 0.2826), (3, 10, 0.975, 0.6525), (10, 100, 0.975, 0.1762)],
)
def test_the_upper_bound_is_that_of_the_published_tables(k, n, confidence, bound):
    assert at_most(k, n, confidence) == pytest.approx(bound, abs=5e-5)


def test_ten_percent_is_shown_with_29_clean_trials_and_not_with_28():
    assert at_most(0, 29) < 0.1 < at_most(0, 28)


def test_nothing_is_known_without_trials():
    assert (at_least(0, 0), at_most(0, 0)) == (0.0, 1.0)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_at_the_lower_bound_so_good_a_count_has_just_the_doubted_probability(counts):
    k, n = counts
    rate = Fraction(at_least(k, n))
    tail = sum(comb(n, j) * rate**j * (1 - rate) ** (n - j) for j in range(k, n + 1))
    assert float(tail) == pytest.approx(0.05, rel=1e-9)


@given(st.integers(0, 300), st.integers(1, 300))
def test_the_count_lies_between_its_bounds_which_more_trials_bring_closer(k, n):
    k = min(k, n)
    assert at_least(k, n) <= k / n <= at_most(k, n)
    assert at_most(2 * k, 2 * n) - at_least(2 * k, 2 * n) < at_most(k, n) - at_least(k, n)


@pytest.mark.parametrize(("k", "n", "confidence"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0), (1, 2, 0.0)])
def test_what_is_no_count_is_refused(k, n, confidence):
    with pytest.raises(ValueError, match=r"use|between"):
        at_least(k, n, confidence)
