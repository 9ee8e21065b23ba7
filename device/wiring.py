"""What a project file says of pins: all that the guard reads of it.

The guard's process reads these sections and no others: no mistake in a rule keeps anybody from panic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from device.act.guard import GuardSettings
from device.act.pins import PinSettings, refuse_shared_pins
from device.errors import ConfigError
from device.parts import Part, read_part, read_settings


@dataclass(frozen=True, slots=True)
class Wiring:
    """The bolt, all sensors and signals, and the promises that the guard keeps with them."""

    guard: GuardSettings
    pins: PinSettings
    bolt: Part
    inputs: tuple[Part, ...] = ()
    outputs: tuple[Part, ...] = ()
    chip: Part | None = None

    @property
    def digest(self) -> str:
        """Tells whether two processes mean the same wiring."""
        return sha256(repr(self).encode()).hexdigest()[:16]


def read_wiring(tables: Mapping[str, Any]) -> Wiring:
    """The wiring that a project's tables describe.

    Raises:
        ConfigError: naming the section, the key and the fix.
    """
    bolt = read_part("bolt", "[bolt]", table_of(tables, "bolt"))
    inputs, outputs = (
        tuple(read_part(key, nth(key, number, table), table) for number, table in each_of(tables, key))
        for key in ("input", "output")
    )
    _refuse_shared_pins(tables, bolt, inputs, outputs)
    refuse_shared_names("input", [part.settings.name for part in inputs])
    return Wiring(
        guard=read_settings(GuardSettings, "[guard]", tables.get("guard", {})),
        pins=read_settings(PinSettings, "[pins]", tables.get("pins", {})),
        bolt=bolt,
        inputs=inputs,
        outputs=outputs,
        chip=_chip(tables) if "chip" in tables else None,
    )


def _chip(tables: Mapping[str, Any]) -> Part:
    return read_part("chip", "[chip]", {"kind": "chip", **table_of(tables, "chip")})


def table_of(tables: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The section `[key]`, empty if the file does not mention it."""
    table = tables.get(key, {})
    if not isinstance(table, dict):
        raise ConfigError(f"[{key}] must be a table of keys, not {table!r}")
    return table


def each_of(tables: Mapping[str, Any], key: str) -> list[tuple[int, Mapping[str, Any]]]:
    """The sections `[[key]]`, counted from 1."""
    entries = tables.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError(f"[[{key}]] must be written with two brackets, one block for each")
    return list(enumerate(entries, 1))


def nth(key: str, number: int, table: Mapping[str, Any]) -> str:
    """How errors name one of several sections."""
    return f'[[{key}]] "{table.get("name", number)}"'


def _refuse_shared_pins(
    tables: Mapping[str, Any], bolt: Part, inputs: Sequence[Part], outputs: Sequence[Part]
) -> None:
    users: list[tuple[str, object]] = [("[bolt]", bolt.settings)]
    for key, parts in (("input", inputs), ("output", outputs)):
        names = (nth(key, number, table) for number, table in each_of(tables, key))
        users += list(zip(names, (part.settings for part in parts), strict=True))
    refuse_shared_pins(users)


def refuse_shared_names(key: str, names: Sequence[str]) -> None:
    """Two of one name would answer for each other: of two panic buttons only one would be heard."""
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"[[{key}]] {twice!r} stands twice; give each {key} a name of its own")
