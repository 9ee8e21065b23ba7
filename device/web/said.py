"""Sentences of the device in the reader's language: reasons, events, faults, as patterns of the English ones.

Decisions say their reasons as finished English sentences, in the journal, in messages and to programs.
The page turns them at its edge: a pattern is the English sentence with {placeholders}, and what stands in
a placeholder is turned in its turn, so that "waiting: {what}" needs no pattern for each thing waited for.
What stands in one that ends in "_verbatim" stays, as a key of a file does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from device.web.catalogue import filled

FOLDER = Path(__file__).parent / "said"
PLACEHOLDER = re.compile(r"\{(\w+)(:n)?\}")
"""{name} stands for anything, {name:n} for a number."""
ANYTHING, NUMBER = "(.+?)", "(-?[0-9.]+|-?inf)"
VERBATIM = "_verbatim"
DECIMAL = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One sentence with placeholders, and how it is said."""

    expression: str
    """A regular expression that Python and JavaScript read alike, with a group for each placeholder."""
    names: tuple[str, ...]
    said: str


@lru_cache(maxsize=4)
def patterns(language: str, folders: tuple[Path, ...] = (FOLDER,)) -> tuple[Pattern, ...]:
    """The patterns of a language, those with the most words of their own first."""
    known = _closest_first(sentences(folders))
    return tuple(_pattern(english, said[language]) for english, said in known)


@lru_cache(maxsize=4)
def sentences(folders: tuple[Path, ...] = (FOLDER,)) -> Mapping[str, Mapping[str, str]]:
    """All sentences in English, each with what it is in the other languages."""
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(path for folder in folders for path in folder.glob("*.toml")):
        found.update(tomllib.loads(path.read_text(encoding="utf-8")))
    return found


def say(language: str, sentence: str, folders: tuple[Path, ...] = (FOLDER,)) -> str:
    """A sentence in another language; as it came if no pattern is for it. texts.js does the same."""
    if language == "en":
        return sentence
    if DECIMAL.fullmatch(sentence):
        return sentence.replace(".", ",")
    for pattern in patterns(language, folders):
        if found := re.fullmatch(pattern.expression, sentence):
            parts = zip(pattern.names, found.groups(), strict=True)
            turned = {
                name: part if name.endswith(VERBATIM) else say(language, part, folders)
                for name, part in parts
            }
            return filled(pattern.said, turned)
    return sentence


def _closest_first(known: Mapping[str, Mapping[str, str]]) -> list[tuple[str, Mapping[str, str]]]:
    """A sentence that says more itself goes before one whose placeholder would swallow it."""
    return sorted(known.items(), key=lambda each: -len(PLACEHOLDER.sub("", each[0])))


def _pattern(english: str, said: str) -> Pattern:
    expression, names, end = "", [], 0
    for found in PLACEHOLDER.finditer(english):
        expression += _literally(english[end : found.start()]) + (NUMBER if found[2] else ANYTHING)
        names.append(found[1])
        end = found.end()
    return Pattern(f"^{expression}{_literally(english[end:])}$", tuple(names), said)


def _literally(text: str) -> str:
    """`text` as a regular expression of both languages; re.escape escapes more than JavaScript allows."""
    return re.sub(r"([\\^$.|?*+()\[\]{}/])", r"\\\1", text)
