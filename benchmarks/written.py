"""Writes what was measured into a page between the marks that stand there for each benchmark."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.report import Machine, Run, as_markdown
from device.errors import ConfigError


def write(page: Path, runs: Iterable[Run], machine: Machine) -> None:
    """Replace what stands between the marks of each run; the words around them stay.

    Raises:
        ConfigError: as `require_places`.
    """
    runs = list(runs)
    text = require_places(page, [run.name for run in runs])
    for run in runs:
        text = _replaced(text, run.name, as_markdown(run, machine))
    page.write_text(text, encoding="utf-8")


def require_places(page: Path, names: Iterable[str]) -> str:
    """The page's text, which has a place for each of these benchmarks.

    Raises:
        ConfigError: it cannot be read, or has no place for one of them.
    """
    try:
        text = page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{page} cannot be read: {error}; name a page such as docs/benchmarks.md") from None
    for name in names:
        first, last = marks(name)
        if first not in text or last not in text:
            raise ConfigError(f"{page} has no place for {name}; write {first} and {last} where they belong")
    return text


def marks(name: str) -> tuple[str, str]:
    """What stands in the page before and after the figures of a benchmark."""
    return f"<!-- {name}: figures -->", f"<!-- {name}: end -->"


def _replaced(text: str, name: str, figures: str) -> str:
    first, last = marks(name)
    before, rest = text.split(first, 1)
    return f"{before}{first}\n{figures}\n{last}{rest.split(last, 1)[1]}"
