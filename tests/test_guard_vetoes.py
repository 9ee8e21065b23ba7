"""Coil limit, open flap, dwell and alarm: what stands against a move, and what overrules it."""

import math
from dataclasses import replace

import pytest

from device.act.coil import Coil, CoilLimits
from device.messages import BoltState, Door
from tests.guard_bench import (
    CLOSED,
    LOST,
    MAGNET,
    OPEN,
    PANIC,
    QUICK,
    SERVO,
    STRIKE,
    TICK,
    Bench,
    powered,
)


def test_a_coil_is_cut_at_its_limit_and_cools_before_it_is_powered_again():
    bench = Bench(STRIKE, replace(QUICK, max_lease_s=100.0)).settled()
    lease = bench.lease(100.0)
    bench.step(lease)
    assert bench.run(4.0 - TICK, lease).unlock
    outputs = bench.run(TICK, lease)
    assert powered(outputs) == (False, False)
    assert outputs.state is BoltState.LOCKING
    assert outputs.refusal == "the coil reached its limit and cools for 3 s"
    assert not bench.run(3.0, lease).unlock
    assert bench.run(TICK, lease).unlock


def test_a_coil_is_cut_when_its_share_of_the_time_is_used_up():
    bench = Bench(STRIKE, replace(QUICK, max_lease_s=100.0)).settled()
    for _ in range(3):  # 3 × 3 s of the 10 s in 20 s
        bench.step(bench.lease())
        bench.run(3.0, bench.lease())
        bench.step()
        bench.run(1.0)
    lease = bench.lease(100.0)
    assert bench.step(lease).unlock
    assert bench.run(1.0 - TICK, lease).unlock
    outputs = bench.run(TICK, lease)
    assert not outputs.unlock
    outputs = bench.run(3.0 + TICK, lease)
    assert outputs.refusal == "the coil may be powered for 10 s in 20 s and has used them up"
    assert not outputs.unlock


def test_a_pulse_is_not_begun_unless_all_of_it_fits_the_coils_share():
    limits = CoilLimits(limit_s=1.0, duty=0.125, window_s=10.0, cooldown_s=1.0)  # two pulses and a half
    bench = Bench(replace(SERVO, limits=limits)).settled()  # locking took its first pulse at 100 s
    for _ in range(2):
        bench.step(bench.lease())
        bench.run(0.5, bench.lease())
        outputs = bench.step()
        bench.run(0.5)
    assert bench.log[-1].state is BoltState.UNLOCKED
    assert outputs.refusal == "the coil may be powered for 1.25 s in 10 s and has used them up"
    assert not bench.run(110.25 - TICK - bench.now).lock, "a quarter of a second is not free yet"
    assert bench.run(TICK).lock


def test_a_coil_for_continuous_duty_is_never_cut():
    bench = Bench(replace(STRIKE, limits=CoilLimits(math.inf, 1.0)), replace(QUICK, alarm_s=1e6)).settled()
    bench.step(inputs=PANIC)
    assert bench.run(300.0, inputs=PANIC).unlock


def test_a_coil_for_continuous_duty_with_a_longest_stretch_has_no_share_to_use_up():
    limits = CoilLimits(limit_s=4.0, duty=1.0, window_s=4.0, cooldown_s=0.25)
    bench = Bench(replace(STRIKE, limits=limits), replace(QUICK, alarm_s=100.0)).settled()
    bench.step(inputs=PANIC)
    assert not bench.run(4.0, inputs=PANIC).unlock
    assert bench.run(0.25 + TICK, inputs=PANIC).unlock


def test_a_coil_that_has_no_power_is_not_exhausted():
    assert not Coil(CoilLimits()).exhausted(1e9)


def test_the_bolt_is_not_driven_to_locked_while_the_flap_is_open():
    bench = Bench().settled()
    bench.step(bench.lease())
    bench.run(1.0, bench.lease())
    outputs = bench.run(10.0, inputs=OPEN)
    assert powered(outputs) == (False, False)
    assert outputs.state is BoltState.UNLOCKED
    assert outputs.refusal == "the flap is open: the bolt stays out of its way"
    assert bench.step().lock


def test_a_lost_flap_sensor_counts_as_open():
    bench = Bench().settled()
    bench.step(bench.lease())
    bench.run(1.0, bench.lease())
    outputs = bench.run(10.0, inputs=LOST)
    assert powered(outputs) == (False, False)
    assert outputs.refusal == "the flap's sensor does not answer: the bolt stays out of its way"


def test_a_door_without_a_flap_sensor_locks_all_the_same():
    assert Bench(door_sensor=False).step(inputs=LOST).lock


def test_a_door_said_to_be_open_counts_as_open_even_without_a_sensor_in_the_project():
    assert not Bench(door_sensor=False).step(inputs=OPEN).lock


def test_the_bolt_unlocks_even_while_the_flap_is_open():
    bench = Bench().settled()
    assert bench.step(bench.lease(), OPEN).unlock


@pytest.mark.parametrize("traits", [SERVO, STRIKE])
def test_a_flap_that_opens_past_a_locked_bolt_does_not_unlock_it(traits):
    bench = Bench(traits).settled()
    outputs = bench.run(5.0, inputs=OPEN)
    assert all(powered(each) == (False, False) for each in bench.log)
    assert outputs.state is BoltState.LOCKED


def test_a_flap_that_opens_past_a_locked_magnet_does_not_release_it():
    bench = Bench(MAGNET, replace(QUICK, rest="unlocked")).settled()
    assert powered(bench.run(5.0, inputs=OPEN)) == (False, True)


@pytest.mark.parametrize(
    ("traits", "rest", "coils"),
    [
        (SERVO, "locked", (True, False)),
        (STRIKE, "locked", (True, False)),
        (MAGNET, "unlocked", (False, False)),
    ],
)
def test_a_bolt_caught_by_an_opening_flap_on_its_way_goes_back(traits, rest, coils):
    bench = Bench(traits, replace(QUICK, rest=rest)).settled()
    bench.step(bench.lease())
    bench.run(1.0, bench.lease())
    bench.step()
    assert bench.run(0.5 - 2 * TICK).state is BoltState.LOCKING
    outputs = bench.run(TICK, inputs=OPEN)
    assert outputs.state is BoltState.UNLOCKING
    assert powered(outputs) == coils
    assert outputs.refusal == "the flap is open: the bolt stays out of its way"
    assert bench.run(0.5, inputs=OPEN).state is BoltState.UNLOCKED


def test_a_bolt_that_has_arrived_is_not_caught_any_more():
    bench = Bench().settled()
    bench.step(bench.lease())
    bench.run(1.0, bench.lease())
    bench.step()
    bench.run(0.5 - TICK)
    assert bench.run(TICK, inputs=OPEN).state is BoltState.LOCKED


def test_a_caught_bolt_whose_coil_must_cool_stops_where_it_is():
    limits = CoilLimits(limit_s=0.5, duty=0.05, window_s=10.0, cooldown_s=1.0)  # one pulse in ten seconds
    bench = Bench(replace(SERVO, limits=limits), replace(QUICK, alarm_s=0.25))
    bench.run(TICK, inputs=PANIC)
    bench.run(0.5)
    assert bench.log[-1].lock
    outputs = bench.run(TICK, inputs=OPEN)
    assert powered(outputs) == (False, False)
    assert outputs.state is BoltState.UNLOCKED, "no more is known than that it is not locked"


def test_a_strike_held_open_by_an_open_flap_is_released_by_its_limit_even_so():
    bench = Bench(STRIKE).settled()
    bench.step(bench.lease())
    assert bench.run(4.0 - TICK, inputs=OPEN).unlock
    outputs = bench.run(TICK, inputs=OPEN)
    assert powered(outputs) == (False, False)
    assert outputs.state is BoltState.LOCKING
    assert powered(bench.run(60.0, inputs=OPEN)) == (False, False)


def test_between_two_moves_lies_the_dwell():
    bench = Bench(settings=replace(QUICK, dwell_s=2.0))
    bench.step()
    assert not bench.run(2.0 - TICK, bench.lease()).unlock
    assert bench.log[-1].refusal == "the bolt moved less than 2 s ago"
    assert bench.run(TICK, bench.lease()).unlock
    assert not bench.run(2.0 - TICK).lock
    assert bench.run(TICK).lock


def test_a_move_may_turn_back_halfway_once_the_dwell_is_over():
    bench = Bench()
    bench.step()
    outputs = bench.run(0.25, bench.lease())
    assert powered(outputs) == (True, False)


@pytest.mark.parametrize("name", ["panic", "smoke"])
def test_an_alarm_opens_the_way_out_whatever_the_loop_says(name):
    bench = Bench().settled()
    alarm = replace(CLOSED, buttons={name: True, "vet": False})
    outputs = bench.step(inputs=alarm)
    assert outputs.unlock
    assert outputs.refusal == "panic or smoke: the way out is held open"
    assert bench.run(10.0, inputs=alarm).state is BoltState.UNLOCKED
    assert bench.run(3.0).state is BoltState.UNLOCKED
    assert bench.run(TICK).lock


@pytest.mark.parametrize("buttons", [{"panic": False, "smoke": False}, {"vet": True, "let_in": True}, {}])
def test_other_buttons_and_silent_alarms_open_nothing(buttons):
    bench = Bench().settled()
    assert powered(bench.step(inputs=replace(CLOSED, buttons=buttons))) == (False, False)


def test_an_alarm_under_a_lease_has_nothing_to_explain():
    bench = Bench().settled()
    assert bench.step(bench.lease(), PANIC).refusal is None


@pytest.mark.parametrize("door", [Door.CLOSED, Door.OPEN, Door.UNKNOWN])
def test_an_alarm_waits_neither_for_the_flap_nor_for_the_dwell(door):
    bench = Bench(settings=replace(QUICK, dwell_s=60.0))
    bench.step()
    assert bench.run(TICK, inputs=replace(PANIC, door=door)).unlock


def test_an_alarm_respects_the_coil_limit():
    bench = Bench(STRIKE).settled()
    bench.step(inputs=PANIC)
    outputs = bench.run(4.0, inputs=PANIC)
    assert not outputs.unlock
    assert outputs.refusal == "the coil reached its limit and cools for 3 s"
    assert not bench.run(3.0, inputs=PANIC).unlock
    assert bench.run(TICK, inputs=PANIC).unlock
