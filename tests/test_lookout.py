"""A sensor on the way out opens only while it is known that nobody stands outside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device.decide.lookout import Lookout, LookoutState
from device.messages import Observation, Outcome
from tests.making import frames, observation
from tests.test_policy import ANY_OWN, EVEN, INSIDE, LET_OUT, empty, opened, play, policy


def doubts(*passes: tuple[Observation, bool]) -> list[str | None]:
    lookout = Lookout(LookoutState())
    found = []
    for seen, somebody in passes:
        lookout.follow(seen, somebody)
        found.append(lookout.doubt)
    return found


def looks(count: int, every: float, **given: object) -> list[tuple[Observation, bool]]:
    return [(observation(number * every, looked=True, **given), False) for number in range(count)]


@pytest.mark.parametrize(("every", "needed"), [(0.1, 9), (0.2, 5), (0.33, 4), (1.0, 4)])
def test_several_looks_in_a_row_must_find_nobody_at_any_frame_rate(every, needed):
    found = doubts(*looks(12, every))
    assert found.index(None) == needed - 1
    assert set(found[needed:]) == {None}


@pytest.mark.parametrize(
    ("broken_by", "why"),
    [
        ((observation(1.0, looked=True), True), "stands outside"),
        ((observation(1.0, looked=False), False), "nobody looked"),
        ((observation(1.0, blind="black"), False), "blind (black)"),
    ],
)
def test_looks_begin_anew_after_a_doubt(broken_by, why):
    later = [(replace(seen, time=seen.time + 1.1), False) for seen, _ in looks(3, 0.1)]
    found = doubts(*looks(10, 0.1), broken_by, *later)
    assert found[9] is None
    assert why in str(found[10])
    assert None not in found[10:]


def test_a_blind_camera_lets_nobody_out_by_a_sensor_since_it_might_let_in():
    decisions = play(policy(ANY_OWN, LET_OUT), empty(0, 3, blind="black", **INSIDE))
    assert not opened(decisions)
    assert "blind" in decisions[-1].reason


def test_an_open_way_out_closes_when_the_camera_goes_blind():
    door = policy(ANY_OWN, LET_OUT)
    assert opened(play(door, empty(0, 2, **INSIDE)))
    assert not opened(play(door, empty(2, 1, blind="black", **INSIDE)))


def test_an_animal_that_was_lost_from_sight_a_moment_ago_still_stands_outside():
    door = policy(ANY_OWN, LET_OUT)
    play(door, frames(0, 2, *EVEN))
    decisions = play(door, empty(2, 3, **INSIDE))
    assert not opened(decisions)
    assert (decisions[-1].outcome, decisions[-1].lease) == (Outcome.UNDECIDED, None)
    assert opened(play(door, empty(5, 5, **INSIDE)))
