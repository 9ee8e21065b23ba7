"""Where a key stands in a TOML file: a parser's tables know no lines, and whoever mends a file wants one."""

from __future__ import annotations

import re

_TABLE = re.compile(r"^\s*\[\[?\s*([\w.-]+)\s*\]\]?")
_NAMED = re.compile(r"^\[\[?(?P<table>[\w-]+)\]?\](?: (?P<number>\d+))?:?(?: (?P<key>[\w-]+))?")
_PLAIN = re.compile(r"^(?:the scene's )?(?P<key>[\w-]+)")


def line_of(text: str, table: str, number: int, key: str) -> int | None:
    """The line of `key` in the n-th occurrence of `table` ("" for the keys before any), counted from 1.

    Where the key is missing, the line of the table's own header; None where there is not even that.
    """
    inside, seen, header = table == "", 0, None
    for count, line in enumerate(text.splitlines(), 1):
        if begins := _TABLE.match(line):
            seen += begins[1] == table
            inside = begins[1] == table and seen == number
            header = count if inside else header
        elif inside and key and re.match(rf"\s*{re.escape(key)}\s*[=.]", line):
            return count
    return header if header is not None or table == "" else line_of(text, "", 1, table)


def line_meant(text: str, message: str) -> int | None:
    """The line that an error speaks of, such as '[[visitor]] 2 arives is not known; ...'."""
    if named := _NAMED.match(message):
        return line_of(text, named["table"], int(named["number"] or 1), named["key"] or "")
    plain = _PLAIN.match(message)
    if plain is None:
        return None
    return line_of(text, "", 1, plain["key"]) or line_of(text, plain["key"], 1, "")
