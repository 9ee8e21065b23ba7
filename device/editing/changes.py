"""Changes of single values, as a page or program asks for them, on the tables of a project file."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from device.config import LISTS, OPTIONAL, PARTS, SECTIONS
from device.errors import ConfigError, hint
from device.migrations import Tables

Name = Annotated[str, Field(max_length=100)]
Number = Annotated[int, Field(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class Change:
    """One value, or one entry of a list, that shall be otherwise."""

    section: Name
    """Such as "door", or "rule" for a list."""
    key: Name = ""
    """Such as "hold", or "who.prove" for a table within; empty for the whole section or entry."""
    value: Any = None
    """Null takes it out, so that the default holds again."""
    entry: Number | None = None
    """Of a list: which one, counted from 1; one beyond the last is a new one."""
    to: Number | None = None
    """Of a list: where the entry shall stand from now on."""


def changed(tables: Tables, changes: Iterable[Change]) -> Tables:
    """The tables after all changes, one after the other.

    Raises:
        ConfigError: a change is about something that does not exist.
    """
    found = copy.deepcopy(tables)
    for change in changes:
        if change.section in LISTS:
            _change_list(found, change)
        elif change.section in (*SECTIONS, *PARTS, *OPTIONAL):
            _put(found, change.section, change)
        else:
            known = [*SECTIONS, *PARTS, *OPTIONAL, *LISTS]
            raise ConfigError(f"[{change.section}] is not a section; {hint(change.section, known)}")
    return found


def _change_list(tables: Tables, change: Change) -> None:
    entries = tables.setdefault(change.section, [])
    number = change.entry
    if not isinstance(entries, list) or number is None or number > len(entries) + (change.to is None):
        raise ConfigError(f"[[{change.section}]] has no entry {number}; count them from 1")
    if change.to is not None:
        entries.insert(min(change.to, len(entries)) - 1, entries.pop(number - 1))
    elif change.key or change.value is not None:
        if number > len(entries):
            entries.append({})
        _put(entries, number - 1, change)
    else:
        del entries[number - 1 : number]
    if not entries:
        del tables[change.section]


def _put(holder: Any, place: str | int, change: Change) -> None:
    """Put a value into the table that `holder` has at `place`, or the whole table."""
    if not change.key:
        if change.value is None:
            holder.pop(place, None)
            return
        if not isinstance(change.value, dict):
            raise ConfigError(f"[{change.section}] is a table of keys; name one")
        holder[place] = change.value
        return
    if isinstance(place, str):
        holder.setdefault(place, {})
    table, (*path, key) = holder[place], change.key.split(".")
    for name in path:
        if not isinstance(table, dict):
            break
        table = table.setdefault(name, {})
    if not isinstance(table, dict):
        raise ConfigError(f"[{change.section}] {change.key}: what holds it is no table")
    if change.value is None:
        table.pop(key, None)
    else:
        table[key] = change.value
