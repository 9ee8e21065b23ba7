"""Older project files: what each version of the format changed, so that a newer Latchlens reads them all.

A file says `version = N` before its first section; one that does not is of version 1. What is read is brought
up to date in memory. The file itself stays as it is until its owner saves it, or `latchlens config migrate`,
which an update calls.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from device.errors import ConfigError

Tables = dict[str, Any]
"""The parsed file, or what is left of it when something is wrong with it."""

KEY = "version"
OLDEST = 1


RENAMED: Mapping[int, tuple[tuple[str, str, str], ...]] = {
    2: (
        # They told neither of what, nor apart from the pause between two visits.
        ("welfare", "minutes", "waiting_minutes"),
        ("welfare", "minutes_cold", "waiting_minutes_cold"),
    )
}
"""By the version: section, the old name, the new one."""


def _rename_keys(tables: Tables) -> None:
    for section, old, new in RENAMED[2]:
        _rename(tables, section, old, new)


STEPS: Mapping[int, Callable[[Tables], None]] = {2: _rename_keys}
"""By the version that each leads to."""
NEWEST = max(STEPS)


def of_form(project: Path, version: int) -> Path:
    """Where a project file is kept as it was in an older version, for a Latchlens that goes back to it."""
    target = project.resolve()
    return target.with_name(f"{target.name}.version-{version}")


def version_of(tables: Mapping[str, Any]) -> int:
    """The version that a file is of.

    Raises:
        ConfigError: it is none, or one that only a newer Latchlens knows.
    """
    found = tables.get(KEY, OLDEST)
    if not isinstance(found, int) or isinstance(found, bool) or found < OLDEST:
        raise ConfigError(f"version = {found!r} is no version of a project file; write version = {NEWEST}")
    if found > NEWEST:
        raise ConfigError(
            f"version = {found} is of a newer Latchlens, this one reads up to {NEWEST}; "
            "update Latchlens, or go back to the file from before, which lies beside it"
        )
    return found


def migrated(tables: Mapping[str, Any]) -> Tables:
    """The same in the newest version, as new tables; raises ConfigError as `version_of` does.

    Also if a file has both an old name and the new one: nobody knows which of the two is meant.
    """
    version = version_of(tables)
    found = copy.deepcopy(dict(tables))
    _refuse_old_names(found, version)
    for step in range(version + 1, NEWEST + 1):
        STEPS[step](found)
    return {KEY: NEWEST, **{name: table for name, table in found.items() if name != KEY}}


def _refuse_old_names(tables: Tables, version: int) -> None:
    """Somebody followed an old manual: the new name is no nearer to it than others are."""
    for since in range(OLDEST + 1, version + 1):
        for section, old, new in RENAMED.get(since, ()):
            if isinstance(table := tables.get(section), dict) and old in table:
                raise ConfigError(f"[{section}] {old} is now called {new}; write that, or leave version out")


def _rename(tables: Tables, section: str, old: str, new: str) -> None:
    """Give a key its new name where it stands; a section that is no table is for others to refuse."""
    table = tables.get(section)
    if not isinstance(table, dict) or old not in table:
        return
    if new in table:
        raise ConfigError(f"[{section}] {old} is now called {new}, and both are there; keep one of them")
    tables[section] = {new if key == old else key: value for key, value in table.items()}
