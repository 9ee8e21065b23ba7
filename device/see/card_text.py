"""Writes a model's card as TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from device.see.card import Card


def card_as_toml(card: Card) -> str:
    """The card as TOML text, without labels and folder, which are not part of the file."""
    table = {key: value for key, value in _plain(card).items() if key not in ("labels", "folder")}
    return "\n".join(_toml_lines(table, ())) + "\n"


def _plain(value: Any) -> Any:
    """Dataclasses as dicts without fields that hold nothing, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        return {key: each for key, each in pairs.items() if each not in (None, {}, [])}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return value


def _toml_lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    """TOML of nested tables, scalars before the tables below them as the format asks."""
    lines = [f"{_key(key)} = {_scalar(value)}" for key, value in table.items() if not _is_table(value)]
    for key, value in table.items():
        inner = (*path, _key(key))
        if isinstance(value, Mapping):
            lines += ["", f"[{'.'.join(inner)}]", *_toml_lines(value, inner)]
        elif _is_table(value):
            for each in value:
                lines += ["", f"[[{'.'.join(inner)}]]", *_toml_lines(each, inner)]
    return lines


def _is_table(value: Any) -> bool:
    """Whether TOML writes the value below a heading: a table, or a list of tables."""
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, Mapping)


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _scalar(key)


def _scalar(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_scalar(each) for each in value)}]"
    # A JSON string, number or boolean is also a TOML one (only DEL would differ).
    return json.dumps(value, ensure_ascii=False)
