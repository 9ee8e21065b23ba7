"""What each fault changes at the door, and that none ever opens it."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from device.config import parse_project
from device.decide.faults import TABLE, TOLD, Faults, FaultSettings, in_force
from device.decide.policy import DoorPolicy
from device.errors import ConfigError
from device.messages import Ask, Door, Fault, Mode, Observation, Outcome, Request
from device.tell import wire
from tests.faults_table import PAGE, page
from tests.making import (
    OWN_CLEAN,
    OWN_MAY_ENTER,
    events,
    observation,
    play,
    policy,
    sighting,
    steady,
)

SEEN_BY_THE_POLICY = {Fault.CAMERA_GONE, Fault.BLIND, Fault.SLOW, Fault.CLOCK, Fault.DOOR_OPEN}
"""Those that the rest of an observation tells of."""


def own_cat(start: float, seconds: float = 4.0, **changes: object) -> list[Observation]:
    """Mimi stands before the door with an empty mouth."""
    times = [start + 0.1 * each for each in range(round(seconds * 10))]
    return [observation(time, sighting(*OWN_CLEAN, time=time), **{"wall": 1e9} | changes) for time in times]


def unlocked(decisions: object) -> bool:
    return any(each.lease is not None for each in decisions)


def locking(*faults: Fault) -> DoorPolicy:
    return policy(OWN_MAY_ENTER, faults=FaultSettings(**{each.value: "lock" for each in faults}))


def test_every_fault_has_a_key_of_its_own_and_is_only_warned_of_unless_the_owner_says_otherwise():
    assert [each.name for each in fields(FaultSettings)] == [each.value for each in Fault]
    assert {getattr(FaultSettings(), each.value) for each in Fault} == {"warn"}
    assert set(TOLD) == set(Fault) - SEEN_BY_THE_POLICY


@pytest.mark.parametrize("fault", TOLD)
def test_a_fault_that_is_warned_of_changes_nothing_but_what_is_told(fault):
    calm, warned = policy(OWN_MAY_ENTER), policy(OWN_MAY_ENTER)
    without = play(calm, own_cat(0.0))
    with_it = play(warned, own_cat(0.0, faults=(fault,)))
    assert unlocked(without)
    assert with_it[0].events[0].kind == "fault"
    assert [replace(each, events=()) for each in with_it] == [replace(each, events=()) for each in without]


@pytest.mark.parametrize("fault", TOLD)
def test_a_fault_that_locks_keeps_entry_locked_as_long_as_it_lasts(fault):
    door = locking(fault)
    during = play(door, own_cat(0.0, faults=(fault,)))
    assert not unlocked(during)
    assert during[-1].rule == f"fault {fault}"
    assert f'[faults] {fault} = "lock"' in during[-1].reason
    assert unlocked(play(door, own_cat(4.0)))


def test_a_fault_that_locks_ends_a_permission_that_was_given():
    door = locking(Fault.UNDERVOLTAGE)
    assert play(door, own_cat(0.0))[-1].lease is not None
    assert play(door, own_cat(4.0, 0.1, faults=(Fault.UNDERVOLTAGE,)))[-1].lease is None


def test_a_fault_that_locks_stands_above_an_unlocked_door_but_not_above_a_locked_one():
    door = locking(Fault.DISK)
    open_to_all = play(door, own_cat(0.0, 1.0, mode=Mode.UNLOCKED))
    assert unlocked(open_to_all)
    assert not unlocked(play(door, own_cat(1.0, 1.0, mode=Mode.UNLOCKED, faults=(Fault.DISK,))))
    assert play(door, own_cat(2.0, 1.0, mode=Mode.LOCKED, faults=(Fault.DISK,)))[-1].rule == "mode locked"


def test_the_owner_may_let_in_by_hand_whatever_is_wrong():
    door = locking(Fault.TEMPERATURE)
    asked = (Request("1", Ask.LET_IN, "the page"),)
    assert unlocked(play(door, own_cat(0.0, 0.5, requests=asked, faults=(Fault.TEMPERATURE,))))


def test_a_fault_that_locks_leaves_the_way_out_to_its_rules():
    inside = {"name": "out", "input": "inside", "then": "unlock"}
    door = policy(OWN_MAY_ENTER, inside, faults=FaultSettings(undervoltage="lock"))
    leaving = [
        observation(0.3 * each, motion={"inside": True}, faults=(Fault.UNDERVOLTAGE,)) for each in range(9)
    ]
    assert unlocked(play(door, leaving))


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        (Fault.CAMERA_GONE, {"blind": "gone"}),
        (Fault.BLIND, {"blind": "black"}),
        (Fault.BLIND, {"blind": "stale"}),
        (Fault.MODEL, {"blind": "no model"}),
        (Fault.CLOCK, {"wall": None}),
        (Fault.DISK, {"faults": (Fault.DISK,)}),
    ],
)
def test_what_an_observation_tells_of_by_itself_is_in_force_too(fault, changes):
    given_so = observation(1.0, **{"wall": 1e9} | changes)
    assert in_force(given_so, slow=False, held_open=False) == (fault,)
    assert in_force(observation(1.0, wall=1e9), slow=True, held_open=True) == (Fault.SLOW, Fault.DOOR_OPEN)


def test_a_flap_held_open_locks_entry_if_the_owner_says_so():
    door = locking(Fault.DOOR_OPEN)
    play(door, [observation(float(each), wall=1e9, door=Door.OPEN) for each in range(40)])
    assert play(door, own_cat(40.0, 1.0, door=Door.OPEN))[-1].rule == "fault door_open"
    assert play(door, own_cat(41.0, 1.0, door=Door.CLOSED))[-1].rule != "fault door_open"


def test_a_fault_is_told_once_when_it_begins_and_once_when_it_ends():
    door = locking(Fault.BROKER)
    on = [observation(float(each), faults=(Fault.BROKER,)) for each in range(5)]
    off = [observation(5.0 + each) for each in range(5)]
    told = play(door, on, off)
    assert [each.time for each in events(told, "fault")] == [0.0]
    assert [each.time for each in events(told, "fault-ended")] == [5.0]
    assert "entry stays locked" in events(told, "fault")[0].text


def test_a_policy_that_goes_on_from_a_state_tells_of_no_fault_again():
    door = policy()
    play(door, [observation(1.0, faults=(Fault.DISK,))])
    again = DoorPolicy(door._settings, wire.read(type(door.state()), wire.written(door.state()), "state"))
    assert events(play(again, [observation(2.0, faults=(Fault.DISK,))]), "fault") == []


@steady
@given(
    locks=some.sets(some.sampled_from(list(Fault))),
    now=some.sets(some.sampled_from(list(Fault))),
    mode=some.sampled_from(list(Mode)),
    blind=some.sampled_from([None, "gone", "black", "no model"]),
)
def test_no_fault_ever_opens_a_door_that_would_be_shut_without_it(locks, now, mode, blind):
    chosen = FaultSettings(**{each.value: "lock" for each in locks})
    calm, faulty = policy(OWN_MAY_ENTER), policy(OWN_MAY_ENTER, faults=chosen)
    without = play(calm, own_cat(0.0, 1.5, mode=mode, blind=blind))
    with_them = play(faulty, own_cat(0.0, 1.5, mode=mode, blind=blind, faults=tuple(sorted(now))))
    for free, bound in zip(without, with_them, strict=True):
        assert bound.lease is None or free.lease is not None
        if now & locks:
            assert bound.lease is None
            assert bound.outcome is not Outcome.UNLOCK


def test_a_journal_keeps_the_faults_and_an_older_one_without_them_is_read():
    given_so = observation(1.0, faults=(Fault.UNDERVOLTAGE, Fault.DISK))
    written = wire.written(given_so)
    assert wire.read(Observation, written, "journal") == given_so
    older = written.replace(',"faults":["undervoltage","disk"]', "")
    assert older != written
    assert wire.read(Observation, older, "journal") == replace(given_so, faults=())


def test_a_behaviour_that_is_none_is_refused_with_those_that_are():
    minimal = '[camera]\nkind = "usb"\n[pins]\nkind = "mock"\n[bolt]\nkind = "servo"\npin = 18\n'
    assert parse_project(f'{minimal}[faults]\ndisk = "lock"\n').policy.faults.disk == "lock"
    with pytest.raises(ConfigError, match=r"\[faults\] disk = 'unlock'.*warn.*lock"):
        parse_project(f'{minimal}[faults]\ndisk = "unlock"\n')
    with pytest.raises(ConfigError, match="did you mean undervoltage"):
        parse_project(f'{minimal}[faults]\nundervolt = "lock"\n')


def test_faults_that_are_over_are_forgotten():
    faults = Faults(FaultSettings(disk="lock"))
    notices = policy()._notices
    faults.follow(observation(1.0, wall=1e9, faults=(Fault.DISK,)), notices, slow=False, held_open=False)
    assert faults.ruling() is not None
    faults.follow(observation(2.0, wall=1e9), notices, slow=False, held_open=False)
    assert faults.ruling() is None


def test_the_page_of_faults_shows_the_table_of_the_code():
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.faults_table"
    assert set(TABLE) == set(Fault)
