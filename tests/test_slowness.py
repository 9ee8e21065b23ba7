"""Slow seeing: what a look takes, told once when it lasts and once when it ends."""

from __future__ import annotations

from dataclasses import replace

from device.decide.slowness import SlownessState
from device.decide.welfare import WelfareSettings, WelfareState
from tests.making import empty, events, inputs, observation, play, policy


def looks(start, number, every, **changes):
    """Looks at nobody, so many seconds apart, of a camera that gives ten pictures a second meanwhile."""
    given = {"dropped": round(every * 10) - 1} | changes
    return [observation(start + each * every, **given) for each in range(number)]


def told(decisions):
    return [event.kind for each in decisions for event in each.events]


def test_a_look_of_four_seconds_is_told_once_when_it_has_lasted_ten_and_once_when_it_ends():
    door = policy()
    slow = play(door, looks(0.0, 12, 4.0))
    assert [(each.time, each.severity) for each in events(slow, "slow")] == [(12.0, "warning")]
    assert "a picture takes 4.0 s" in events(slow, "slow")[0].text
    assert told(play(door, looks(48.0, 5, 0.1))) == ["slow-ended"]


def test_looks_that_take_what_the_project_allows_are_not_slow():
    assert told(play(policy(), looks(0.0, 40, 1.5))) == []
    patient = policy(welfare=WelfareSettings(slow_s=5.0))
    assert told(play(patient, looks(0.0, 20, 4.0))) == []
    assert told(play(policy(welfare=WelfareSettings(slow_s=0.0)), looks(0.0, 20, 4.0))) == []


def test_one_slow_look_among_quick_ones_is_no_news():
    door = policy()
    for start in range(0, 60, 6):
        assert told(play(door, looks(start, 2, 3.0), looks(start + 3.1, 5, 0.1))) == []


def test_a_camera_that_gives_few_pictures_is_not_slow_seeing():
    assert told(play(policy(), looks(0.0, 20, 4.0, dropped=0))) == []


def test_pictures_that_are_old_when_they_are_taken_are_slow_seeing():
    late = [replace(each, inputs=inputs(each.time + 3.0)) for each in looks(0.0, 30, 0.1, dropped=0)]
    assert told(play(policy(), late)) == ["slow"]


def test_it_is_slow_all_the_while_that_nobody_looks():
    last = looks(20.0, 1, 4.0, looked=False)
    parts = looks(0.0, 5, 4.0), last, empty(20.1, 60.0, looked=False), looks(80.0, 5, 4.0)
    assert told(play(policy(), *parts)) == ["slow"]


def test_a_policy_that_goes_on_from_a_state_or_a_clock_that_was_set_back_tells_nothing_new():
    door = policy()
    play(door, looks(1000.0, 5, 4.0))
    state = door.state()
    assert state is not None and state.welfare.slowness == SlownessState(1016.0, 16.0, True)
    assert told(play(policy(state=state), looks(1020.0, 5, 4.0))) == []
    assert told(play(door, looks(3.0, 1, 4.0), looks(7.0, 5, 4.0))) == []


def test_a_state_without_slowness_is_that_of_quick_seeing():
    assert WelfareState().slowness == SlownessState()
    assert told(play(policy(), looks(0.0, 3, 4.0))) == []
