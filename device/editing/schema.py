"""The JSON Schema of a whole project file: for editors, for the form on the page, and for its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from device.config import LISTS, OPTIONAL, PARTS, SECTIONS
from device.decide import conditions
from device.decide.household import Animal
from device.decide.rules import OUTCOMES
from device.editing.described import Schema, described
from device.migrations import KEY, NEWEST
from device.parts import KINDS
from device.tell import webhook

DIALECT = "https://json-schema.org/draft/2020-12/schema"
USUAL = {"detector": "ssd", "chip": "chip"}
"""The kind of a part that need not say it."""


@cache
def project_schema() -> Schema:
    """What a file may say in the newest version; a part may be of any kind that is shipped."""
    return {
        "$schema": DIALECT,
        "title": "A project of Latchlens",
        "description": "Everything about one door.",
        "type": "object",
        "properties": {
            KEY: {"const": NEWEST, "description": "The version of the file's format."},
            **{name: described(cls) for name, cls in SECTIONS.items()},
            **{name: _any_kind(name) for name in (*PARTS, *OPTIONAL)},
            **{name: {"type": "array", "items": entry_schema(name)} for name in LISTS},
        },
        "required": ["camera", "bolt"],
        "additionalProperties": False,
    }


def entry_schema(name: str) -> Schema:
    """The schema of one entry of a list, such as one `[[rule]]`."""
    if name == "rule":
        return rule_schema()
    known: Mapping[str, type] = {"animal": Animal, "webhook": webhook.Settings}
    return described(known[name]) if name in known else _any_kind(name)


def kinds(section: str) -> dict[str, Schema]:
    """The schema of each kind of a part, without the key `kind` itself."""
    package, known = KINDS[section]
    return {kind: described(import_module(f"{package}.{kind}").Settings) for kind in known}


@cache
def rule_schema() -> Schema:
    """One `[[rule]]`, with every condition that there is a file for."""
    asked = {key: import_module(f"{conditions.__name__}.{key}").SCHEMA for key in conditions.known()}
    return {
        "type": "object",
        "description": "The first whose conditions all hold wins; one that needs a fact not yet known waits.",
        "properties": {
            "name": {"type": "string", "description": "What the reason and the journal call it."},
            **asked,
            "then": {"enum": list(OUTCOMES), "description": "What happens when all conditions hold."},
            "minutes": {
                "type": "number",
                "minimum": 0,
                "maximum": 1440,
                "description": 'How long it lasts, with then = "lock out".',
            },
            "message": {"type": "string", "description": "The reason that is told."},
        },
        "required": ["then"],
        "additionalProperties": False,
    }


def _any_kind(section: str) -> Schema:
    choices = [_of_kind(section, kind, each) for kind, each in kinds(section).items()]
    return choices[0] if len(choices) == 1 else {"type": "object", "oneOf": choices}


def _of_kind(section: str, kind: str, schema: Schema) -> Schema:
    needed = [*([] if section in USUAL else ["kind"]), *schema.get("required", [])]
    return {
        **schema,
        "properties": {"kind": {"const": kind}, **schema["properties"]},
        **({"required": needed} if needed else {}),
    }


@cache
def defaults() -> dict[str, dict[str, Any]]:
    """What each section says where the file does not."""
    return {name: defaults_of(described(cls)) for name, cls in SECTIONS.items()}


def part_defaults(section: str, kind: object) -> dict[str, Any]:
    """The same of a part of a kind; {} of a kind that nobody knows."""
    known = kinds(section)
    return defaults_of(known[kind]) if isinstance(kind, str) and kind in known else {}


def defaults_of(schema: Schema) -> dict[str, Any]:
    """The default of every key that has one, also within tables."""
    found = {}
    for key, each in schema.get("properties", {}).items():
        if "properties" in each:
            found[key] = defaults_of(each)
        elif "default" in each:
            found[key] = each["default"]
    return found
