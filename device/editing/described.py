"""The JSON Schema of a settings dataclass, with the words that its source says about each field."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter

Schema = dict[str, Any]


@cache
def described(cls: type) -> Schema:
    """The schema of `cls`, complete in itself: nothing refers elsewhere, no other key is allowed."""
    whole = TypeAdapter(cls).json_schema()
    found: Schema = _inlined(whole, whole.get("$defs", {}))
    _describe(found, cls)
    return found


def _inlined(value: Any, definitions: Schema) -> Any:
    """`value` with every reference replaced by what it refers to, and without names nobody needs."""
    if isinstance(value, list):
        return [_inlined(each, definitions) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        target = definitions[value["$ref"].rpartition("/")[2]]
        return _inlined(
            {**target, **{key: each for key, each in value.items() if key != "$ref"}}, definitions
        )
    return {
        key: each if key in ("default", "enum", "const") else _inlined(each, definitions)
        for key, each in value.items()
        if not (key in ("$defs",) or (key == "title" and isinstance(each, str)))
    }


def _describe(schema: Schema, cls: type) -> None:
    """Put the docstrings of the fields into `schema`, also into those of settings within settings."""
    schema["additionalProperties"] = False
    schema["description"] = _in_one_line((cls.__doc__ or "").partition("\n\n")[0])
    said, hints = _said_of_fields(cls), get_type_hints(cls)
    for name, each in schema.get("properties", {}).items():
        if nested := _settings_in(hints[name]):
            _describe(each, nested)
        if name in said:
            each["description"] = said[name]


def _settings_in(kind: Any) -> type | None:
    """The settings dataclass that a field holds, None if it holds none."""
    return next(
        (each for each in (kind, *get_args(kind)) if is_dataclass(each) and isinstance(each, type)), None
    )


def _said_of_fields(cls: type) -> dict[str, str]:
    """The string below each field, as documentation tools read it."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(definition, ast.ClassDef)
    said = {}
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            said[field.target.id] = _in_one_line(below.value.value)
    return said


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
