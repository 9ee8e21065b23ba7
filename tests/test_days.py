"""Whole days at a household's door: who comes, the same with the same seed, and who was who."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from device.messages import Heading, Outcome, Visit, VisitKind, VisitPhase
from simulator.days import BETWEEN_S, DAY_S, Household, days, labelled
from simulator.light import kind_at
from simulator.oracle import OracleSettings
from simulator.performance import play_scene
from simulator.record import Record
from simulator.scene import Scene
from simulator.world import Happening


@pytest.fixture(scope="module")
def fortnight() -> Scene:
    return days(14, seed=1)


def test_the_same_seed_makes_the_same_days_and_the_first_days_of_more(fortnight):
    assert days(14, seed=1).visitors == fortnight.visitors
    assert days(14, seed=2).visitors != fortnight.visitors
    first = tuple(each for each in fortnight.visitors if each.arrives < 2 * DAY_S)
    assert set(days(3, seed=1).visitors) >= set(first)


def test_two_weeks_have_cats_prey_strangers_and_somebody_at_night(fortnight):
    visitors = fortnight.visitors
    names = {each.name for each in visitors}
    assert names == {"mimi", "luna", "the tom", "the raccoon", "a caller"}
    assert 5 <= sum(each.carries for each in visitors) <= 25
    assert any(kind_at(fortnight.lights, each.arrives) == "infrared" for each in visitors)
    assert [each.arrives for each in visitors] == sorted(each.arrives for each in visitors)


def test_whoever_goes_out_comes_home_and_none_of_the_household_meet(fortnight):
    own = [each for each in fortnight.visitors if each.name in ("mimi", "luna")]
    for name in ("mimi", "luna"):
        out = sum(each.name == name and each.starts == "inside" for each in own)
        home = sum(each.name == name and each.starts == "outside" and not each.carries for each in own)
        assert out == home
    gaps = [after.arrives - before.arrives for before, after in pairwise(own)]
    assert min(gaps) >= BETWEEN_S - 0.1


def test_a_visit_is_labelled_with_who_was_about_for_longest():
    scene = days(1, seed=1)
    cat = next(each for each in scene.visitors if each.name == "mimi" and each.starts == "outside")
    tom = replace(cat, name="the tom", arrives=cat.arrives + 9)
    scene = replace(scene, visitors=(cat, tom))
    happenings = [Happening(each.arrives + 8, "leaves", each.name) for each in (cat, tom)]
    started, ended = cat.arrives + 1, cat.arrives + 10
    told = Visit(
        *("v", started, ended, None, (1,), "cat", None, Outcome.UNDECIDED, "", "", VisitKind.PEEK),
        *(Heading.IN, VisitPhase.END),
    )
    nobody = replace(told, id="w", started=started + 60, ended=ended + 60)
    (label,) = labelled(scene, Record(happenings=happenings, visits=[told, nobody]))
    assert (label.visit.id, label.name, label.known) == ("v", "mimi", True)


def test_a_night_and_a_morning_are_played_with_their_curfew_and_labels(tmp_path: Path):
    scene = days(1, seed=3, household=Household(outings=6, toms=9))
    scene = replace(scene, seconds=7 * 3600.0, oracle=OracleSettings(stirs=1.0))
    result = play_scene(scene, tmp_path / "state", seed=3, rate=5.0)
    assert result.safe
    labels = labelled(scene, result.record)
    assert {each.name for each in labels} >= {"the tom"}
    assert all(math.isfinite(each.visit.started) for each in labels)
    strangers = [each.visit.outcome is Outcome.UNLOCK for each in labels if not each.known]
    assert sum(strangers) < len(strangers) / 2  # the oracle errs, at night above all
