"""Pins without hardware, and on them a quiet house: the flap hangs shut, nobody presses anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from device.act import button, pir, reed
from device.act.pins import Factory
from device.messages import BoltState, Inputs

InputSettings = reed.Settings | button.Settings | pir.Settings


def _level(settings: InputSettings, on: bool) -> bool:
    """What the pin reads while the contact is made, the button pressed or the motion seen (`on`)."""
    if isinstance(settings, pir.Settings):
        return on is settings.active_high
    return on is not settings.normally_open  # a contact that is closed pulls its pin to ground


@dataclass(slots=True)
class House:
    """The things around the door that a player of recordings may move by their names.

    It is a guard's signal, too: a contact on the bolt follows the bolt.
    """

    pins: Factory
    inputs: dict[str, InputSettings]
    jammed: bool = False
    """The bolt stays where it is, and so does what its contact says."""

    def set(self, name: str, on: bool) -> None:
        """Press or release a button, make or break a contact, begin or end a motion.

        Raises:
            KeyError: the project has no input of that name.
        """
        settings = self.inputs[name]
        pin = self.pins.pin(settings.pin)
        if _level(settings, on):
            pin.drive_high()
        else:
            pin.drive_low()

    def open_flap(self) -> None:
        self.set("door", False)

    def close_flap(self) -> None:
        self.set("door", True)

    def show(self, snapshot: Inputs) -> None:
        """Let the contact on the bolt, if there is one, follow the bolt."""
        if (
            "bolt" in self.inputs
            and not self.jammed
            and snapshot.bolt in (BoltState.LOCKING, BoltState.UNLOCKING)
        ):
            self.set("bolt", snapshot.bolt is BoltState.LOCKING)

    def close(self) -> None:
        """Nothing to give back: the pins belong to the guard's parts."""


def build(pins: Factory, inputs: Iterable[object]) -> House:
    """The house at rest on `pins`, where the drivers of these inputs have been built already.

    A driver sets its pin's pull when it is built, which on mock pins sets the level, too. What has no
    pin, such as a thermometer, is no part of the house.
    """
    at_pins = [settings for settings in inputs if isinstance(settings, InputSettings)]
    house = House(pins, {settings.name: settings for settings in at_pins})
    for name in house.inputs:
        house.set(name, name in ("door", "bolt"))
    return house
