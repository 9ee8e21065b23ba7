"""Which pins there are, who uses them, and the gpiozero factory that reaches them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from device.errors import ConfigError, HardwareError

LAST_PIN = 27
"""A Raspberry Pi's header has GPIO 0 to 27, in Broadcom's numbering."""

Factory = Any
"""A gpiozero pin factory; gpiozero has no types."""


def _existing(pin: int) -> int:
    if not 0 <= pin <= LAST_PIN:
        raise ValueError(f"pin {pin} does not exist; use 0-{LAST_PIN}")
    return pin


Pin = Annotated[int, AfterValidator(_existing)]
"""A pin by its Broadcom number, 0 to 27. Fields that hold one are called `pin` or `pin_<what>`."""


@dataclass(frozen=True, slots=True)
class PinSettings:
    """`[pins]`: the real pins of a Raspberry Pi, or pins without hardware."""

    kind: Literal["gpio", "mock"] = "gpio"


def pins_of(settings: object) -> Iterator[int]:
    """The pins that a part's settings use."""
    if is_dataclass(settings):
        for field in fields(settings):
            pin = getattr(settings, field.name)
            if (field.name == "pin" or field.name.startswith("pin_")) and pin is not None:
                yield pin


def refuse_shared_pins(parts: Iterable[tuple[str, object]]) -> None:
    """Check that no pin is used twice.

    `parts` are pairs of how the project file names a part (`[bolt]`, `[[input]] "door"`) and its settings.

    Raises:
        ConfigError: two parts, or two keys of one part, use the same pin.
    """
    users: dict[int, str] = {}
    for name, settings in parts:
        for pin in pins_of(settings):
            if pin in users:
                raise ConfigError(f"{name} pin {pin} is used twice, also by {users[pin]}")
            users[pin] = name


def factory(kind: Literal["gpio", "mock"]) -> Factory:
    """The pins of a Raspberry Pi, or pins without hardware.

    Raises:
        HardwareError: this machine has no such pins, or the library to reach them is missing.
    """
    if kind == "mock":
        from gpiozero.pins.mock import MockFactory, MockPWMPin  # noqa: PLC0415 - only when pins are built

        return MockFactory(pin_class=MockPWMPin)
    return _raspberry_pi()


def header_chip(labels: Mapping[int, str]) -> int:
    """The number of the chip that drives the Pi's header, found by its label.

    The number is no help: it was 0 up to the Pi 4, 4 on a Pi 5 with older kernels, and is 0 there now.

    Raises:
        HardwareError: none of the chips is a Raspberry Pi's.
    """
    for number, label in sorted(labels.items()):
        if label.startswith("pinctrl-bcm2") or label == "pinctrl-rp1":
            return number
    seen = ", ".join(f"gpiochip{number} is {label}" for number, label in sorted(labels.items())) or "none"
    raise HardwareError(
        f'[pins] kind = "gpio": no GPIO chip of a Raspberry Pi here (found: {seen}); '
        'set kind = "mock", or check that the user is in the group gpio'
    )


def _raspberry_pi() -> Factory:
    try:
        lgpio: Any = import_module("lgpio")
        gpiozero: Any = import_module("gpiozero.pins.lgpio")
    except (ImportError, AttributeError) as error:  # the package index has an empty stub of that name, too
        raise HardwareError(
            '[pins] kind = "gpio" needs the package lgpio; on a Raspberry Pi `sudo apt install '
            'python3-lgpio` and make the environment with --system-site-packages, elsewhere set kind = "mock"'
        ) from error

    class FinePin(gpiozero.LGPIOPin):  # type: ignore[misc]
        """A pin whose duty cycle is not cut to whole per cents, which are 18 degrees of a servo.

        Source: https://github.com/gpiozero/gpiozero/issues/1209
        """

        _pwm: Any

        def __init__(self, pin_factory: Any, info: Any) -> None:
            try:
                super().__init__(pin_factory, info)
            except lgpio.error as error:  # 'GPIO busy', while another process has it
                raise HardwareError(
                    f"pin {info.name} cannot be used: {error}; end the program that uses it, "
                    "such as a running latchlens"
                ) from error

        def _set_state(self, value: float) -> None:
            if not self._pwm:
                super()._set_state(value)
                return
            self._pwm = (self._pwm[0], value * 100)
            lgpio.tx_pwm(self.factory._handle, self._number, *self._pwm)

    try:
        pins = gpiozero.LGPIOFactory(chip=header_chip(_chip_labels(lgpio)))
    except lgpio.error as error:
        raise HardwareError(
            f"the GPIO chip does not open: {error}; is the user in the group gpio?"
        ) from error
    pins.pin_class = FinePin
    return pins


def _chip_labels(lgpio: Any) -> dict[int, str]:
    """The label of each GPIO chip that this user may open."""
    labels = {}
    for path in Path("/dev").glob("gpiochip*"):
        number = int(path.name.removeprefix("gpiochip"))
        try:
            handle = lgpio.gpiochip_open(number)
        except lgpio.error:
            continue
        labels[number] = lgpio.gpio_get_chip_info(handle)[3]
        lgpio.gpiochip_close(handle)
    return labels
