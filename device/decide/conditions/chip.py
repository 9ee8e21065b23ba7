"""`chip = "mimi"`: whose chip the reader at the flap has just read; also a list, or "own" for any of ours.

The reader feels both sides of the flap, so that this tells who wants out, too, where no camera looks.
A chip that was read before the flap closed last is of one who went through.
"""

from __future__ import annotations

from device.decide.conditions import Condition
from device.decide.facts import Facts, Truth
from device.errors import ConfigError

SCHEMA = {
    "type": ["string", "array"],
    "minLength": 1,
    "minItems": 1,
    "items": {"type": "string"},
    "description": "Whose chip was just read: a name, own for any of ours, or a list.",
}


def parse(value: object) -> Condition:
    """Ask for the chip of an animal by its name, of one of several, or "own" for that of any."""
    wanted = [value] if isinstance(value, str) else value
    if not isinstance(wanted, list) or not wanted or not all(isinstance(name, str) for name in wanted):
        raise ConfigError(f'chip = {value!r} must be the name of an animal, "own", or a list of these')

    def was_read(facts: Facts) -> Truth:
        if facts.chip is None:
            return Truth(None, f"the chip of {' or '.join(wanted)}")
        return Truth(facts.chip in wanted or ("own" in wanted and facts.chip != ""))

    return was_read
