"""Parts found by name: `kind = "usb"` in the section [camera] is the module device/see/usb.py.

A part's module has a dataclass `Settings`, whose fields are the keys of its section, and a function
`build(settings, ...)`. Nothing is registered anywhere: a new file is a new kind.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from device.errors import ConfigError, hint

KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "camera": ("device.see", ("picamera", "usb", "video")),
    "detector": ("device.see", ("ssd",)),
    "bolt": ("device.act", ("relay", "servo", "solenoid")),
    "input": ("device.act", ("button", "pir", "reed", "thermometer")),
    "output": ("device.act", ("chime", "light")),
    "chip": ("device.see", ("chip",)),
}
"""Where the kinds of a section live, and those that the shipped ones are offered as in errors."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """A part as the project file asks for it: its kind, its module and its settings."""

    kind: str
    module: str
    settings: Any

    def build(self, *context: object) -> Any:
        """Build the part; `context` is what its module's `build` takes besides the settings."""
        return import_module(self.module).build(self.settings, *context)


def read_part(section: str, where: str, table: Mapping[str, object]) -> Part:
    """The part that a table such as [camera] describes.

    Raises:
        ConfigError: the kind or a key does not exist, or a value does not fit.
    """
    table = dict(table)
    kind = table.pop("kind", None)
    module = part_module(section, where, kind)
    return Part(str(kind), module.__name__, read_settings(module.Settings, where, table))


def part_module(section: str, where: str, kind: object) -> ModuleType:
    """The module of a kind: any of the package that has Settings and build, offered in errors or not."""
    package, known = KINDS[section]
    if kind is None:
        raise ConfigError(f"{where} kind is missing; use one of {', '.join(known)}")
    if isinstance(kind, str) and kind.isidentifier():
        try:
            module = import_module(f"{package}.{kind}")
        except ModuleNotFoundError as error:
            if error.name != f"{package}.{kind}":
                raise
        else:
            if hasattr(module, "Settings") and hasattr(module, "build"):
                return module
    raise ConfigError(f"{where} kind = {kind!r} does not exist; {hint(kind, known)}")


def read_settings(cls: type[T], where: str, table: object) -> T:
    """`table` as an instance of the settings dataclass `cls`, or an error that names key and fix."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where} must be a table of keys, not {table!r}")
    for unknown in unknown_keys(cls, where, table):
        raise unknown
    try:
        return _validated(cls, table)
    except ValidationError as error:
        raise _in_words(where, error.errors()[0]) from None


def faults_in(cls: type, where: str, table: object) -> Iterator[ConfigError]:
    """Everything that `read_settings` could complain of, not only the first."""
    if not isinstance(table, Mapping):
        yield ConfigError(f"{where} must be a table of keys, not {table!r}")
        return
    unknown = list(unknown_keys(cls, where, table))
    yield from unknown
    try:
        _validated(cls, table)
    except ValidationError as error:
        for each in error.errors():
            if each["type"] != "unexpected_keyword_argument":
                yield _in_words(where, each)


def _validated(cls: type[T], table: Mapping[str, object]) -> T:
    # JSON mode is strict about types but lets a list be a tuple, as TOML needs.
    return TypeAdapter(cls).validate_json(json.dumps(table, default=str), strict=True)


def _in_words(where: str, error: ErrorDetails) -> ConfigError:
    key = ".".join(str(part) for part in error["loc"] if isinstance(part, str))
    message = error["msg"].removeprefix("Value error, ")
    value = "" if error["type"] in ("missing", "value_error") else f" = {error['input']!r}"
    return ConfigError(f"{where} {key}{value}: {message}".replace(" :", ":"))


def unknown_keys(cls: type, where: str, table: Mapping[str, object]) -> Iterator[ConfigError]:
    """An error for each key that `cls` has no field for, or that is endless, also in nested tables."""
    known = [field.name for field in fields(cls)]
    hints = get_type_hints(cls, include_extras=True)
    for key, value in table.items():
        name = f"{where}{key}" if where.endswith(".") else f"{where} {key}"
        if key not in known:
            yield ConfigError(f"{name} is not known; {hint(key, known)}")
        elif isinstance(value, float) and not (math.isfinite(value) or _may_be(value, hints[key])):
            yield ConfigError(f"{name} = {value}: must be a finite number")
        elif is_dataclass(hints[key]) and isinstance(value, Mapping):
            yield from unknown_keys(hints[key], f"{name}.", value)


def _may_be(endless: float, kind: object) -> bool:
    """Whether a field says in so many words that it may be infinite: Field(allow_inf_nan=True)."""
    rules = [rule for each in getattr(kind, "__metadata__", ()) for rule in getattr(each, "metadata", ())]
    return not math.isnan(endless) and any(getattr(rule, "allow_inf_nan", False) for rule in rules)
