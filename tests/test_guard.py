"""The guard's rules, one sentence each: lease, silence, coil limit, open flap, dwell, alarm, jam, clock."""

import math
from dataclasses import replace

import pytest

from device.act.bolts import BoltTraits, Drive, Position
from device.act.coil import CoilLimits
from device.act.guard import Guard, GuardSettings, Outputs
from device.errors import ConfigError
from device.messages import BoltState, Door, Inputs, Lease

LIMITS = CoilLimits(limit_s=4.0, duty=0.5, window_s=20.0, cooldown_s=3.0)
SERVO = BoltTraits(Drive.PULSE, Drive.PULSE, 0.5, LIMITS)
STRIKE = BoltTraits(Drive.HOLD, Drive.SPRING, 0.5, LIMITS)
MAGNET = BoltTraits(Drive.SPRING, Drive.HOLD, 0.5, CoilLimits(math.inf, 1.0))
QUICK = GuardSettings(dwell_s=0.25, silence_s=2.0, alarm_s=3.0, jam_margin_s=0.25, retry_s=5.0)
TICK = 1 / 64  # exact in binary, so that sums of it are exact, too

CLOSED = Inputs(time=0.0, door=Door.CLOSED)
OPEN = replace(CLOSED, door=Door.OPEN)
LOST = replace(CLOSED, door=Door.UNKNOWN)
PANIC = replace(CLOSED, buttons={"panic": True})


class Bench:
    """A guard on the bench: time passes only here."""

    def __init__(self, traits=SERVO, settings=QUICK, door_sensor=True, bolt_sensor=False):
        self.guard = Guard(settings, traits, door_sensor, bolt_sensor)
        self.now = 100.0
        self.log: list[Outputs] = []

    def step(self, lease=None, inputs=CLOSED, spoke=True) -> Outputs:
        self.log.append(self.guard.step(self.now, lease, inputs, spoke))
        return self.log[-1]

    def run(self, seconds, lease=None, inputs=CLOSED, spoke=True) -> Outputs:
        """Step until `seconds` later, that moment included."""
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            outputs = self.step(lease, inputs, spoke)
        return outputs

    def lease(self, seconds=5.0) -> Lease:
        return Lease(self.now, seconds, "own cat")

    def settled(self) -> "Bench":
        """Locked, and long enough so that nothing forbids a move."""
        self.step()
        self.run(1.0)
        assert self.log[-1].state is BoltState.LOCKED
        self.log.clear()
        return self


def powered(outputs):
    return outputs.unlock, outputs.lock


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


@pytest.mark.parametrize("door", [Door.OPEN, Door.UNKNOWN])
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
        Guard(GuardSettings(rest=rest), traits)


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
