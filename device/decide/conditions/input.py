"""`input = "vet"`: a switch, button or sensor is on; `input = "not vet"`: it is off."""

from __future__ import annotations

from device.decide.conditions import Condition
from device.decide.facts import Facts, Truth
from device.errors import ConfigError

SCHEMA = {
    "type": "string",
    "pattern": r"\S",
    "description": 'A switch, button or sensor that is on; "not NAME" for one that is off.',
}


def parse(value: object) -> Condition:
    """Ask whether a named input is on, or with "not " before the name, off."""
    asked = value.strip() if isinstance(value, str) else ""
    name = asked.removeprefix("not ").strip()
    if not name or name == "not":
        raise ConfigError(f'input = {value!r} must be the name of an input, or "not NAME"')
    wanted = not asked.startswith("not ")

    def is_on(facts: Facts) -> Truth:
        on = facts.inputs.get(name)
        if on is None:
            return Truth(None, f"the input {name} (the project has none of that name)")
        return Truth(on is wanted)

    return is_on
