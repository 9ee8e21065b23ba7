"""Every text of the page in every language: one TOML file for each page, its texts side by side."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from device.errors import ConfigError

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
"""What the page speaks, by the tag that a browser asks with; the first is spoken where none fits."""
FOLDER = Path(__file__).parent / "texts"
ONE = "_one"
"""Ends the key of a text that is said in place of another when its `count` is 1."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Texts by key and language; a key is the name of its file, a dot, and the key in that file."""

    texts: Mapping[str, Mapping[str, str]]

    def text(self, language: str, key: str, **values: object) -> str:
        """One text with its {placeholders} filled; raises KeyError if there is none of that key."""
        one = values.get("count") == 1 and f"{key}{ONE}" in self.texts
        return filled(self.texts[f"{key}{ONE}" if one else key][language], values)

    def of(self, language: str, *files: str) -> dict[str, str]:
        """All texts of some files in one language, by key."""
        return {key: each[language] for key, each in self.texts.items() if key.partition(".")[0] in files}


def filled(text: str, values: Mapping[str, object]) -> str:
    """`text` with each {name} that is given replaced; what stands in braces else stays."""
    return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), text)


@lru_cache(maxsize=4)
def read_catalogue(folders: tuple[Path, ...] = (FOLDER,)) -> Catalogue:
    """Read every file of some folders.

    Raises:
        ConfigError: a text is missing in a language, or is none.
    """
    texts: dict[str, Mapping[str, str]] = {}
    for path in sorted(path for folder in folders for path in folder.glob("*.toml")):
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        texts.update((f"{path.stem}.{key}", each) for key, each in _texts(path, "", tables))
    return Catalogue(texts)


def _texts(path: Path, above: str, tables: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for key, value in tables.items():
        where = f"{above}{key}"
        if not isinstance(value, dict):
            raise ConfigError(f'{path.name}: {where} must be written as {{ en = "...", de = "..." }}')
        if all(isinstance(each, dict) for each in value.values()):
            yield from _texts(path, f"{where}.", value)
            continue
        _refuse_incomplete(path, where, value)
        yield where, value


def _refuse_incomplete(path: Path, where: str, value: Mapping[str, Any]) -> None:
    missing = [language for language in LANGUAGES if not isinstance(value.get(language), str)]
    if missing:
        raise ConfigError(f"{path.name}: {where} is not said in {', '.join(missing)}")
    if unknown := [key for key in value if key not in LANGUAGES]:
        raise ConfigError(f"{path.name}: {where} has {', '.join(unknown)}; the page speaks none of that")


def spoken(preferred: str | None, accepted: str) -> str:
    """The language to answer in: the one that was chosen, or the best of an Accept-Language header."""
    if preferred in LANGUAGES:
        return str(preferred)
    return next((tag for tag in _in_order(accepted) if tag in LANGUAGES), next(iter(LANGUAGES)))


def _in_order(accepted: str) -> Iterable[str]:
    """Primary tags of an Accept-Language header, the most wanted first; nonsense is left out."""
    wanted = []
    for number, part in enumerate(accepted.split(",")[:20]):
        tag, _, quality = part.partition(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", quality) if quality else None
        rank = float(weight[1]) if weight else (0.0 if quality else 1.0)
        if rank > 0:
            wanted.append((-rank, number, tag.strip().partition("-")[0].lower()))
    return [tag for _, _, tag in sorted(wanted)]
