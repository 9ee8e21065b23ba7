"""What learning reaches on the real flap's pictures: by visit, forward in time or leaving an event out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from device.learn.dataset import Dataset
from device.learn.promises import Terms, set_thresholds
from device.learn.split import split
from device.learn.train import folds, train
from tests import flap as recorded


@pytest.fixture(scope="session")
def flap(shared_data: Path) -> Dataset:
    return recorded.read_flap(shared_data / "flap")


@pytest.mark.parametrize(("count", "enough"), [(100, 0.91), (500, 0.93)])
def test_whether_the_mouth_can_be_judged_is_learnt_from_some_hundred_pictures(flap, count, enough):
    known = recorded.only(flap, "mouth")
    halves = split(known, "mouth")
    assert not halves.approximate
    lesson = recorded.newest(known, "mouth", halves.train, count)
    head = train(lesson, "mouth", split(lesson, "mouth", enough=10**6))
    test = known.take(halves.test)
    said = head.scores(test.embeddings()).argmax(axis=1)
    truth = np.array([head.labels.index(label) for label in test.labels("mouth")])
    recalls = [float((said == truth)[truth == number].mean()) for number in (0, 1)]
    print(f"{count} a class: balanced accuracy {np.mean(recalls):.1%} on {len(test)} newer pictures")
    assert np.mean(recalls) >= enough


def test_prey_is_stopped_and_clean_cats_come_in_leaving_one_event_out(flap):
    visits = list(recorded.leaving_one_out(flap, "prey", "prey"))
    prey = [each for each in visits if each.bad]
    clean = [each for each in visits if not each.bad]
    assert (len(prey), len(clean)) == (7, 144)
    let_in = [each.visit for each in prey if each.proven_after is not None]
    locked_out = [each.visit for each in clean if each.proven_after is None]
    print(f"prey let in {let_in}, clean locked out {locked_out}")
    assert len(let_in) <= 1
    assert len(locked_out) <= 5


def test_squirrels_and_birds_are_never_the_own_cat(flap):
    visits = list(recorded.leaving_one_out(flap, "who", "stranger"))
    others = [each for each in visits if each.bad]
    assert len(others) == 6
    own = [each.visit for each in visits if not each.bad and each.proven_after is None]
    print(f"own cat not known at {own}")
    assert not [each.visit for each in others if each.proven_after is not None]
    assert len(own) <= 12


def test_seven_prey_events_promise_nothing_yet(flap):
    known = recorded.views_for(flap, "prey")
    halves = split(known, "prey", folds=folds(known, "prey"), enough=10**6)
    promises = set_thresholds(train(known, "prey", halves), known, Terms())
    assert promises["day"].in_words("prey visits") == (
        "not yet guaranteed: 22 more prey visits needed (7 seen)"
    )
    assert promises["infrared"].n == 0
