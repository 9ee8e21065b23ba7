"""`door = "closed"`: how the flap stands; without a door sensor it is never known."""

from __future__ import annotations

from device.decide.conditions import Condition
from device.decide.facts import Facts, Truth
from device.errors import ConfigError
from device.messages import Door

SCHEMA = {"enum": ["open", "closed"], "description": "How the flap stands; needs a door sensor."}


def parse(value: object) -> Condition:
    """Ask for the door state "open" or "closed"."""
    if value not in ("open", "closed"):
        raise ConfigError(f'door = {value!r} must be "open" or "closed"')

    def stands(facts: Facts) -> Truth:
        if facts.door is Door.UNKNOWN:
            return Truth(None, "how the flap stands (no door sensor answers)")
        return Truth(facts.door.value == value)

    return stands
