"""Leases, silence and rest: what the guard does while nothing stands against it."""

import math
from dataclasses import replace

import pytest

from device.messages import BoltState, Lease
from tests.guard_bench import (
    MAGNET,
    OPEN,
    QUICK,
    SERVO,
    STRIKE,
    TICK,
    Bench,
    powered,
)


def test_a_servo_is_driven_to_locked_at_the_start_and_then_left_without_power():
    bench = Bench()
    assert powered(bench.step()) == (False, True)
    assert bench.log[-1].state is BoltState.LOCKING
    assert powered(bench.run(0.5 - TICK)) == (False, True)
    outputs = bench.run(TICK)
    assert powered(outputs) == (False, False)
    assert outputs.state is BoltState.LOCKED
    assert outputs.refusal is None


@pytest.mark.parametrize(("traits", "state"), [(STRIKE, BoltState.LOCKED), (SERVO, BoltState.UNLOCKED)])
def test_before_the_first_move_only_a_sprung_bolt_is_known_to_be_locked(traits, state):
    bench = Bench(traits)
    outputs = bench.step(inputs=OPEN)
    assert powered(outputs) == (False, False)
    assert outputs.state is state


def test_a_lease_unlocks_at_once():
    bench = Bench().settled()
    outputs = bench.step(bench.lease())
    assert powered(outputs) == (True, False)
    assert outputs.state is BoltState.UNLOCKING
    assert outputs.time == bench.now
    outputs = bench.run(0.5, bench.lease())
    assert powered(outputs) == (False, False)
    assert outputs.state is BoltState.UNLOCKED
    assert outputs.refusal is None


def test_a_strike_is_powered_for_as_long_as_it_is_held_open():
    bench = Bench(STRIKE).settled()
    lease = bench.lease(2.0)
    assert bench.step(lease).unlock
    assert bench.run(2.0 - TICK, lease).unlock
    outputs = bench.run(TICK, lease)
    assert powered(outputs) == (False, False)
    assert outputs.state is BoltState.LOCKING
    assert outputs.refusal == "the lease ran out after 2 s"
    assert bench.run(0.5, lease).state is BoltState.LOCKED


def test_a_magnet_is_powered_for_as_long_as_it_is_locked():
    bench = Bench(MAGNET, replace(QUICK, rest="unlocked"))
    assert powered(bench.step()) == (False, True)
    assert powered(bench.run(1000.0)) == (False, True)
    outputs = bench.step(bench.lease())
    assert powered(outputs) == (False, False)
    assert outputs.state is BoltState.UNLOCKING


def test_a_lease_given_up_locks():
    bench = Bench().settled()
    bench.step(bench.lease())
    bench.run(1.0, bench.lease())
    outputs = bench.step(None)
    assert powered(outputs) == (False, True)
    assert outputs.refusal is None


def test_a_lease_never_lasts_longer_than_the_longest_allowed():
    bench = Bench(settings=replace(QUICK, max_lease_s=3.0)).settled()
    lease = bench.lease(1000.0)
    bench.step(lease)
    assert bench.run(3.0 - TICK, lease).state is BoltState.UNLOCKED
    outputs = bench.run(TICK, lease)
    assert outputs.lock
    assert outputs.refusal == "the lease ran out after 3 s"


@pytest.mark.parametrize(
    ("time", "seconds", "refusal"),
    [
        (100.0 + 1.0 + TICK, 5.0, "the lease begins in the future"),
        (math.nan, 5.0, "the lease ran out after 5 s"),
        (math.inf, 5.0, "the lease begins in the future"),
        (-math.inf, 5.0, "the lease ran out after 5 s"),
        (101.0, math.nan, "the lease ran out after nan s"),
        (101.0, 0.0, "the lease ran out after 0 s"),
        (101.0, -1.0, "the lease ran out after -1 s"),
    ],
)
def test_a_lease_that_makes_no_sense_is_refused(time, seconds, refusal):
    bench = Bench().settled()
    assert bench.now == 101.0
    outputs = bench.step(Lease(time, seconds, "own cat"))
    assert powered(outputs) == (False, False)
    assert outputs.state is BoltState.LOCKED
    assert outputs.refusal == refusal


def test_an_endless_lease_is_cut_to_the_longest_allowed():
    bench = Bench().settled()
    assert bench.step(Lease(bench.now, math.inf, "own cat")).unlock


def test_a_lease_holds_through_silence_until_it_runs_out():
    bench = Bench().settled()
    lease = bench.lease(4.0)
    bench.step(lease)
    assert bench.run(4.0 - TICK, lease, spoke=False).state is BoltState.UNLOCKED
    assert bench.run(TICK, lease, spoke=False).lock


def test_a_bolt_that_rests_unlocked_opens_when_the_loop_falls_silent_and_not_before():
    bench = Bench(settings=replace(QUICK, rest="unlocked"))
    assert bench.step(spoke=False).unlock, "at the start nobody has spoken yet"
    bench.run(1.0, spoke=False)
    bench.step()
    bench.run(1.0)
    assert bench.log[-1].state is BoltState.LOCKED
    assert powered(bench.run(2.0 - TICK, spoke=False)) == (False, False)
    outputs = bench.run(TICK, spoke=False)
    assert outputs.unlock
    assert outputs.refusal == "the loop is silent: the bolt is at rest"


def test_a_lease_that_ran_out_in_silence_is_named_as_the_reason():
    bench = Bench(settings=replace(QUICK, rest="unlocked")).settled()
    lease = bench.lease(1.0)
    outputs = bench.run(3.0, lease, spoke=False)
    assert outputs.refusal == "the lease ran out after 1 s"
    assert outputs.state is BoltState.UNLOCKED


def test_a_bolt_that_rests_locked_has_nothing_to_explain_in_silence():
    bench = Bench().settled()
    assert bench.run(5.0, spoke=False).refusal is None


def test_fall_silent_brings_the_rest_at_once():
    bench = Bench(settings=replace(QUICK, rest="unlocked")).settled()
    bench.guard.fall_silent()
    assert bench.step(spoke=False).unlock


def test_resting_means_driven_to_rest_and_without_power():
    bench = Bench()
    assert not bench.guard.resting
    bench.step()
    bench.run(0.5 - TICK)
    assert not bench.guard.resting
    bench.run(TICK)
    assert bench.guard.resting
    bench.step(bench.lease())
    bench.run(1.0, bench.lease())
    assert not bench.guard.resting
