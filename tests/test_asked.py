"""What the owner asks from afar: bounded, overruled by the mode, and decided alike in a replay."""

import pytest

from device.decide.asked import LOCKED_BY_HAND
from device.messages import Ask, Door, Mode, Outcome, Request
from device.tell.requests import REMEMBERED, WAITING, Requests
from tests.making import (
    OWN_CLEAN,
    OWN_WITH_PREY,
    STRANGER,
    empty,
    frames,
    observation,
    play,
    policy,
    sighting,
)

LET_IN = (Request("1", Ask.LET_IN, "the page"),)
LOCK = (Request("2", Ask.LOCK, "the page"),)


def kinds(decisions):
    return [event.kind for decision in decisions for event in decision.events]


def test_the_owner_lets_in_once_and_for_a_while():
    door = policy(let_in_s=20.0)
    decisions = play(door, [observation(0.0, requests=LET_IN)], empty(0.1, 30.0))
    held = [decision.time for decision in decisions if decision.lease]
    assert held[0] == 0.0
    assert 19.9 <= held[-1] <= 25.0  # the hold of the last lease runs out by itself
    assert decisions[1].reason == "the page lets in whoever comes"
    assert "let-in" in kinds(decisions)


def test_one_passage_uses_the_request_up():
    door = policy(let_in_s=20.0)
    asked = [observation(0.0, requests=LET_IN, door=Door.CLOSED)]
    passage = empty(0.1, 1.0, door=Door.OPEN)
    after = play(door, asked, passage, empty(1.2, 5.0, door=Door.CLOSED))[len(asked) + len(passage) :]
    assert not any(decision.lease for decision in after)


@pytest.mark.parametrize("visitor", [OWN_WITH_PREY, STRANGER])
def test_the_owners_word_overrules_what_was_seen_and_a_lockout(visitor):
    door = policy()
    refused = play(door, frames(0.0, 3.0, *visitor))
    assert not refused[-1].lease
    let_in = door.decide(observation(3.0, sighting(*visitor, time=3.0), requests=LET_IN))
    assert let_in.lease and let_in.rule == "let in by hand"


@pytest.mark.parametrize("mode", [Mode.LOCKED, Mode.OUT_ONLY])
def test_the_mode_overrules_the_request(mode):
    door = policy()
    decisions = play(door, [observation(0.0, requests=LET_IN, mode=mode)], empty(0.1, 2.0, mode=mode))
    assert not any(decision.lease for decision in decisions)
    assert kinds(decisions) == ["let-in-refused"]


def test_a_mode_set_meanwhile_ends_the_request_for_good():
    door = policy()
    play(door, [observation(0.0, requests=LET_IN), observation(0.1, mode=Mode.LOCKED)])
    assert not any(decision.lease for decision in play(door, empty(0.2, 3.0)))


def test_lost_settings_let_nobody_in_by_hand():
    assert not policy().decide(observation(0.0, requests=LET_IN, lost=True)).lease


def test_the_request_holds_though_the_device_does_not_enforce_yet():
    decision = policy().decide(observation(0.0, requests=LET_IN, enforce=False))
    assert decision.lease and not decision.would


def test_a_clock_set_back_ends_the_request():
    door = policy()
    door.decide(observation(100.0, requests=LET_IN))
    assert not door.decide(observation(50.0)).lease


def test_to_lock_ends_the_request_and_the_permission():
    door = policy()
    play(door, [observation(0.0, requests=LET_IN)])
    locked = door.decide(observation(0.1, requests=LOCK))
    assert not locked.lease and kinds([locked]) == ["locked-by-hand"]


def test_to_lock_keeps_out_whoever_is_there_and_not_who_comes_next():
    door = policy()
    let_in = play(door, frames(0.0, 3.0, *OWN_CLEAN))
    assert let_in[-1].lease
    lock = observation(3.0, sighting(*OWN_CLEAN, time=3.0), requests=LOCK)
    stays = play(door, [lock], frames(3.1, 5.0, *OWN_CLEAN))
    assert not any(decision.lease for decision in stays)
    assert (stays[-1].rule, stays[-1].outcome) == (LOCKED_BY_HAND.rule, Outcome.KEEP_LOCKED)
    play(door, empty(8.1, 10.0))
    comes_back = play(door, frames(20.0, 3.0, *OWN_CLEAN, of_track={"id": 2}))
    assert comes_back[-1].lease


def test_a_request_is_taken_once_and_in_order():
    requests = Requests()
    first, second = requests.ask(Ask.LET_IN, "a"), requests.ask(Ask.LOCK, "b")
    requests.ask(Ask.LET_IN, "a", id=first.id)
    assert requests.take() == (first, second)
    requests.ask(Ask.LOCK, "b", id=second.id)
    assert requests.take() == ()


def test_a_loop_that_hung_finds_the_newest_requests_only():
    requests = Requests()
    for number in range(REMEMBERED * 2):
        requests.ask(Ask.LET_IN, "a", id=str(number))
    taken = requests.take()
    assert [each.id for each in taken] == [str(REMEMBERED * 2 - WAITING + each) for each in range(WAITING)]
