"""Everything that is wrong with a project file, each at its key, so that a form can show it there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from device.config import LISTS, OPTIONAL, PARTS, SECTIONS, parse_project
from device.decide.household import Animal
from device.decide.rules import parse_rules
from device.errors import ConfigError, hint
from device.migrations import KEY, migrated
from device.parts import KINDS, faults_in, part_module
from device.tell import webhook
from device.toml import read_toml

PLACE = re.compile(
    r"(?P<section>\[\[?[\w-]+\]?\](?: (?:\"[^\"]*\"|'[^']*'))?)"
    r"(?::? (?P<key>[\w.-]+)(?= =|:| is not | is now | is missing| is never| belongs))?"
)
"""How an error begins: `[bolt] pin: ...`, `[[rule]] "prey" who = ...`."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong."""

    section: str
    """As it is written in the file, such as `[bolt]` or `[[rule]] "prey stays out"`; empty for the whole."""
    key: str
    """Empty if no single key is at fault."""
    what: str
    """The whole message, with the fix."""


def mistakes_in(text: str) -> tuple[Mistake, ...]:
    """What is wrong with a project file; nothing if the device would start with it."""
    try:
        parse_project(text)
    except ConfigError as first:
        try:
            found = list(_of_sections(migrated(read_toml(text))))
        except ConfigError:
            found = []
        return tuple(map(_mistake, found or [first]))
    return ()


def _mistake(error: ConfigError) -> Mistake:
    place = PLACE.match(str(error))
    section = ((place and place["section"]) or "").replace("'", '"')
    return Mistake(section, (place and place["key"]) or "", str(error))


def _of_sections(tables: dict[str, Any]) -> Iterator[ConfigError]:
    """The faults that each section has by itself; how they fit together is seen when there are none."""
    for name, table in tables.items():
        if name in SECTIONS:
            yield from faults_in(SECTIONS[name], f"[{name}]", table)
        elif name in (*PARTS, *OPTIONAL) and isinstance(table, dict):
            kind = {"kind": name} if name in OPTIONAL else {}
            yield from _of_part(name, f"[{name}]", {**kind, **table})
        elif name in LISTS and isinstance(table, list):
            yield from _of_list(name, [entry for entry in table if isinstance(entry, dict)])
        elif name != KEY:
            yield _refused(name)


def _of_part(section: str, where: str, table: dict[str, Any]) -> Iterator[ConfigError]:
    try:
        module = part_module(section, where, table.get("kind"))
    except ConfigError as error:
        yield error
        return
    rest = {key: value for key, value in table.items() if key != "kind"}
    yield from faults_in(module.Settings, where, rest)


def _of_list(name: str, entries: list[dict[str, Any]]) -> Iterator[ConfigError]:
    for number, entry in enumerate(entries, 1):
        where = f'[[{name}]] "{entry.get("name", number)}"'
        if name == "animal":
            yield from faults_in(Animal, where, entry)
        elif name == "webhook":
            yield from faults_in(webhook.Settings, where, entry)
        elif name in KINDS:
            yield from _of_part(name, where, entry)
        else:
            yield from _of_rule(entry)


def _of_rule(entry: dict[str, Any]) -> Iterator[ConfigError]:
    try:
        parse_rules([entry], require_prey_proof=False)
    except ConfigError as error:
        yield error


def _refused(name: str) -> ConfigError:
    known = (*SECTIONS, *PARTS, *OPTIONAL, *LISTS)
    if name not in known:
        return ConfigError(f"[{name}] is not a section; {hint(name, known)}")
    return ConfigError(f"[{name}] is written with the wrong number of brackets")
