"""What the source says of each key of the project file, in other languages, by the English sentence."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def sentences(language: str) -> dict[str, str]:
    """The sentences of a language by the English ones; none for one that nobody has written."""
    path = FOLDER / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def translated(schema: Any, language: str) -> Any:
    """A schema with every description in `language`; one that is not known stays in English."""
    said = sentences(language)
    if isinstance(schema, list):
        return [translated(each, language) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: said.get(value, value)
        if key == "description" and isinstance(value, str)
        else translated(value, language)
        for key, value in schema.items()
    }
