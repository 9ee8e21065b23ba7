"""The rules of one animal: read out of a project file for people, and changed in its text.

What the page may change are rules of a fixed name, one of each kind for an animal. They stand where they take
effect: before whatever unlocks, and a lockout before that of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from device.decide.schedule import DAYS, Window
from device.editing.rewriting import rewritten
from device.errors import ConfigError
from device.migrations import migrated
from device.toml import read_toml

PLAIN = ("name", "then", "minutes", "message")

Kind = Literal["curfew", "stays out", "lockout"]
KINDS: tuple[Kind, ...] = ("curfew", "stays out", "lockout")


@dataclass(frozen=True, slots=True)
class HouseRule:
    """One `[[rule]]` that may decide about an animal, in the order in which they are asked."""

    name: str
    then: str
    minutes: float
    message: str
    conditions: dict[str, Any]
    """As they are written, such as {"who": "own", "direction": "in"}."""
    mine: bool
    """It names this animal, and not all of the household."""
    kind: Kind | None
    """What the page may change; None for a rule that its owner wrote."""


@dataclass(frozen=True, slots=True)
class Curfew:
    """A time in which an animal does not come in, or does not go out."""

    start: str
    """Local time, as "22:00"."""
    end: str
    days: tuple[str, ...] = ()
    """"mon" and so on, on which it begins; empty: every day."""
    direction: Literal["in", "out"] = "in"


def rules_of(text: str, animal: str) -> list[HouseRule]:
    """The rules that may decide about an animal of the household, in their order."""
    rules = migrated(read_toml(text)).get("rule", [])
    return [_told(table, animal) for table in rules if _concerns(table, animal)]


def with_curfew(text: str, animal: str, curfew: Curfew | None) -> str:
    """The project file with a curfew for an animal, or without one.

    Raises:
        ConfigError: a time or a day is none, or the file is laid out so that it can only be changed by hand.
    """
    if curfew is None:
        return _without(text, _name("curfew", animal))
    window: dict[str, Any] = {"from": curfew.start, "to": curfew.end}
    if curfew.days:
        window["days"] = [day for day in DAYS if day in curfew.days] or list(curfew.days)
    Window.parse(window)
    said = {"then": "keep locked", "message": f"curfew of {animal}"}
    when = window if curfew.days else f"{curfew.start}-{curfew.end}"
    table = {"who": animal, "direction": curfew.direction, "window": when}
    return _with(text, {"name": _name("curfew", animal), **table, **said})


def with_ban(text: str, animal: str, stays_out: bool) -> str:
    """The project file in which an animal is never let in, or as its other rules say. Errors as above."""
    name = _name("stays out", animal)
    if not stays_out:
        return _without(text, name)
    said = {"direction": "in", "then": "keep locked", "message": f"{animal} is to stay out"}
    return _with(text, {"name": name, "who": animal, **said})


def with_lockout(text: str, animal: str, minutes: float | None) -> str:
    """The project file in which an animal with prey stays out for so long, or as all do. Errors as above."""
    name = _name("lockout", animal)
    if minutes is None:
        return _without(text, name)
    said = {"prey": True, "then": "lock out", "minutes": minutes, "message": "carries prey"}
    return _with(text, {"name": name, "who": animal, **said})


def with_animal(text: str, name: str, species: str = "cat", chip: str = "") -> str:
    """The project file with one more animal of the household. Errors as above."""
    tables = migrated(read_toml(text))
    known = tables.get("animal", [])
    if any(each.get("name") == name for each in known):
        raise ConfigError(f"[[animal]] {name!r} is there already; choose another name")
    table = {"name": name, "species": species, **({"chip": chip} if chip else {})}
    return rewritten(text, {**tables, "animal": [*known, table]})


def _name(kind: Kind, animal: str) -> str:
    names = {"curfew": f"curfew of {animal}", "stays out": f"{animal} stays out"}
    return names.get(kind, f"{animal} with prey")


def _concerns(table: Mapping[str, Any], animal: str) -> bool:
    who = table.get("who")
    wanted = [who] if isinstance(who, str) else who
    return wanted is None or animal in wanted or "own" in wanted


def _told(table: Mapping[str, Any], animal: str) -> HouseRule:
    who, name = table.get("who"), str(table.get("name", ""))
    return HouseRule(
        name=name,
        then=str(table.get("then", "")),
        minutes=float(table.get("minutes", 0.0)),
        message=str(table.get("message", "")),
        conditions={key: value for key, value in table.items() if key not in PLAIN},
        mine=who == animal or (isinstance(who, list) and animal in who),
        kind=next((kind for kind in KINDS if name == _name(kind, animal) and who == animal), None),
    )


def _with(text: str, table: dict[str, Any]) -> str:
    """The text with a rule before all that unlock, and one about prey before the others about it.

    One of the same name gives way.
    """
    tables = migrated(read_toml(text))
    rules = [each for each in tables.get("rule", []) if each.get("name") != table["name"]]
    prey = "prey" in table
    place = next((n for n, each in enumerate(rules) if _comes_after(each, prey)), len(rules))
    return rewritten(text, {**tables, "rule": [*rules[:place], table, *rules[place:]]})


def _comes_after(rule: Mapping[str, Any], prey: bool) -> bool:
    return rule.get("then") == "unlock" or (prey and rule.get("prey") is True)


def _without(text: str, name: str) -> str:
    """The text without the rule of a name; the same if there is none."""
    tables = migrated(read_toml(text))
    rules = tables.get("rule", [])
    left = [each for each in rules if each.get("name") != name]
    if len(left) == len(rules):
        return text
    return rewritten(
        text, {**{k: v for k, v in tables.items() if k != "rule"}, **({"rule": left} if left else {})}
    )
