"""`camera = "blind"`: it has been blind for so long that the owner is told of it; `camera = "sees"`: it sees.

A flash of headlights is neither: for `[welfare] blind_s` seconds a camera that shows nothing may be about to
see again, and no rule may open meanwhile for what it would have seen.
"""

from __future__ import annotations

from device.decide.conditions import Condition
from device.decide.facts import Truth
from device.errors import ConfigError

SCHEMA = {"enum": ["blind", "sees"], "description": "It has been blind for [welfare] blind_s, or it sees."}


def parse(value: object) -> Condition:
    """Ask whether the camera is "blind" or "sees"."""
    if value not in ("blind", "sees"):
        raise ConfigError(f'camera = {value!r} must be "blind" or "sees"')
    if value == "sees":
        return lambda facts: Truth(facts.sees)
    return lambda facts: Truth(facts.blind)
