"""Which pins exist, who uses them, and how the chip behind them is found."""

import importlib.util
import sys
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from pydantic import TypeAdapter, ValidationError

from device.act import button, local, pins, pir, reed, relay, servo, solenoid
from device.act.guard import GuardSettings
from device.errors import ConfigError, HardwareError
from device.messages import BoltState, Door, Lease
from simulator import pins as simulated


@pytest.mark.parametrize("pin", [0, 27])
def test_the_pins_of_the_header_exist(pin):
    assert TypeAdapter(relay.Settings).validate_python({"pin": pin}).pin == pin


@pytest.mark.parametrize("pin", [-1, 28, 40])
def test_other_pins_do_not_exist(pin):
    with pytest.raises(ValidationError, match=f"pin {pin} does not exist; use 0-27"):
        TypeAdapter(relay.Settings).validate_python({"pin": pin})


def test_a_pin_used_by_two_parts_is_refused():
    parts = [('[[input]] "door"', relay.Settings(pin=17)), ("[bolt]", servo.Settings(pin=17))]
    with pytest.raises(ConfigError) as caught:
        pins.refuse_shared_pins(parts)
    assert str(caught.value) == '[bolt] pin 17 is used twice, also by [[input]] "door"'


def test_a_pin_used_twice_by_one_part_is_refused():
    with pytest.raises(ConfigError, match=r"\[bolt\] pin 5 is used twice, also by \[bolt\]"):
        pins.refuse_shared_pins([("[bolt]", solenoid.Settings(pin_unlock=5, pin_lock=5))])


def test_parts_with_pins_of_their_own_or_without_pins_are_accepted():
    @dataclass(frozen=True)
    class Pinless:
        port: str = "/dev/ttyS0"

    pins.refuse_shared_pins(
        [
            ("[bolt]", solenoid.Settings(pin_unlock=5, pin_lock=6)),
            ("[light]", relay.Settings(pin=7)),
            ("[chip]", Pinless()),
            ("[nothing]", None),
        ]
    )
    assert list(pins.pins_of(solenoid.Settings(pin_unlock=5, pin_lock=6))) == [5, 6]


@pytest.mark.parametrize(
    ("labels", "number"),
    [
        ({0: "pinctrl-bcm2835"}, 0),
        ({1: "raspberrypi-exp-gpio", 0: "pinctrl-bcm2711"}, 0),
        ({0: "gpio-brcmstb@107d508500", 4: "pinctrl-rp1"}, 4),
        ({0: "pinctrl-rp1", 10: "gpio-brcmstb@107d508500"}, 0),
    ],
)
def test_the_header_is_found_by_its_chips_label(labels, number):
    assert pins.header_chip(labels) == number


@pytest.mark.parametrize(
    ("labels", "found"), [({}, "found: none"), ({0: "INTC1057:00"}, "found: gpiochip0 is INTC1057:00")]
)
def test_a_machine_without_a_header_is_told_so(labels, found):
    with pytest.raises(HardwareError, match=f"no GPIO chip of a Raspberry Pi here.*{found}"):
        pins.header_chip(labels)


def test_a_pin_that_another_program_holds_is_named(monkeypatch):
    class BusyError(Exception):
        """What lgpio raises."""

    class Taken:
        def __init__(self, *_: object) -> None:
            raise BusyError("'GPIO busy'")

    library = SimpleNamespace(error=BusyError)
    gpiozero = SimpleNamespace(LGPIOPin=Taken, LGPIOFactory=lambda chip: SimpleNamespace(chip=chip))
    monkeypatch.setitem(sys.modules, "lgpio", library)
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", gpiozero)
    monkeypatch.setattr(pins, "_chip_labels", lambda _: {0: "pinctrl-bcm2711"})
    made = pins.factory("gpio")
    with pytest.raises(HardwareError, match="pin GPIO17 cannot be used: 'GPIO busy'; end the program"):
        made.pin_class(made, SimpleNamespace(name="GPIO17"))


@pytest.mark.skipif(importlib.util.find_spec("lgpio") is not None, reason="lgpio is installed here")
def test_a_missing_library_is_named_with_the_fix():
    with pytest.raises(HardwareError, match=r"\[pins\] kind .*`sudo apt install python3-lgpio`.*\"mock\""):
        pins.factory("gpio")


def test_mock_pins_can_be_dimmed():
    assert pins.factory("mock").pin(18).__class__.__name__ == "MockPWMPin"


INPUTS = [
    (reed, reed.Settings(pin=17, name="door")),
    (reed, reed.Settings(pin=27, name="bolt", normally_open=False)),
    (button, button.Settings(pin=22, name="panic")),
    (button, button.Settings(pin=23, name="smoke", normally_open=False)),
    (pir, pir.Settings(pin=24, name="inside")),
    (pir, pir.Settings(pin=25, name="outside", active_high=False)),
]


def guarded_house():
    """A strike's guard on pins without hardware, and the house around it."""
    made = pins.factory("mock")
    inputs = [part.build(settings, made) for part, settings in INPUTS]
    house = simulated.build(made, [settings for _, settings in INPUTS])
    strike = relay.build(relay.Settings(pin=5), made)
    return local.build(GuardSettings(), strike, inputs, [house]), house


def run(guard, start, seconds, lease_s=None):
    for tick in range(round(seconds * 50) + 1):
        now = start + tick / 50
        guard.hold(None if lease_s is None else Lease(now, lease_s, "own cat"))
        snapshot = guard.step(now)
    return snapshot


def test_a_simulated_house_is_quiet_and_its_flap_shut():
    guard, _ = guarded_house()
    snapshot = run(guard, 0.0, 2.0)
    assert snapshot.door is Door.CLOSED
    assert snapshot.bolt is BoltState.LOCKED
    assert snapshot.buttons == {"panic": False, "smoke": False}
    assert snapshot.motion == {"inside": False, "outside": False}
    assert snapshot.refusal is None


def test_the_contact_on_a_simulated_bolt_follows_it():
    guard, _ = guarded_house()
    run(guard, 0.0, 2.0)
    assert run(guard, 2.0, 1.0, 1.0).bolt is BoltState.UNLOCKED
    assert run(guard, 3.0, 1.0).bolt is BoltState.LOCKED
    assert BoltState.JAMMED not in [change.state for change in guard.history]


def test_a_flap_left_open_in_the_simulator_keeps_the_bolt_out_of_its_way():
    guard, house = guarded_house()
    run(guard, 0.0, 2.0)
    run(guard, 2.0, 1.0, 1.0)
    house.open_flap()
    snapshot = run(guard, 3.0, 1.0, 1.0)
    assert snapshot.door is Door.OPEN
    assert run(guard, 4.0, 2.0).bolt is BoltState.UNLOCKED
    house.close_flap()
    assert run(guard, 6.0, 1.0).bolt is BoltState.LOCKED


@pytest.mark.parametrize("name", ["panic", "smoke"])
def test_an_alarm_in_the_simulator_opens_the_bolt(name):
    guard, house = guarded_house()
    run(guard, 0.0, 2.0)
    house.set(name, True)
    snapshot = run(guard, 2.0, 1.0)
    assert snapshot.bolt is BoltState.UNLOCKED
    assert snapshot.buttons[name]


def test_something_moves_in_the_simulator():
    guard, house = guarded_house()
    house.set("inside", True)
    house.set("outside", True)
    assert run(guard, 0.0, 0.0).motion == {"inside": True, "outside": True}
