"""Promises: what they rest on, when there are none yet, and that they hold in simulated visits."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.decide.evidence import Meter, MeterSettings
from device.learn.events import replay_visit
from device.learn.thresholds import Goal, fewest, promise, rank
from simulator.promises import World, bad_visits, meter_maxima, play


def directly(n: int, alpha: float, delta: float) -> int | None:
    """r* from its definition."""
    tails = [
        sum(math.comb(n, j) * (1 - alpha) ** j * alpha ** (n - j) for j in range(r, n + 1))
        for r in range(1, n + 1)
    ]
    return next((r for r, tail in enumerate(tails, 1) if tail <= delta), None)


def test_the_threshold_is_the_order_statistic_of_the_definition():
    for n, (alpha, delta) in product(
        (1, 14, 28, 29, 30, 46, 60, 150), ((0.1, 0.05), (0.05, 0.1), (0.2, 0.05))
    ):
        assert rank(n, alpha, delta) == directly(n, alpha, delta), (n, alpha, delta)


def test_ten_percent_at_ninety_five_takes_twenty_nine_bad_visits():
    assert fewest(0.10, 0.05) == 29
    assert rank(28, 0.10, 0.05) is None
    assert rank(29, 0.10, 0.05) == 29


def test_seven_prey_visits_promise_nothing_yet_and_the_owner_is_told_how_many_are_missing():
    made = promise([1.5, 3.0, 0.2, 0.0, 0.0, 2.0, 0.5], [8.0, 9.0, 10.0])
    assert not made.guaranteed
    assert made.in_words("prey visits") == "not yet guaranteed: 22 more prey visits needed (7 seen)"
    assert made.threshold > 3.0, "without a promise at least what was seen stays out"


def test_thirty_bad_visits_keep_all_but_none_of_them_out():
    bad = [number / 10 for number in range(20, 50)]
    made = promise(bad, [20.0])
    assert made.guaranteed
    assert sum(each > made.threshold for each in bad) == 30 - rank(30, 0.10, 0.05)
    assert "at most 10% of prey visits get in at an attempt" in made.in_words("prey visits")


def test_a_stricter_owner_gets_a_higher_threshold():
    bad = [float(number) for number in range(60)]
    assert promise(bad, [], Goal(alpha=0.05)).threshold > promise(bad, [], Goal(alpha=0.2)).threshold


def test_without_a_promise_the_threshold_lies_between_bad_and_clean():
    assert 2.0 < promise([1.0, 2.0], [4.0, 5.0, 8.0]).threshold < 4.0


def test_few_bad_visits_do_not_lock_out_more_clean_ones_than_the_owner_bears():
    clean = [number / 10 for number in range(20, 120)]
    made = promise([3.0, 9.0], clean, Goal(patience=0.05))
    assert sum(each <= made.threshold for each in clean) == 5


def test_nothing_that_never_moved_the_meter_is_proof():
    assert promise([0.0] * 40, [9.0]).threshold >= 0.5


@given(
    st.lists(st.floats(0, 12), min_size=1, max_size=60),
    st.lists(st.floats(0, 12), max_size=20),
)
def test_no_order_of_visits_changes_a_promise(bad, clean):
    assert promise(bad, clean) == promise(bad[::-1], clean[::-1])


def test_the_promise_holds_in_simulated_visits_and_the_plain_ways_break_it():
    ours, no_horizon, wald = play(World())
    slack = 1.645 * math.sqrt(0.05 * 0.95 / ours.repetitions)
    assert ours.broken / ours.repetitions <= 0.05 + slack
    assert no_horizon.broken > 3 * ours.broken
    assert wald.broken > 3 * ours.broken


def test_the_simulation_plays_the_very_meter_that_decides():
    settings = MeterSettings()
    ratios = bad_visits(World(separation=2.0), 5, 6, np.random.default_rng(3))
    for row, highest in zip(ratios, meter_maxima(ratios), strict=True):
        meter, reached = Meter("", settings), 0.0
        for number, ratio in enumerate(row, 1):
            meter.update(number * 0.2, float(ratio))
            reached = max(reached, meter.value)
        assert reached == pytest.approx(float(highest), abs=1e-4)


def test_a_few_views_go_on_until_the_horizon():
    (attempt,) = replay_visit("a", [0.0, 0.25], [2.0, 2.0], MeterSettings())
    assert attempt.maximum == pytest.approx(2.0 * 5, rel=0.01), "the meter's ceiling for this ratio"
    assert attempt.proven_after is not None
    assert attempt.proven_after < 2.0


def test_a_long_visit_is_several_attempts():
    times = [float(number) for number in range(70)]
    attempts = replay_visit("a", times, [-1.0] * 30 + [2.0] * 40, MeterSettings())
    assert [each.number for each in attempts] == [0, 1, 2]
    assert attempts[0].maximum == 0.0
    assert attempts[0].refuted
    assert attempts[1].proven_after is not None


def test_a_long_gap_between_views_is_no_sight():
    (attempt,) = replay_visit("a", [0.0, 25.0], [2.0, -2.0], MeterSettings())
    (steady,) = replay_visit("a", [0.0, 3.0], [2.0, -2.0], MeterSettings())
    assert attempt.maximum == pytest.approx(steady.maximum, rel=0.06)
