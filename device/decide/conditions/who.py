"""`who = "own"`: who the animal is; also an animal's name, or a list of which one must hold.

"own" is any animal of the household, "stranger" an animal proven not to be one of it,
"other species" an animal of a kind that the household does not keep, "person" a human.
"""

from __future__ import annotations

from device.decide.conditions import Condition
from device.decide.facts import NO, Facts, Truth, either
from device.errors import ConfigError

SCHEMA = {
    "type": ["string", "array"],
    "minLength": 1,
    "minItems": 1,
    "items": {"type": "string"},
    "description": "own, stranger, other species, person, a name, or a list of which one must hold.",
}


def parse(value: object) -> Condition:
    """Ask for one of "own", "stranger", "other species", "person" or the name of an animal."""
    wanted = [value] if isinstance(value, str) else value
    if not isinstance(wanted, list) or not wanted or not all(isinstance(who, str) for who in wanted):
        choices = '"own", "stranger", "other species", "person", a name, or a list of these'
        raise ConfigError(f"who = {value!r} must be {choices}")
    return lambda facts: either([_is(who, facts) for who in wanted])


def _is(who: str, facts: Facts) -> Truth:
    if not facts.present:
        return NO
    missing = facts.missing.get
    if who == "own":
        return Truth(facts.own, missing("own", "who it is"))
    if who == "stranger":
        return Truth(None if facts.own is None else not facts.own, missing("own", "who it is"))
    if who == "person":
        return Truth(facts.person, missing("species", "what it is"))
    if who == "other species":
        return Truth(facts.other_species, missing("species", "what it is"))
    return Truth(facts.names.get(who), missing(who, missing("own", f"whether it is {who}")))
