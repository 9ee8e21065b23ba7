"""What two project files say otherwise: by section and key, whatever their layout, with secrets hidden."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from device.config import LISTS, OPTIONAL, PARTS
from device.editing.rewriting import same_entry
from device.editing.schema import USUAL, defaults, defaults_of, entry_schema, part_defaults
from device.migrations import KEY, Tables, migrated
from device.secrecy import is_secret, without_credentials
from device.toml import read_toml

HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that two files say otherwise."""

    section: str
    """Such as `[door]` or `[[rule]] "vet day"`; `[[rule]]` alone for the order of the rules."""
    key: str
    """Empty for the whole of an entry."""
    before: Any
    """None: it is not there, and has no default."""
    after: Any


def differences(before: str, after: str) -> tuple[Difference, ...]:
    """What the second text means otherwise than the first; both are read as the newest version.

    Raises:
        ConfigError: one is no TOML, or of a version that is not known.
    """
    return tuple(map(_hidden, _compared(complete(read_toml(before)), complete(read_toml(after)))))


def from_defaults(text: str) -> tuple[Difference, ...]:
    """What a file says otherwise than Latchlens would by itself."""
    found = complete(read_toml(text))
    silent: Tables = {name: {} for name in found if name not in (KEY, *LISTS)}
    for name in (*PARTS, *OPTIONAL):
        if isinstance(part := found.get(name), dict):
            silent[name] = {"kind": part.get("kind")}
    return tuple(map(_hidden, _compared(complete({KEY: found[KEY], **silent}), found)))


def complete(tables: Mapping[str, Any]) -> Tables:
    """The tables in the newest version with every default said; what is not understood stays as it is."""
    found = migrated(tables)
    for name, each in defaults().items():
        found[name] = _over(each, found.get(name, {}))
    for name in (*PARTS, *OPTIONAL):
        if isinstance(table := found.get(name, {"kind": USUAL[name]} if name == "detector" else None), dict):
            kind = table.get("kind", USUAL.get(name))
            found[name] = _over({"kind": kind, **part_defaults(name, kind)}, table)
    for name in LISTS:
        if isinstance(entries := found.get(name, []), list):
            found[name] = [_entry(name, each) for each in entries]
    return found


def _entry(name: str, entry: Any) -> Any:
    if not isinstance(entry, dict) or name == "rule":
        return entry
    if name in ("input", "output"):
        return _over(part_defaults(name, entry.get("kind")), entry)
    return _over(defaults_of(entry_schema(name)), entry)


def _over(below: Mapping[str, Any], above: Any) -> Any:
    """A table over its defaults, also within tables."""
    if not isinstance(above, dict):
        return above
    nested = {
        key: _over(each, above[key]) for key, each in below.items() if isinstance(each, dict) and key in above
    }
    return {**below, **above, **nested}


def _compared(before: Tables, after: Tables) -> Iterator[Difference]:
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name), after.get(name)
        if name in LISTS and isinstance(one, list) and isinstance(other, list):
            yield from _of_list(name, one, other)
        elif name != KEY:
            yield from _of_table(f"[{name}]", "", one, other)


def _of_table(where: str, key: str, one: Any, other: Any) -> Iterator[Difference]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys([*one, *other]):
            yield from _of_table(where, f"{key}.{name}" if key else name, one.get(name), other.get(name))
    elif one != other or isinstance(one, bool) != isinstance(other, bool):
        yield Difference(where, key, one, other)


def _of_list(name: str, before: list[Any], after: list[Any]) -> Iterator[Difference]:
    order = same_entry(before, after)
    for place, each in enumerate(before):
        if place not in order:
            yield Difference(_called(name, place, each), "", each, None)
    for place, (each, was) in enumerate(zip(after, order, strict=True)):
        if was is None:
            yield Difference(_called(name, place, each), "", None, each)
        else:
            yield from _of_table(_called(name, was, before[was]), "", before[was], each)
    kept = [was for was in order if was is not None]
    if kept != sorted(kept) or (name == "rule" and None in order and _not_last(order)):
        yield Difference(f"[[{name}]]", "", _names(before), _names(after))


def _not_last(order: list[int | None]) -> bool:
    """A rule that came in before others is asked before them."""
    return any(was is not None for was in order[order.index(None) :])


def _called(name: str, place: int, entry: Any) -> str:
    return f'[[{name}]] "{entry.get("name", place + 1) if isinstance(entry, dict) else place + 1}"'


def _names(entries: list[Any]) -> list[str]:
    return [
        str(each.get("name", n)) if isinstance(each, dict) else str(n) for n, each in enumerate(entries, 1)
    ]


def _hidden(found: Difference) -> Difference:
    hide = _without_secrets
    return Difference(
        found.section,
        found.key,
        hide(found.section, found.key, found.before),
        hide(found.section, found.key, found.after),
    )


def _without_secrets(section: str, key: str, value: Any) -> Any:
    """A value as it may be shown: a note's topic and who logs in to an address are as good as passwords."""
    if isinstance(value, dict):
        return {name: _without_secrets(section, name, each) for name, each in value.items()}
    if not isinstance(value, str) or not value:
        return sayable(value)
    if is_secret(key):
        return HIDDEN
    return _without_topic(value) if key == "url" else without_credentials(value, HIDDEN)


def sayable(value: Any) -> Any:
    """A value, also tables, as JSON can say it: there is no infinite number, which a coil's limit may be."""
    if isinstance(value, dict):
        return {name: sayable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [sayable(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _without_topic(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{HIDDEN}"
