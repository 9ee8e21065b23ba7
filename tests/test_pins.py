"""Which pins exist, who uses them, and how the chip behind them is found."""

import importlib.util
from dataclasses import dataclass

import pytest
from pydantic import TypeAdapter, ValidationError

from device.act import pins, relay, servo, solenoid
from device.errors import ConfigError, HardwareError


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


@pytest.mark.skipif(importlib.util.find_spec("lgpio") is not None, reason="lgpio is installed here")
def test_a_missing_library_is_named_with_the_fix():
    with pytest.raises(HardwareError, match=r"lgpio; install it with `sudo apt install python3-lgpio`"):
        pins.factory("gpio")


def test_mock_pins_can_be_dimmed():
    assert pins.factory("mock").pin(18).__class__.__name__ == "MockPWMPin"
