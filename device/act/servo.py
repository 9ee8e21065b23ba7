"""A bolt turned by a hobby servo: the position holds without power, so the signal ends with the move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from device.act.bolts import BoltTraits, Drive
from device.act.coil import CoilLimits
from device.act.drivers import BoltDriver
from device.act.guard import Outputs
from device.act.pins import Factory, Pin
from device.errors import ConfigError

FRAME_S = 0.02


@dataclass(frozen=True, slots=True)
class Settings:
    """A servo's pin, its two angles and what its data sheet says of pulses."""

    pin: Pin
    unlocked_deg: float = 90.0
    locked_deg: float = 0.0
    min_deg: float = 0.0
    max_deg: float = 180.0
    min_pulse_ms: Annotated[float, Field(gt=0, lt=20)] = 0.5
    """Length of the pulse that turns the servo to `min_deg`."""
    max_pulse_ms: Annotated[float, Field(gt=0, lt=20)] = 2.5
    travel_s: Annotated[float, Field(gt=0, le=10)] = 0.6
    duty: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Largest share of a minute that the motor may run one way."""

    def __post_init__(self) -> None:
        if not self.min_deg < self.max_deg:
            raise ConfigError(f"min_deg {self.min_deg:g} must be less than max_deg {self.max_deg:g}")
        if not self.min_pulse_ms < self.max_pulse_ms:
            raise ConfigError(
                f"min_pulse_ms {self.min_pulse_ms:g} must be less than max_pulse_ms {self.max_pulse_ms:g}"
            )
        for key, angle in (("unlocked_deg", self.unlocked_deg), ("locked_deg", self.locked_deg)):
            if not self.min_deg <= angle <= self.max_deg:
                raise ConfigError(f"{key} {angle:g} is out of reach; use {self.min_deg:g}-{self.max_deg:g}")


@dataclass(slots=True)
class Servo:
    """The servo; `angle` is what it was last told, None while it gets no signal."""

    settings: Settings
    traits: BoltTraits
    servo: Any
    angle: float | None = None

    def drive(self, outputs: Outputs) -> None:
        angle = None
        if outputs.unlock != outputs.lock:
            angle = self.settings.unlocked_deg if outputs.unlock else self.settings.locked_deg
        if angle != self.angle:  # writing the same angle again would restart the signal and make it jitter
            self.servo.angle = self.angle = angle

    def close(self) -> None:
        self.servo.detach()
        self.servo.close()


def build(settings: Settings, factory: Factory) -> BoltDriver:
    from gpiozero import AngularServo  # noqa: PLC0415 - only when pins are built

    servo = AngularServo(
        settings.pin,
        initial_angle=None,
        min_angle=settings.min_deg,
        max_angle=settings.max_deg,
        min_pulse_width=settings.min_pulse_ms / 1000,
        max_pulse_width=settings.max_pulse_ms / 1000,
        frame_width=FRAME_S,
        pin_factory=factory,
    )
    limits = CoilLimits(limit_s=settings.travel_s, duty=settings.duty, cooldown_s=1.0)
    return Servo(settings, BoltTraits(Drive.PULSE, Drive.PULSE, settings.travel_s, limits), servo)
