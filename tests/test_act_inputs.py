"""Contacts, buttons and motion sensors on pins without hardware, bounce and broken wires included."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.act import button, pir, reed
from device.act.contact import Steady
from device.act.pins import factory
from device.messages import BoltState, Door, Inputs


@pytest.fixture
def pins():
    made = factory("mock")
    yield made
    made.close()


def at(time, **known):
    return Inputs(time=time, **known)


def test_a_level_counts_once_it_has_lasted():
    steady = Steady(0.05)
    assert steady.follow(1.0, True) is None
    assert steady.follow(1.04, True) is None
    assert steady.follow(1.05, True) is True
    assert steady.follow(1.06, False) is True
    assert steady.follow(1.10, False) is True
    assert steady.follow(1.12, False) is False


def test_a_bounce_starts_the_wait_again():
    steady = Steady(0.05)
    for time, raw in ((1.0, True), (1.04, False), (1.06, True), (1.10, True)):
        assert steady.follow(time, raw) is None
    assert steady.follow(1.11, True) is True


def test_without_a_wait_a_level_counts_at_once():
    assert Steady(0.0).follow(1.0, False) is False


@pytest.mark.parametrize("odd", [math.nan, 0.5, -math.inf, math.inf])
def test_a_clock_that_leaps_does_not_stop_a_contact_for_good(odd):
    steady = Steady(0.05)
    steady.follow(1.0, False)
    steady.follow(1.1, False)
    steady.follow(odd, True)
    steady.follow(2.0, True)
    assert steady.follow(2.1, True) is True


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=40), st.integers(1, 20))
def test_a_believed_level_has_always_lasted(steps, settle):
    steady, time, log = Steady(settle), 0, []
    for passed, raw in steps:
        time += passed
        before = log[-1][2] if log else None
        believed = steady.follow(time, raw)
        if believed is not before:
            lasting = [when for when, level, _ in log if when > time - settle]
            assert all(level is raw for _, level, _ in log[len(log) - len(lasting) :])
            assert any(when <= time - settle for when, _, _ in log) or settle == 0
        log.append((time, raw, believed))


@pytest.mark.parametrize(
    ("normally_open", "pulled_low", "door"),
    [
        (True, True, Door.CLOSED),
        (True, False, Door.OPEN),
        (False, False, Door.CLOSED),
        (False, True, Door.OPEN),
    ],
)
def test_the_flaps_contact_tells_closed_from_open(pins, normally_open, pulled_low, door):
    contact = reed.build(reed.Settings(pin=17, name="door", normally_open=normally_open), pins)
    if pulled_low:
        pins.pin(17).drive_low()
    assert contact.senses == "door"
    assert contact.read(at(0.0)).door is Door.UNKNOWN, "nothing is known before it has rested"
    assert contact.read(at(0.05)).door is door


def test_a_flap_that_bounces_shut_is_open_until_it_rests(pins):
    contact = reed.build(reed.Settings(pin=17, name="door"), pins)
    pin = pins.pin(17)
    contact.read(at(0.0))
    assert contact.read(at(0.1)).door is Door.OPEN
    for tick in range(8):
        (pin.drive_low if tick % 2 else pin.drive_high)()
        assert contact.read(at(0.2 + tick * 0.02)).door is Door.OPEN
    assert contact.read(at(0.2 + 7 * 0.02 + 0.06)).door is Door.CLOSED


def test_the_bolts_contact_tells_locked_from_not_locked(pins):
    contact = reed.build(reed.Settings(pin=17, name="bolt"), pins)
    assert contact.senses == "bolt"
    assert contact.read(at(0.0)).bolt is BoltState.UNLOCKED, "locked only once it is known"
    assert contact.read(at(0.1)).bolt is BoltState.UNLOCKED
    pins.pin(17).drive_low()
    contact.read(at(0.2))
    assert contact.read(at(0.3)).bolt is BoltState.LOCKED


def test_a_button_is_written_under_its_name_beside_the_others(pins):
    vet = button.build(button.Settings(pin=22, name="vet"), pins)
    pins.pin(22).drive_low()
    vet.read(at(0.0))
    assert vet.senses == "button"
    assert vet.read(at(0.1, buttons={"panic": False})).buttons == {"panic": False, "vet": True}
    pins.pin(22).drive_high()
    vet.read(at(0.2))
    assert vet.read(at(0.3)).buttons == {"vet": False}


def test_a_smoke_contact_that_breaks_counts_a_cut_wire_as_smoke(pins):
    smoke = button.build(button.Settings(pin=22, name="smoke", normally_open=False), pins)
    smoke.read(at(0.0))
    assert smoke.read(at(0.1)).buttons == {"smoke": True}
    pins.pin(22).drive_low()
    smoke.read(at(0.2))
    assert smoke.read(at(0.3)).buttons == {"smoke": False}


def test_a_button_is_off_until_it_is_known(pins):
    assert button.build(button.Settings(pin=22, name="panic"), pins).read(at(0.0)).buttons == {"panic": False}


@pytest.mark.parametrize("active_high", [True, False])
def test_a_motion_sensor_reports_at_once_and_is_silent_when_loose(pins, active_high):
    sensor = pir.build(pir.Settings(pin=23, name="outside", active_high=active_high), pins)
    pin = pins.pin(23)
    assert sensor.senses == "motion"
    assert sensor.read(at(0.0, motion={"inside": True})).motion == {"inside": True, "outside": False}
    (pin.drive_high if active_high else pin.drive_low)()
    assert sensor.read(at(0.0)).motion == {"outside": True}


@pytest.mark.parametrize(
    ("part", "settings"),
    [
        (reed, reed.Settings(pin=17, name="door")),
        (button, button.Settings(pin=17, name="vet")),
        (pir, pir.Settings(pin=17, name="inside")),
    ],
)
def test_a_closed_input_gives_its_pin_back(pins, part, settings):
    part.build(settings, pins).close()
    part.build(settings, pins).close()
