"""Everything that is wrong with a project file, each at its key, so that a form can show it there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from device.config import LISTS, OPTIONAL, PARTS, SECTIONS, parse_project
from device.decide.household import Animal
from device.errors import ConfigError, hint
from device.parts import KINDS, read_part, read_settings
from device.toml import read_toml

PLACE = re.compile(
    r'(?P<section>\[\[?[\w-]+\]?\](?: "[^"]*")?)(?: (?P<key>[\w.-]+)(?= =|:| is not known| is missing))?'
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
            found = list(_of_sections(read_toml(text)))
        except ConfigError:
            found = []
        return tuple(map(_mistake, found or [first]))
    return ()


def _mistake(error: ConfigError) -> Mistake:
    place = PLACE.match(str(error))
    return Mistake((place and place["section"]) or "", (place and place["key"]) or "", str(error))


def _of_sections(tables: dict[str, Any]) -> Iterator[ConfigError]:
    """The faults that each section has by itself; how they fit together is seen when there are none."""
    for name, table in tables.items():
        for read in _readers(name, table):
            try:
                read()
            except ConfigError as error:
                yield error


def _readers(name: str, table: Any) -> Iterator[Callable[[], object]]:
    if name in SECTIONS:
        yield partial(read_settings, SECTIONS[name], f"[{name}]", table)
    elif name in (*PARTS, *OPTIONAL) and isinstance(table, dict):
        kind = {"kind": name} if name in OPTIONAL else {}
        yield partial(read_part, name, f"[{name}]", {**kind, **table})
    elif name in LISTS and isinstance(table, list):
        for number, entry in enumerate(table, 1):
            if isinstance(entry, dict):
                where = f'[[{name}]] "{entry.get("name", number)}"'
                if name == "animal":
                    yield partial(read_settings, Animal, where, entry)
                elif name in KINDS:
                    yield partial(read_part, name, where, entry)
    else:
        yield partial(_refuse, name)


def _refuse(name: str) -> None:
    known = (*SECTIONS, *PARTS, *OPTIONAL, *LISTS)
    if name not in known:
        raise ConfigError(f"[{name}] is not a section; {hint(name, known)}")
    raise ConfigError(f"[{name}] is written with the wrong number of brackets")
