"""The vote on a track's species: the likeliest over its frames, and a fact only when it is clear."""

import math

import pytest

from device.decide.species import SpeciesVote
from tests.making import species


def voted(*scores: dict[str, float], rate: float = 10.0) -> SpeciesVote:
    vote = SpeciesVote()
    for number, frame in enumerate(scores):
        vote.update(number / rate, frame)
    return vote


def test_before_any_frame_the_detector_is_believed_but_nothing_is_certain():
    assert voted().species("dog") == "dog"
    assert not voted().certain


def test_from_the_third_clear_frame_on_the_species_is_a_fact():
    frame = dict(species("cat").scores)
    assert not voted(frame, frame).certain
    assert voted(frame, frame, frame).certain
    assert voted(frame, frame, frame).species("dog") == "cat"


def test_one_wrong_frame_does_not_outvote_the_others():
    cat, dog = dict(species("cat", 0.8).scores), dict(species("dog", 0.99).scores)
    assert voted(cat, dog, cat, cat).species("?") == "cat"


def test_frames_that_cannot_tell_make_no_fact():
    even = {"person": 0.5, "cat": 0.5}
    vote = voted(*[even] * 50)
    assert vote.species("?") in even
    assert not vote.certain


def test_old_frames_lose_their_say():
    cat, dog = dict(species("cat").scores), dict(species("dog").scores)
    vote = voted(*[cat] * 10)
    for number in range(10):
        vote.update(60 + number / 10, dog)
    assert vote.species("?") == "dog"
    assert vote.certain


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf])
def test_a_frame_with_a_score_that_is_no_number_is_void(nonsense):
    cat = dict(species("cat").scores)
    assert not voted(*[{**cat, "dog": nonsense}] * 10).certain
    mixed = voted(cat, {**cat, "dog": nonsense}, cat, cat)
    assert (mixed.species("?"), mixed.certain) == ("cat", True)


def test_empty_scores_and_a_clock_that_runs_backwards_do_no_harm():
    vote = voted({}, {}, {}, {})
    assert (vote.species("bird"), vote.certain) == ("bird", False)
    for time in (5.0, 3.0, 1.0):
        vote.update(time, dict(species("cat").scores))
    assert (vote.species("?"), vote.certain) == ("cat", True)


def test_a_head_with_a_single_class_is_taken_at_its_word():
    assert voted(*[{"cat": 1.0}] * 3).certain
