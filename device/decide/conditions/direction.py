"""`direction = "in"`: where the animal is going. One that has not begun to leave may be coming in."""

from __future__ import annotations

from device.decide.conditions import Condition
from device.decide.facts import NO, Facts, Truth
from device.errors import ConfigError
from device.messages import Heading

SCHEMA = {"enum": ["in", "out"], "description": "Where the animal is going."}


def parse(value: object) -> Condition:
    """Ask for the direction "in" or "out"."""
    if value not in ("in", "out"):
        raise ConfigError(f'direction = {value!r} must be "in" or "out"')
    entering = value == "in"

    def goes(facts: Facts) -> Truth:
        if not facts.present:
            return NO
        return Truth((facts.direction is not Heading.OUT) == entering)

    return goes
