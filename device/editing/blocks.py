"""The text of a project file in blocks: each section with the comment above it, so that both move."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|\n|[\[\]{}]|[^\n\[\]{}#"\']+|.',
    re.DOTALL,
)
"""Strings and comments are whole, so that a bracket in one is none of a list."""


@dataclass(frozen=True, slots=True)
class Block:
    """A header such as `[door]` or `[[rule]]` with what belongs to it."""

    path: tuple[str, ...]
    """The names of the header; () for what stands before the first one."""
    listed: bool
    """Two brackets: one entry of a list."""
    text: str


def split(text: str) -> list[Block]:
    """The blocks of a valid file, which together are `text`; the first is what stands before all headers."""
    starts = list(_headers(text))
    edges = [0, *(_with_comment(text, start) for start in starts), len(text)]
    cut = [text[begin:end] for begin, end in pairwise(edges)]
    return [Block((), False, cut[0]), *(_block(text, *each) for each in zip(starts, cut[1:], strict=True))]


def with_line(block: Block, line: str) -> str:
    """The text of a block with one line more, below its last key and above blank lines and comments."""
    lines = block.text.splitlines(keepends=True)
    last = max((n for n, each in enumerate(lines) if _says_something(each)), default=None)
    if last is None:  # before the first header there may be nothing but comments
        head = "".join(lines).rstrip("\n")
        return f"{head}\n\n{line}\n\n" if head else f"{line}\n\n"
    if not lines[last].endswith("\n"):
        lines[last] += "\n"
    return "".join([*lines[: last + 1], f"{line}\n", *lines[last + 1 :]])


def key_line(key: str) -> re.Pattern[str]:
    """Finds a key at the beginning of its line."""
    return re.compile(rf'^([ \t]*)(?:"{re.escape(key)}"|{re.escape(key)})(?=[ \t]*=)', re.MULTILINE)


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _headers(text: str) -> Iterator[int]:
    """Where each header begins: a bracket at the start of a line, outside of every value."""
    at, depth, fresh = 0, 0, True
    while at < len(text):
        token = TOKEN.match(text, at)
        assert token is not None  # the last alternative takes anything
        found = token[0]
        if found == "[" and fresh and depth == 0:
            yield text.rfind("\n", 0, at) + 1
            at = end if (end := text.find("\n", at)) >= 0 else len(text)
            continue
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found, 0)
        fresh = found == "\n" or (fresh and not found.strip())
        at = token.end()


def _with_comment(text: str, start: int) -> int:
    """Where the comment begins that stands directly above a header."""
    while start:
        above = text.rfind("\n", 0, start - 1) + 1
        if not text[above:start].lstrip().startswith("#"):
            break
        start = above
    return start


def _block(text: str, start: int, cut: str) -> Block:
    table: Any = tomllib.loads(text[start:].partition("\n")[0])
    path, listed = [], False
    while table:
        name, table = next(iter(table.items()))
        path.append(name)
        if listed := isinstance(table, list):
            table = table[0]
    return Block(tuple(path), listed, cut)
