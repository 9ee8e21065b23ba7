"""A motion sensor, inside or outside, whose output goes high when something warm moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from device.act.drivers import Input, Senses
from device.act.pins import Factory, Pin
from device.messages import Inputs


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the sensor looks, and its pin."""

    pin: Pin
    name: Literal["inside", "outside"]
    active_high: bool = True


@dataclass(frozen=True, slots=True)
class MotionSensor:
    """The sensor; it holds its output for seconds by itself, so nothing is smoothed here."""

    settings: Settings
    sensor: Any
    senses: Senses = "motion"

    def read(self, snapshot: Inputs) -> Inputs:
        return replace(snapshot, motion={**snapshot.motion, self.settings.name: bool(self.sensor.value)})

    def close(self) -> None:
        self.sensor.close()


def build(settings: Settings, factory: Factory) -> Input:
    from gpiozero import DigitalInputDevice  # noqa: PLC0415 - only when pins are built

    # A pull towards "nothing moves": a sensor that has come loose is silent.
    sensor = DigitalInputDevice(settings.pin, pull_up=not settings.active_high, pin_factory=factory)
    return MotionSensor(settings, sensor)
