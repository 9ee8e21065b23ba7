"""`mode = "in-only"`: what the owner has set the door to; also a list."""

from __future__ import annotations

from device.decide.conditions import Condition
from device.decide.facts import Facts, Truth
from device.errors import ConfigError
from device.messages import Mode

MODES = sorted(mode.value for mode in Mode)
SCHEMA = {
    "anyOf": [{"enum": MODES}, {"type": "array", "minItems": 1, "items": {"enum": MODES}}],
    "description": "What the owner has set the door to; also a list.",
}


def parse(value: object) -> Condition:
    """Ask for one of the modes."""
    wanted = value if isinstance(value, list) else [value]
    if not wanted or not all(mode in MODES for mode in wanted):
        raise ConfigError(f"mode = {value!r} must be one of {', '.join(MODES)}, or a list of these")

    def is_set(facts: Facts) -> Truth:
        return Truth(facts.mode.value in wanted)

    return is_set
