"""Jammed bolts, clocks that leap, and bolts that cannot work."""

import math
from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from device.act.bolts import BoltTraits, Drive, Position
from device.act.coil import CoilLimits
from device.act.guard import Guard, GuardSettings
from device.errors import ConfigError
from device.messages import BoltState, Lease
from tests.guard_bench import (
    CLOSED,
    LIMITS,
    MAGNET,
    OPEN,
    QUICK,
    SERVO,
    STRIKE,
    TICK,
    Bench,
    powered,
)


def sensed(state):
    return replace(CLOSED, bolt=state)


def test_the_sensor_and_not_the_command_is_reported():
    bench = Bench(bolt_sensor=True)
    assert bench.step(inputs=sensed(BoltState.LOCKED)).state is BoltState.LOCKED
    assert bench.run(TICK, inputs=sensed(BoltState.UNLOCKED)).state is BoltState.LOCKING
    bench.run(1.0, inputs=sensed(BoltState.LOCKED))
    assert bench.step(bench.lease(), sensed(BoltState.LOCKED)).state is BoltState.UNLOCKING
    assert bench.run(TICK, bench.lease(), sensed(BoltState.UNLOCKED)).state is BoltState.UNLOCKED


def test_before_the_first_move_the_sensor_is_reported():
    bench = Bench(bolt_sensor=True)
    assert bench.step(inputs=replace(OPEN, bolt=BoltState.LOCKED)).state is BoltState.LOCKED
    assert bench.step(inputs=replace(OPEN, bolt=BoltState.UNLOCKED)).state is BoltState.UNLOCKED


def test_a_sensor_that_disagrees_after_travel_and_margin_means_jammed():
    bench = Bench(bolt_sensor=True)
    stuck = sensed(BoltState.UNLOCKED)
    bench.step(inputs=stuck)
    assert bench.run(0.75 - TICK, inputs=stuck).state is BoltState.LOCKING
    outputs = bench.run(TICK, inputs=stuck)
    assert outputs.state is BoltState.JAMMED
    assert outputs.refusal == "the bolt is jammed: its sensor still says otherwise"


def test_at_the_start_a_sensor_has_time_to_settle_before_it_means_jammed():
    bench = Bench(STRIKE, bolt_sensor=True)
    assert bench.step(inputs=sensed(BoltState.UNLOCKED)).state is BoltState.LOCKING
    assert bench.run(0.75 - TICK, inputs=sensed(BoltState.UNLOCKED)).state is BoltState.LOCKING
    assert bench.run(TICK, inputs=sensed(BoltState.UNLOCKED)).state is BoltState.JAMMED
    assert not any(powered(outputs) != (False, False) for outputs in bench.log)


def test_a_jammed_servo_is_tried_again_and_recovers():
    bench = Bench(bolt_sensor=True)
    stuck = sensed(BoltState.UNLOCKED)
    bench.step(inputs=stuck)
    assert powered(bench.run(5.0 - TICK, inputs=stuck)) == (False, False)
    outputs = bench.run(TICK, inputs=stuck)
    assert powered(outputs) == (False, True)
    assert outputs.state is BoltState.LOCKING
    assert bench.run(0.5, inputs=sensed(BoltState.LOCKED)).state is BoltState.LOCKED
    assert powered(bench.run(20.0, inputs=sensed(BoltState.LOCKED))) == (False, False)


def test_a_servo_that_jams_later_is_not_tried_again_before_its_time_either():
    bench = Bench(bolt_sensor=True)
    bench.step(inputs=sensed(BoltState.LOCKED))
    bench.run(20.0, inputs=sensed(BoltState.LOCKED))
    lease = Lease(bench.now, 10.0, "own cat")
    bench.step(lease, sensed(BoltState.LOCKED))
    bench.run(0.5, lease, sensed(BoltState.LOCKED))
    bench.log.clear()
    bench.run(4.5 - TICK, lease, sensed(BoltState.LOCKED))
    assert not any(outputs.unlock for outputs in bench.log)
    assert bench.run(TICK, lease, sensed(BoltState.LOCKED)).unlock


def test_a_jammed_servo_is_not_tried_against_an_open_flap():
    bench = Bench(bolt_sensor=True)
    bench.step(inputs=sensed(BoltState.UNLOCKED))
    bench.run(1.0, inputs=sensed(BoltState.UNLOCKED))
    bench.log.clear()
    outputs = bench.run(20.0, inputs=replace(OPEN, bolt=BoltState.UNLOCKED))
    assert not any(each.lock for each in bench.log)
    assert outputs.refusal == "the flap is open: the bolt stays out of its way"


def test_a_jammed_sprung_bolt_is_left_to_its_spring():
    bench = Bench(STRIKE, bolt_sensor=True)
    bench.step()
    outputs = bench.run(20.0, inputs=sensed(BoltState.UNLOCKED))
    assert outputs.state is BoltState.JAMMED
    assert not any(each.unlock or each.lock for each in bench.log)


@pytest.mark.parametrize("now", [math.nan, math.inf, -math.inf, 50.0, -1e300, 1e300, 100.0 + 90_000.0])
@pytest.mark.parametrize("traits", [SERVO, STRIKE])
def test_a_clock_that_leaps_powers_no_coil(traits, now):
    bench = Bench(traits).settled()
    bench.step(bench.lease())
    assert bench.log[-1].unlock
    bench.now = now
    outputs = bench.step(bench.lease())
    assert powered(outputs) == (False, False)
    assert outputs.refusal == "the clock leapt: no coil is powered until it runs evenly"


def test_in_a_leap_of_the_clock_the_sensor_is_still_reported_and_the_time_as_it_was_given():
    bench, locked = Bench(bolt_sensor=True), replace(CLOSED, bolt=BoltState.LOCKED)
    bench.step(inputs=locked)
    bench.run(1.0, inputs=locked)
    bench.now = 50.0
    outputs = bench.step(inputs=locked)
    assert (outputs.time, outputs.state) == (50.0, BoltState.LOCKED)


def test_after_a_leap_of_the_clock_the_coil_cools_and_the_bolt_then_locks():
    bench = Bench().settled()
    bench.step(bench.lease())
    bench.now = 50.0
    bench.step()
    assert bench.run(5.0).state is BoltState.LOCKED


def test_a_leap_of_the_clock_leaves_a_settled_bolt_alone():
    bench = Bench().settled()
    bench.now = 50.0
    assert bench.step().state is BoltState.LOCKED
    assert powered(bench.run(5.0)) == (False, False)


def test_a_clock_that_misses_a_day_but_no_more_is_believed():
    bench = Bench(MAGNET, replace(QUICK, rest="unlocked")).settled()
    bench.now += 86_400.0
    assert bench.step().lock
    bench.now += 86_400.0 + 1.0
    assert not bench.step().lock


def test_a_clock_that_is_not_a_number_for_one_step_is_forgotten():
    bench = Bench(MAGNET, replace(QUICK, rest="unlocked")).settled()
    now, bench.now = bench.now, math.nan
    assert not bench.step().lock
    bench.now = now
    assert bench.run(5.0 + TICK).lock


def test_setting_the_clock_back_again_and_again_does_not_extend_a_coils_time():
    bench = Bench(STRIKE, replace(QUICK, max_lease_s=100.0)).settled()
    on_s = 0.0
    for _ in range(200):
        before = bench.step(Lease(bench.now, 100.0, "own cat"))
        bench.now += 0.5
        on_s += 0.5 * before.unlock
        bench.step(Lease(bench.now, 100.0, "own cat"))
        bench.now -= 0.5
    assert on_s <= 100 * LIMITS.duty


@pytest.mark.parametrize(
    ("traits", "rest", "fix"), [(STRIKE, "unlocked", "locked"), (MAGNET, "locked", "unlocked")]
)
def test_a_rest_that_needs_power_is_refused(traits, rest, fix):
    with pytest.raises(ConfigError, match=f'rest = "{rest}" needs power .*; use rest = "{fix}"'):
        Guard(GuardSettings(rest=rest), traits, door_sensor=False, bolt_sensor=False)


@pytest.mark.parametrize(
    ("blocks", "rest", "may_trap"),
    [
        ("in", "locked", False),
        ("both", "locked", True),
        ("in", "unlocked", False),
        ("both", "unlocked", False),
    ],
)
def test_only_a_bolt_that_blocks_both_ways_and_rests_locked_may_trap(blocks, rest, may_trap):
    assert GuardSettings(blocks=blocks, rest=rest).may_trap is may_trap


@pytest.mark.parametrize(
    ("unlock", "lock", "limits", "message"),
    [
        (Drive.SPRING, Drive.SPRING, LIMITS, "no bolt unlocks by spring and locks by spring"),
        (Drive.HOLD, Drive.HOLD, LIMITS, "no bolt unlocks by hold and locks by hold"),
        (Drive.PULSE, Drive.SPRING, LIMITS, "no bolt unlocks by pulse and locks by spring"),
        (Drive.PULSE, Drive.PULSE, CoilLimits(0.4), "limit_s 0.4 is too short for travel_s 0.5"),
        (Drive.PULSE, Drive.PULSE, CoilLimits(1, 0.01, 10), "duty 0.01 of window_s 10 is too short"),
        (Drive.SPRING, Drive.HOLD, CoilLimits(math.inf, 0.5), "needs a coil for continuous duty"),
        (Drive.SPRING, Drive.HOLD, CoilLimits(10, 1), "needs a coil for continuous duty"),
    ],
)
def test_a_bolt_that_cannot_work_is_refused(unlock, lock, limits, message):
    with pytest.raises(ConfigError, match=message):
        BoltTraits(unlock, lock, 0.5, limits)


def test_limits_that_just_fit_are_accepted():
    BoltTraits(Drive.PULSE, Drive.PULSE, 0.5, CoilLimits(0.5, 0.05, 10.0))


def test_a_bolt_without_power_goes_where_its_spring_takes_it():
    assert STRIKE.unpowered is Position.LOCKED
    assert MAGNET.unpowered is Position.UNLOCKED
    assert SERVO.unpowered is None


def test_the_defaults_are_those_that_the_documentation_promises():
    assert GuardSettings() == GuardSettings("locked", "in", 10.0, 5.0, 0.5, 60.0, 0.5, 10.0)
    assert CoilLimits() == CoilLimits(10.0, 0.25, 60.0, 5.0)


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        (GuardSettings, {"max_lease_s": 0}),
        (GuardSettings, {"silence_s": -1}),
        (GuardSettings, {"alarm_s": math.inf}),
        (GuardSettings, {"dwell_s": -0.1}),
        (GuardSettings, {"dwell_s": math.inf}),
        (GuardSettings, {"rest": "open"}),
        (CoilLimits, {"limit_s": 0}),
        (CoilLimits, {"duty": 0}),
        (CoilLimits, {"duty": 1.01}),
        (CoilLimits, {"window_s": 0}),
        (CoilLimits, {"window_s": math.inf}),
        (CoilLimits, {"cooldown_s": 0}),
        (CoilLimits, {"cooldown_s": math.inf}),
    ],
)
def test_settings_out_of_bounds_are_refused(settings, keys):
    with pytest.raises(ValidationError):
        TypeAdapter(settings).validate_python(keys)


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        (GuardSettings, {"dwell_s": 0, "max_lease_s": 0.5, "silence_s": 0.5}),
        (CoilLimits, {"limit_s": 0.5, "duty": 1, "window_s": 0.5, "cooldown_s": 0.5}),
    ],
)
def test_settings_at_their_bounds_are_accepted(settings, keys):
    TypeAdapter(settings).validate_python(keys)
