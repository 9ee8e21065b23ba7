"""Makes a project file say something else and leaves all else as its owner wrote it: comments, order, layout.

Whole entries and new keys are put in and taken out as text, values are changed by tomlkit. Whatever way that
went, the result is read again: it says exactly what was wanted, or nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from device.editing.blocks import Block, key_line, split, with_line
from device.errors import ConfigError
from device.migrations import Tables
from device.toml import read_toml

Path = tuple[str | int, ...]
"""Where a table is: the names on the way to it, and the numbers of entries in lists."""


def rewritten(text: str, wanted: Tables) -> str:
    """`text` changed so that it says `wanted`.

    Raises:
        ConfigError: it is no TOML, or is laid out so that it can only be changed by hand.
    """
    for name, value in read_toml(text).items():
        if name not in wanted or _is_list_of_tables(value) != _is_list_of_tables(wanted[name]):
            text = "".join(block.text for block in split(text) if block.path[:1] != (name,))
    for name, value in wanted.items():
        if _is_list_of_tables(value):
            text = _arranged(text, name, value)
    text = _extended(text, wanted)
    text = _told(text, wanted)
    if read_toml(text) != wanted:
        raise ConfigError("the file is laid out in a way that cannot be changed here; edit its text")
    return text


def same_entry(entries: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """For each wanted entry which of those that are there it was: by its name, else by its place."""
    names = [entry.get("name") for entry in entries]
    found = [
        names.index(each["name"]) if each.get("name") is not None and each["name"] in names else None
        for each in wanted
    ]
    for place, each in enumerate(wanted):
        if found[place] is None and each in entries and entries.index(each) not in found:
            found[place] = list(entries).index(each)
    for place in range(len(wanted)):
        if (
            found[place] is None
            and place < len(entries)
            and place not in found
            and len(entries) == len(wanted)
        ):
            found[place] = place
    return [place if found.index(place) == n else None for n, place in enumerate(found)]


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _arranged(text: str, name: str, wanted: list[Any]) -> str:
    """The text with as many entries of a list as are wanted, in their order."""
    there: list[Any] = read_toml(text).get(name, [])
    order = same_entry(there, wanted)
    if order == list(range(len(there))):
        return text
    before, entries, after = _around(split(text), name)
    if len(entries) != len(there):
        raise ConfigError(f"[[{name}]] is not written as one block for each; edit the text")
    new = [
        entries[place] if place is not None else f"[[{name}]]\n{tomlkit.dumps(each)}"
        for place, each in zip(order, wanted, strict=True)
    ]
    spaced = [f"{each.rstrip(chr(10))}\n\n" for each in new]
    if before and not before.endswith("\n\n") and spaced:
        before = f"{before.rstrip(chr(10))}\n\n"
    return f"{(before + ''.join(spaced) + after).rstrip(chr(10))}\n"


def _around(blocks: list[Block], name: str) -> tuple[str, list[str], str]:
    """What stands before the entries of a list, the entries, and the rest; what was between them follows."""
    places = [n for n, block in enumerate(blocks) if block.path[:1] == (name,)]
    first = places[0] if places else len(blocks)
    entries: list[str] = []
    for place in places:
        if blocks[place].path == (name,) and blocks[place].listed:
            entries.append(blocks[place].text)
        elif entries:
            entries[-1] += blocks[place].text
    rest = [block.text for n, block in enumerate(blocks) if n > first and n not in places]
    return "".join(block.text for block in blocks[:first]), entries, "".join(rest)


def _extended(text: str, wanted: Tables) -> str:
    """The text with every table and key that is wanted and not there, and keys under their new names."""
    there = read_toml(text)
    for name, value in wanted.items():
        if name not in there and isinstance(value, dict):
            text = f"{text.rstrip(chr(10))}\n\n{tomlkit.dumps({name: value})}"
    blocks = split(text)
    for path, have, want in _pairs((), there, dict(wanted)):
        place = _place(blocks, path)
        if place is None:
            continue  # an inline table, which tomlkit extends where it stands
        new = [key for key in want if key not in have and not (not path and isinstance(want[key], dict))]
        for key in new:
            old = next((each for each in have if each not in want and have[each] == want[key]), None)
            blocks[place] = replace(blocks[place], text=_with_key(blocks[place], key, want[key], old))
    return "".join(block.text for block in blocks)


def _with_key(block: Block, key: str, value: Any, old: str | None) -> str:
    if old is not None and len(key_line(old).findall(block.text)) == 1:
        return key_line(old).sub(rf"\g<1>{key}", block.text)
    return with_line(block, f"{tomlkit.key(key).as_string()} = {_literal(value)}")


def _literal(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table.as_string()
    return str(tomlkit.item(value).as_string())


def _pairs(path: Path, have: Any, want: Any) -> Iterator[tuple[Path, dict[str, Any], dict[str, Any]]]:
    """Every table that is both there and wanted."""
    if isinstance(have, dict) and isinstance(want, dict):
        yield path, have, want
        for key in want:
            if key in have:
                yield from _pairs((*path, key), have[key], want[key])
    elif isinstance(have, list) and isinstance(want, list):
        for place, (one, other) in enumerate(zip(have, want, strict=False)):
            yield from _pairs((*path, place), one, other)


def _place(blocks: list[Block], path: Path) -> int | None:
    """Which block says what is in the table at `path`, None if none is headed so."""
    names = tuple(each for each in path if isinstance(each, str))
    numbers = [each for each in path if isinstance(each, int)]
    entry = -1
    for place, block in enumerate(blocks):
        if block.path[:1] == names[:1] and block.listed and len(block.path) == 1:
            entry += 1
        if block.path == names and (not numbers or (len(numbers) == 1 and entry == numbers[0])):
            return place
    return None


def _told(text: str, wanted: Tables) -> str:
    """The text with every value as wanted, and without the keys that are not."""
    try:
        document = tomlkit.parse(text)
        _tell(document, wanted)
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError, ValueError, KeyError) as error:
        raise ConfigError(f"the file cannot be changed here, edit its text: {error}") from None


def _tell(table: Any, wanted: Mapping[str, Any]) -> None:
    for key in [each for each in table if each not in wanted]:
        del table[key]
    for key, value in wanted.items():
        there = table.get(key)
        if isinstance(value, dict) and isinstance(there, dict):
            _tell(there, value)
        elif _is_list_of_tables(value) and isinstance(there, list) and len(there) == len(value):
            for one, other in zip(there, value, strict=True):
                _tell(one, other)
        elif key not in table or not _same(there, value):
            table[key] = value


def _same(one: Any, other: Any) -> bool:
    """Python takes True for 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
