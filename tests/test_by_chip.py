"""What holds while the camera is blind: nothing opens but for a chip or switch that the rules name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device.config import parse_project
from device.decide.policy import PolicyState
from device.decide.rules import parse_rules
from device.errors import ConfigError
from device.messages import Ask, Door, Mode, Request
from simulator.performance import play_scene
from simulator.scene import find_scene, read_scene
from tests.making import (
    MIMI,
    OWN_MAY_ENTER,
    OWN_WITH_PREY,
    PREY_LOCKS_OUT,
    TOM,
    chip,
    empty,
    events,
    frames,
    observation,
    opened,
    play,
    policy,
)

BLIND = {"name": "blind", "camera": "blind", "chip": "mimi", "then": "unlock"}


def house(*first, state=None, **changes):
    rules = (*first, PREY_LOCKS_OUT, OWN_MAY_ENTER, BLIND)
    return policy(*rules, animals=(MIMI, TOM), state=state, **changes)


def dark(start, seconds, number=MIMI.chip, **changes):
    """A black camera, and a chip that is read in every pass."""
    times = [start + each / 10 for each in range(round(seconds * 10))]
    given = {"blind": "black", "looked": False, "door": Door.CLOSED} | changes
    return [observation(time, chip=number and chip(time, number), **given) for time in times]


def test_a_chip_opens_once_the_camera_has_been_blind_for_as_long_as_is_told():
    door = house()
    assert not opened(play(door, dark(0.0, 10.1)))
    (first, *_, last) = play(door, dark(10.1, 3.0))
    assert first.lease is not None and last.lease is not None
    assert [event.kind for event in first.events] == ["let-in-by-chip"]
    assert "mimi is let in by chip alone, for the camera is blind (black)" in first.events[0].text
    assert last.events == ()


def test_without_such_a_rule_no_chip_opens_to_a_blind_camera():
    assert not opened(play(policy(animals=(MIMI, TOM)), dark(0.0, 120.0)))


@pytest.mark.parametrize("number", [TOM.chip, "999000000000000", None])
def test_only_the_chip_that_the_rule_names_opens(number):
    assert not opened(play(house(), dark(0.0, 60.0, number)))


def test_one_that_is_locked_out_is_not_let_in_by_chip_either():
    door = house()
    play(door, frames(0.0, 3.0, *OWN_WITH_PREY, door=Door.CLOSED), empty(3.0, 5.0, door=Door.CLOSED))
    decisions = play(door, dark(8.0, 60.0))
    assert not opened(decisions)
    assert opened(play(door, dark(68.0, 300.0)))


def test_a_door_that_the_owner_locked_stays_shut_for_the_one_that_stays_and_not_for_its_return():
    door = house()
    assert opened(play(door, dark(0.0, 15.0)))
    (lock,) = dark(15.0, 0.1, requests=(Request("1", Ask.LOCK, "the page"),))
    assert not opened([door.decide(lock), *play(door, dark(15.1, 60.0))])
    assert door.state() is None, "what was asked still tells"
    assert not opened(play(door, dark(75.1, 19.0, None)))
    play(door, dark(94.1, 2.0, None))
    assert opened(play(door, dark(96.1, 3.0)))


def test_a_clock_set_back_forgets_that_the_owner_locked_the_door():
    door = house()
    (lock,) = dark(1000.0, 0.1, None, requests=(Request("1", Ask.LOCK, "the page"),))
    door.decide(lock)
    assert opened(play(door, dark(0.0, 15.0)))


def test_a_camera_that_sees_again_ends_at_once_what_opened_without_it():
    door = house()
    assert opened(play(door, dark(0.0, 12.0)))
    assert not opened(play(door, dark(12.0, 3.0, blind=None, looked=True)))
    assert not opened(play(door, dark(15.0, 9.0)))


def test_a_chip_that_is_read_no_more_opens_no_more():
    door = house()
    read = chip(6.5)
    left = [replace(each, inputs=replace(each.inputs, chip=read)) for each in dark(6.6, 30.0)]
    assert not opened(play(door, dark(0.0, 6.5), left))


def test_who_went_through_used_up_her_chip():
    door = house()
    assert opened(play(door, dark(0.0, 12.0)))
    passing = dark(12.0, 1.0, door=Door.OPEN)
    play(door, passing)
    closed = [
        replace(each, inputs=replace(each.inputs, chip=passing[-1].inputs.chip)) for each in dark(13.0, 2.0)
    ]
    assert not opened(play(door, closed))


@pytest.mark.parametrize("mode", [Mode.LOCKED, Mode.OUT_ONLY])
def test_no_chip_overrules_the_mode(mode):
    assert not opened(play(house(), dark(0.0, 30.0, mode=mode)))
    assert not opened(play(house(), dark(0.0, 30.0, lost=True)))


def test_a_switch_that_keeps_locked_stands_before_the_chip():
    vet = {"name": "vet", "input": "vet", "then": "keep locked"}
    assert not opened(play(house(vet), dark(0.0, 30.0, buttons={"vet": True})))
    assert opened(play(house(vet), dark(0.0, 30.0, buttons={"vet": False})))


def test_what_is_not_enforced_is_told_as_what_would_be():
    (event,) = events(decided := play(house(), dark(0.0, 12.0, enforce=False)), "let-in-by-chip")
    assert "mimi would be let in" in event.text
    assert not opened(decided) and decided[-1].would


def test_a_switch_may_open_while_the_camera_is_blind_and_not_while_it_sees():
    switch = {"name": "emergency", "camera": "blind", "input": "emergency", "then": "unlock"}
    on = {"buttons": {"emergency": True}, "number": None}
    assert opened(play(policy(switch), dark(0.0, 12.0, **on)))
    assert not opened(play(policy(switch), dark(0.0, 12.0, blind=None, **on)))


def test_a_policy_that_goes_on_from_a_state_knows_how_long_the_camera_has_been_blind():
    door = house()
    play(door, dark(0.0, 12.0, None))
    state = door.state()
    assert isinstance(state, PolicyState)
    assert opened(play(house(state=state), dark(12.1, 0.2)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"camera": "sees"}, "would unlock for everyone"),
        ({"chip": None}, "would unlock for everyone"),
        ({"who": "own"}, 'who is never known while camera = "blind"; ask for a chip or an input'),
        ({"prey": False}, "prey is never known"),
        ({"camera": "dark"}, 'camera = \'dark\' must be "blind" or "sees"'),
    ],
)
def test_a_rule_that_opens_to_all_or_never_holds_is_refused(changes, said):
    table = {key: value for key, value in (BLIND | changes).items() if value is not None}
    with pytest.raises(ConfigError, match=said):
        parse_rules([table], require_prey_proof=True)


def test_blindness_that_is_never_told_opens_nothing_and_says_so():
    scene = read_scene(find_scene("s10f"))
    text = scene.project.text
    with pytest.raises(ConfigError, match=r"never holds with \[welfare\] blind_s = 0"):
        parse_project(text + "\n[welfare]\nblind_s = 0\n")


def test_the_promise_about_a_blind_camera_holds_for_all_but_those_whom_the_owner_names(tmp_path):
    """The same door, judged as if its owner had named Luna: that Mimi's chip opens it breaks the promise."""
    scene = read_scene(find_scene("s10f"))
    assert play_scene(scene, tmp_path / "a").safe
    forgotten = tuple(
        replace(rule, by_chip=("luna",)) if rule.by_chip else rule for rule in scene.project.policy.rules
    )
    project = replace(scene.project, policy=replace(scene.project.policy, rules=forgotten))
    broken = play_scene(replace(scene, project=project), tmp_path / "b")
    assert [each.expectation.that for each in broken.outcomes if not each.met][:1] == [
        "never opened by a blind camera"
    ]
