"""The drivers of bolts, on pins without hardware: what the guard asks for is what the pins do."""

import math

import pytest
from pydantic import TypeAdapter

from device.act import relay, servo, solenoid
from device.act.bolts import Drive
from device.act.coil import CoilLimits
from device.act.guard import Outputs
from device.act.pins import factory
from device.errors import ConfigError
from device.messages import BoltState

CONTINUOUS = CoilLimits(math.inf, 1.0)


@pytest.fixture
def pins():
    made = factory("mock")
    yield made
    made.close()


def outputs(unlock=False, lock=False):
    return Outputs(0.0, unlock, lock, BoltState.LOCKED)


OFF, UNLOCK, LOCK, BOTH = outputs(), outputs(unlock=True), outputs(lock=True), outputs(True, True)


def duty(angle, settings):
    """The duty cycle of the 20 ms signal for an angle."""
    share = (angle - settings.min_deg) / (settings.max_deg - settings.min_deg)
    return (settings.min_pulse_ms + share * (settings.max_pulse_ms - settings.min_pulse_ms)) / 20


def test_a_servo_gets_its_angle_while_it_moves_and_no_signal_afterwards(pins):
    settings = servo.Settings(pin=18, unlocked_deg=90, locked_deg=30)
    bolt = servo.build(settings, pins)
    pin = pins.pin(18)
    assert pin.frequency is None, "no signal before the first command"
    bolt.drive(UNLOCK)
    assert pin.frequency == 50
    assert pin.state == pytest.approx(duty(90, settings))
    bolt.drive(LOCK)
    assert pin.state == pytest.approx(duty(30, settings))
    bolt.drive(OFF)
    assert pin.frequency is None
    assert pin.state == 0


def test_a_servo_asked_for_both_gets_no_signal(pins):
    bolt = servo.build(servo.Settings(pin=18), pins)
    bolt.drive(UNLOCK)
    bolt.drive(BOTH)
    assert pins.pin(18).frequency is None


def test_a_servos_signal_is_not_restarted_while_it_moves(pins):
    bolt = servo.build(servo.Settings(pin=18), pins)
    bolt.drive(UNLOCK)
    pins.pin(18).clear_states()
    bolt.drive(UNLOCK)
    assert len(pins.pin(18).states) == 1


def test_a_closed_servo_has_no_signal(pins):
    bolt = servo.build(servo.Settings(pin=18), pins)
    bolt.drive(UNLOCK)
    bolt.close()
    assert pins.pin(18).function == "input"
    assert pins.pin(18).state == 0


def test_a_servo_is_pulsed_both_ways_for_as_long_as_it_travels(pins):
    traits = servo.build(servo.Settings(pin=18, travel_s=0.8), pins).traits
    assert (traits.unlock, traits.lock, traits.travel_s) == (Drive.PULSE, Drive.PULSE, 0.8)
    assert traits.limits.limit_s == 0.8


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"unlocked_deg": 200}, "unlocked_deg 200 is out of reach; use 0-180"),
        ({"locked_deg": -1}, "locked_deg -1 is out of reach; use 0-180"),
        ({"min_deg": 180, "max_deg": 0}, "min_deg 180 must be less than max_deg 0"),
        ({"min_pulse_ms": 2.5}, "min_pulse_ms 2.5 must be less than max_pulse_ms 2.5"),
    ],
)
def test_a_servo_that_cannot_reach_its_angles_is_refused(keys, message):
    with pytest.raises(ConfigError, match=message):
        servo.Settings(pin=18, **keys)


@pytest.mark.parametrize("active_high", [True, False])
def test_a_relay_is_on_while_its_coil_is(pins, active_high):
    bolt = relay.build(relay.Settings(pin=5, active_high=active_high), pins)
    pin = pins.pin(5)
    assert pin.state == (not active_high), "off as soon as it is built"
    bolt.drive(UNLOCK)
    assert pin.state == active_high
    bolt.drive(OFF)
    assert pin.state == (not active_high)
    bolt.drive(LOCK)
    assert pin.state == active_high
    pin.clear_states()
    bolt.close()
    assert pin.states[1].state == (not active_high), "switched off before the pin is given back"


@pytest.mark.parametrize(
    ("powered_to", "unlock", "lock"),
    [("unlock", Drive.HOLD, Drive.SPRING), ("lock", Drive.SPRING, Drive.HOLD)],
)
@pytest.mark.parametrize("part", [relay, solenoid])
def test_a_single_coil_holds_one_way_and_its_spring_the_other(pins, part, powered_to, unlock, lock):
    settings = part.Settings(pin=5, powered_to=powered_to, travel_s=0.3, coil=CONTINUOUS)
    traits = part.build(settings, pins).traits
    assert (traits.unlock, traits.lock, traits.travel_s) == (unlock, lock, 0.3)
    assert traits.limits is settings.coil


@pytest.mark.parametrize("part", [relay, solenoid])
def test_a_coil_powered_to_lock_must_stand_it_for_ever(part):
    with pytest.raises(ConfigError, match="set limit_s = inf and duty = 1"):
        part.Settings(pin=5, powered_to="lock")


def test_a_coils_limits_are_a_table_of_their_own():
    keys = {"pin": 5, "powered_to": "lock", "coil": {"limit_s": math.inf, "duty": 1.0}}
    assert TypeAdapter(relay.Settings).validate_python(keys).coil.duty == 1.0


def test_a_single_coil_solenoid_is_switched(pins):
    bolt = solenoid.build(solenoid.Settings(pin=5), pins)
    bolt.drive(UNLOCK)
    assert pins.pin(5).state
    bolt.close()
    assert not pins.pin(5).state


def latching(pins):
    bolt = solenoid.build(solenoid.Settings(pin_unlock=5, pin_lock=6), pins)
    return bolt, pins.pin(5), pins.pin(6)


def test_a_latching_solenoid_has_a_coil_for_each_way(pins):
    bolt, unlock, lock = latching(pins)
    assert (bolt.traits.unlock, bolt.traits.lock) == (Drive.PULSE, Drive.PULSE)
    for asked, states in ((UNLOCK, (1, 0)), (LOCK, (0, 1)), (OFF, (0, 0)), (UNLOCK, (1, 0)), (BOTH, (0, 0))):
        bolt.drive(asked)
        assert (unlock.state, lock.state) == states


@pytest.mark.parametrize(("first", "second"), [(UNLOCK, LOCK), (LOCK, UNLOCK)])
def test_one_coil_goes_off_before_the_other_goes_on(pins, first, second):
    bolt, unlock, lock = latching(pins)
    both = []
    for coil in (unlock, lock):
        original = coil._set_state
        coil._set_state = lambda value, original=original: (
            original(value),
            both.append((unlock.state, lock.state)),
        )
    bolt.drive(first)
    bolt.drive(second)
    assert (1, 1) not in both
    assert len(both) >= 4


def test_a_closed_solenoid_has_no_power(pins):
    bolt, unlock, lock = latching(pins)
    bolt.drive(LOCK)
    bolt.close()
    assert (unlock.state, lock.state) == (0, 0)
    assert (unlock.function, lock.function) == ("input", "input")


@pytest.mark.parametrize(
    "keys", [{}, {"pin": 5, "pin_lock": 6}, {"pin_unlock": 5}, {"pin_lock": 6}, {"pin": 1, "pin_unlock": 2}]
)
def test_a_solenoid_has_one_pin_or_a_pair(keys):
    with pytest.raises(ConfigError, match="either pin, or both pin_unlock and pin_lock"):
        solenoid.Settings(**keys)
