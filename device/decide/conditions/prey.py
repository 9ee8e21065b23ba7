"""`prey = false`: the mouth is proven empty; `prey = true`: it is proven to carry something."""

from __future__ import annotations

from device.decide.conditions import Condition
from device.decide.facts import NO, Facts, Truth
from device.errors import ConfigError

SCHEMA = {"type": "boolean", "description": "It is proven to carry prey, or its mouth is proven empty."}


def parse(value: object) -> Condition:
    """Ask whether the animal carries prey."""
    if not isinstance(value, bool):
        raise ConfigError(f"prey = {value!r} must be true or false")

    def carries(facts: Facts) -> Truth:
        if not facts.present:
            return NO
        if facts.prey is None:
            return Truth(None, facts.missing.get("prey", "mouth not seen"))
        return Truth(facts.prey is value)

    return carries
