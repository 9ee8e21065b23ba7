"""The whole circle in small: a fresh device watches, is labelled, learns, and then decides at its door."""

from __future__ import annotations

from itertools import pairwise

import pytest

from device import registry
from device.learn.album_reader import AlbumReader
from device.learn.vocabulary import PREY, WHO
from simulator.calls import APART_S, DAY_S, calls
from simulator.circle import FIRST, HOUSEHOLD, run, strangers


def test_the_same_seed_brings_the_same_calls_and_they_come_one_after_the_other():
    first, again = (list(calls(HOUSEHOLD, strangers(), FIRST, 5, seed=3)) for _ in range(2))
    assert first == again != list(calls(HOUSEHOLD, strangers(), FIRST, 5, seed=4))
    walls = [call.wall for call in first]
    assert all(later - earlier >= APART_S - 1 for earlier, later in pairwise(walls))
    assert walls[0] >= FIRST and walls[-1] < FIRST + 5 * DAY_S
    assert {call.may_enter(HOUSEHOLD) for call in first} == {True, False}


def test_a_fresh_device_learns_its_household_and_then_decides(tmp_path):
    pytest.importorskip("skimage", reason="scikit-image brings the cat that is rendered")
    said: list[str] = []
    told = run(tmp_path, weeks=4 / 7, after=1 / 7, seed=0, say=said.append, most_worse=2)
    assert (told.watched.prey_let_in, told.watched.locked_out) == (told.watched.prey, 0), "left open"
    assert told.watched.prey >= 2 and told.watched.strangers >= 3
    assert [lesson.head.task for lesson in told.lessons] == [WHO, PREY]
    with AlbumReader(tmp_path) as album:
        assert {*HOUSEHOLD, "stranger"} == set(album.dataset().classes(WHO))
    # What the heads reach on a few days of drawn mice is no promise; that they tell anything apart is.
    assert told.enforced.locked_out < told.enforced.may_enter
    assert told.enforced.strangers_let_in + told.enforced.prey_let_in <= 1
    standing = registry.read(tmp_path / "models", "household")
    assert standing is not None
    assert (standing.active, standing.before[-1].version) == ("2", "1"), "the worse head, on purpose"
    assert told.went_back is None, "two visits are no reason"
    assert any("labels every visit" in line for line in said)
