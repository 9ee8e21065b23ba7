"""The conditions that rules are made of: one file each, found by its key in the project file.

A file offers `parse(value) -> Condition`, which checks the TOML value (ConfigError says what
would be right) and returns the question to ask of the facts.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module

from device.decide.facts import Facts, Truth
from device.errors import ConfigError, hint

Condition = Callable[[Facts], Truth]


def known() -> list[str]:
    """The keys that a rule may use, one for each file of this folder."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def parse(key: str, value: object) -> Condition:
    """The condition `key = value` of a rule.

    Raises:
        ConfigError: the key is unknown or the value does not fit it.
    """
    if key not in known():
        raise ConfigError(f"{key} is not a condition; {hint(key, known())}")
    condition: Condition = import_module(f"{__name__}.{key}").parse(value)
    return condition
