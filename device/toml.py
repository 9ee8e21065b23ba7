"""Reads TOML that anybody may have written: whatever is wrong with it is one error of ours."""

from __future__ import annotations

import tomllib
from typing import Any

from device.errors import ConfigError

LARGEST = 2**63
"""Beyond this no number is one of TOML's (toml.io/en/v1.0.0#integer), though Python would take it."""


def read_toml(text: str) -> dict[str, Any]:
    """The tables that `text` describes.

    Raises:
        ConfigError: it is no TOML, is nested beyond all use, or has a number that none of its readers takes.
    """
    try:
        tables = tomllib.loads(text)
        _refuse_vast(tables)
    except RecursionError:
        raise ConfigError("not valid TOML: it is nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not valid TOML: {error}") from None
    except ValueError:  # what Python says of a number of thousands of digits
        raise ConfigError("not valid TOML: a number has too many digits") from None
    return tables


def _refuse_vast(value: object) -> None:
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        raise ValueError
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_vast(each)
