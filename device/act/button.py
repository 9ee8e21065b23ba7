"""A button, switch or alarm contact with a name that the guard or a rule knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field

from device.act.contact import Steady
from device.act.drivers import Input, Senses
from device.act.pins import Factory, Pin
from device.messages import Inputs


@dataclass(frozen=True, slots=True)
class Settings:
    """What the contact is called and how it is wired; it switches the pin to ground."""

    pin: Pin
    name: Annotated[str, Field(min_length=1)]
    """"panic" and "smoke" open the way out by themselves; "vet", "let_in" and others are for rules."""
    normally_open: bool = True
    """False for a contact that breaks when it is on, as smoke detectors' do: a cut wire then counts as on."""
    settle_s: Annotated[float, Field(ge=0, le=5)] = 0.05
    """How long the contact must rest in a state before it is believed."""


@dataclass(frozen=True, slots=True)
class Button:
    """The contact; off until it has rested in a state for the first time."""

    settings: Settings
    contact: Any
    steady: Steady
    senses: Senses = "button"

    def read(self, snapshot: Inputs) -> Inputs:
        on = bool(self.contact.value) is self.settings.normally_open
        believed = bool(self.steady.follow(snapshot.time, on))
        return replace(snapshot, buttons={**snapshot.buttons, self.settings.name: believed})

    def close(self) -> None:
        self.contact.close()


def build(settings: Settings, factory: Factory) -> Input:
    from gpiozero import DigitalInputDevice  # noqa: PLC0415 - only when pins are built

    contact = DigitalInputDevice(settings.pin, pull_up=True, pin_factory=factory)
    return Button(settings, contact, Steady(settings.settle_s))
