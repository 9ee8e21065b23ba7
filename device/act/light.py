"""A lamp for the camera or for people, infrared or visible, dimmed by PWM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from device.act.drivers import Signal
from device.act.pins import Factory, Pin
from device.messages import BoltState, Inputs

When = Literal["always", "motion", "unlocked", "jammed"]


@dataclass(frozen=True, slots=True)
class Settings:
    """When the lamp shines and how brightly."""

    pin: Pin
    name: str = ""
    """What people call it; nothing depends on it."""
    when: When = "always"
    """"motion": while a motion sensor sees something, and `linger_s` after."""
    brightness: Annotated[float, Field(ge=0, le=1)] = 1.0
    frequency_hz: Annotated[int, Field(ge=50, le=10_000)] = 1000
    """High enough that a camera's exposure sees many periods and no bands."""
    active_high: bool = True
    linger_s: Annotated[float, Field(ge=0, le=3600)] = 30.0


def wanted(when: When, snapshot: Inputs) -> bool:
    """Whether the lamp has a reason to shine at this moment."""
    if when == "motion":
        return any(snapshot.motion.values())
    if when == "unlocked":
        return snapshot.bolt in (BoltState.UNLOCKING, BoltState.UNLOCKED)
    return when == "always" or snapshot.bolt is BoltState.JAMMED


@dataclass(slots=True)
class Light:
    """The lamp; `level` is what it was last set to."""

    settings: Settings
    lamp: Any
    level: float = 0.0
    lit_at: float = float("-inf")

    def show(self, snapshot: Inputs) -> None:
        if wanted(self.settings.when, snapshot):
            self.lit_at = snapshot.time
        linger_s = self.settings.linger_s if self.settings.when == "motion" else 0.0
        level = self.settings.brightness if snapshot.time - self.lit_at <= linger_s else 0.0
        if level != self.level:
            self.lamp.value = self.level = level

    def close(self) -> None:
        self.lamp.off()
        self.lamp.close()


def build(settings: Settings, factory: Factory) -> Signal:
    from gpiozero import PWMOutputDevice  # noqa: PLC0415 - only when pins are built

    lamp = PWMOutputDevice(
        settings.pin,
        active_high=settings.active_high,
        frequency=settings.frequency_hz,
        pin_factory=factory,
    )
    return Light(settings, lamp)
