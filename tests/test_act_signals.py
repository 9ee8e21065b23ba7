"""Lights and chimes on pins without hardware: what shines and sounds when."""

import pytest

from device.act import chime, light
from device.act.pins import factory
from device.messages import BoltState, Inputs


@pytest.fixture
def pins():
    made = factory("mock")
    yield made
    made.close()


def at(time, bolt=BoltState.LOCKED, **known):
    return Inputs(time=time, bolt=bolt, **known)


def level(pins):
    return pins.pin(12).state


def test_a_light_shines_always_with_its_brightness(pins):
    lamp = light.build(light.Settings(pin=12, brightness=0.4), pins)
    assert level(pins) == 0
    lamp.show(at(0.0))
    assert level(pins) == pytest.approx(0.4)
    assert pins.pin(12).frequency == 1000


@pytest.mark.parametrize(
    ("when", "states"),
    [
        ("unlocked", {BoltState.UNLOCKED, BoltState.UNLOCKING}),
        ("jammed", {BoltState.JAMMED}),
        ("always", set(BoltState)),
        ("motion", set()),
    ],
)
@pytest.mark.parametrize("state", BoltState)
def test_a_light_follows_the_bolt(pins, when, states, state):
    lamp = light.build(light.Settings(pin=12, when=when), pins)
    lamp.show(at(0.0, state))
    assert level(pins) == (state in states)


def test_a_light_that_follows_motion_lingers(pins):
    lamp = light.build(light.Settings(pin=12, when="motion", linger_s=5.0), pins)
    lamp.show(at(0.0, motion={"inside": False, "outside": True}))
    assert level(pins) == 1
    lamp.show(at(5.0, motion={"outside": False}))
    assert level(pins) == 1
    lamp.show(at(5.1, motion={"outside": False}))
    assert level(pins) == 0


def test_a_light_that_follows_the_bolt_does_not_linger(pins):
    lamp = light.build(light.Settings(pin=12, when="unlocked", linger_s=5.0), pins)
    lamp.show(at(0.0, BoltState.UNLOCKED))
    lamp.show(at(0.1))
    assert level(pins) == 0


def test_a_light_wired_to_the_supply_shines_when_its_pin_is_low(pins):
    lamp = light.build(light.Settings(pin=12, active_high=False, brightness=0.25), pins)
    assert level(pins) == 1
    lamp.show(at(0.0))
    assert level(pins) == pytest.approx(0.75)


def test_a_closed_light_is_dark(pins):
    lamp = light.build(light.Settings(pin=12), pins)
    lamp.show(at(0.0))
    lamp.close()
    assert level(pins) == 0
    assert pins.pin(12).function == "input"


def sounds(pins, buzzer, snapshots):
    """The frequency that sounds after each snapshot, 0 in silence."""
    heard = []
    for snapshot in snapshots:
        buzzer.show(snapshot)
        heard.append(round(pins.pin(12).frequency) if level(pins) else 0)
    return heard


def test_a_chime_plays_its_pattern_when_the_bolt_unlocks_and_then_falls_silent(pins):
    buzzer = chime.build(chime.Settings(pin=12, volume=0.8), pins)
    unlocking = [at(1.0 + tick * 0.0625, BoltState.UNLOCKING) for tick in range(9)]
    assert sounds(pins, buzzer, [at(0.0), *unlocking]) == [0, 660, 660, 880, 880, 1320, 1320, 1320, 0, 0]


def test_a_chime_is_half_on_so_that_it_is_loud(pins):
    buzzer = chime.build(chime.Settings(pin=12, volume=0.8), pins)
    sounds(pins, buzzer, [at(0.0), at(1.0, BoltState.UNLOCKED)])
    assert level(pins) == pytest.approx(0.4)


def test_a_chime_says_nothing_of_the_state_it_starts_in(pins):
    buzzer = chime.build(chime.Settings(pin=12), pins)
    assert sounds(pins, buzzer, [at(0.0, BoltState.UNLOCKED), at(0.1, BoltState.UNLOCKED)]) == [0, 0]


@pytest.mark.parametrize(
    ("keys", "snapshot", "heard"),
    [
        ({"on_jammed": "beep"}, at(1.0, BoltState.JAMMED), 1000),
        ({"on_alarm": "fall"}, at(1.0, buttons={"smoke": True}), 880),
        ({"on_alarm": "fall"}, at(1.0, BoltState.UNLOCKED, buttons={"panic": True}), 880),
        ({"on_unlocked": "silent"}, at(1.0, BoltState.UNLOCKED), 0),
        ({}, at(1.0, buttons={"vet": True}), 0),
    ],
)
def test_a_chime_has_a_pattern_for_each_mood(pins, keys, snapshot, heard):
    buzzer = chime.build(chime.Settings(pin=12, **keys), pins)
    assert sounds(pins, buzzer, [at(0.0), snapshot]) == [0, heard]


def test_a_chime_can_say_that_the_bolt_locks(pins):
    buzzer = chime.build(chime.Settings(pin=12, on_locked="beep"), pins)
    states = [at(0.0, BoltState.UNLOCKED), at(1.0, BoltState.LOCKING), at(1.2, BoltState.LOCKED)]
    assert sounds(pins, buzzer, states) == [0, 1000, 0]


def test_a_pattern_has_its_pauses():
    assert [chime.tone_at(chime.PATTERNS["warning"], seconds) for seconds in (0.2, 0.3, 0.5, 2.0)] == [
        2000,
        0,
        2000,
        0,
    ]


def test_a_closed_chime_is_silent(pins):
    buzzer = chime.build(chime.Settings(pin=12), pins)
    sounds(pins, buzzer, [at(0.0), at(1.0, BoltState.JAMMED)])
    buzzer.close()
    assert level(pins) == 0
