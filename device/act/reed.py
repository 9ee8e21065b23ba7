"""A contact on the flap or the bolt: a reed switch and its magnet, or a micro switch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field

from device.act.contact import Steady
from device.act.drivers import Input, Senses
from device.act.pins import Factory, Pin
from device.messages import BoltState, Door, Inputs


@dataclass(frozen=True, slots=True)
class Settings:
    """Which contact it is and how it is wired; it switches the pin to ground."""

    pin: Pin
    name: Literal["door", "bolt"]
    """"door": made while the flap is closed; "bolt": made while the bolt is locked."""
    normally_open: bool = True
    """True if the magnet (or the pressed switch) makes the contact, False if it breaks it."""
    settle_s: Annotated[float, Field(ge=0, le=5)] = 0.05
    """How long the contact must rest in a state before it is believed."""


@dataclass(frozen=True, slots=True)
class Reed:
    """The contact; `senses` is its name."""

    settings: Settings
    contact: Any
    steady: Steady

    @property
    def senses(self) -> Senses:
        return self.settings.name

    def read(self, snapshot: Inputs) -> Inputs:
        made = bool(self.contact.value) is self.settings.normally_open
        there = self.steady.follow(snapshot.time, made)
        if self.settings.name == "bolt":
            return replace(snapshot, bolt=BoltState.LOCKED if there else BoltState.UNLOCKED)
        if there is None:
            return replace(snapshot, door=Door.UNKNOWN)
        return replace(snapshot, door=Door.CLOSED if there else Door.OPEN)

    def close(self) -> None:
        self.contact.close()


def build(settings: Settings, factory: Factory) -> Input:
    from gpiozero import DigitalInputDevice  # noqa: PLC0415 - only when pins are built

    contact = DigitalInputDevice(settings.pin, pull_up=True, pin_factory=factory)
    return Reed(settings, contact, Steady(settings.settle_s))
