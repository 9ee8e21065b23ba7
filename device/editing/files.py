"""The owner's project file on the disk: read, changed with its comments, and what was there before kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from device.editing.changes import Change, changed
from device.editing.rewriting import rewritten
from device.errors import ConfigError, StoreError
from device.migrations import NEWEST, migrated, of_form, version_of
from device.tell.atomic import write_whole
from device.toml import read_toml

PREVIOUS = ".previous"
"""What stands behind the name of the copy that is kept beside a file."""


def read(path: Path) -> str:
    """The file as it is now; raises StoreError if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: cannot be read: {error}") from None


def digest(text: str) -> str:
    """By which it is known whether a file was changed meanwhile."""
    return hashlib.sha256(text.encode()).hexdigest()


def save(path: Path, before: str, text: str) -> Path:
    """Write the file behind whatever link points to it; it stays as private as it was.

    Returns where `before` lies now.
    """
    return _save(path, before, text, previous(path))


def previous(path: Path) -> Path:
    """Where the text lies that was there before the latest `save`."""
    target = path.resolve()
    return target.with_name(f"{target.name}{PREVIOUS}")


def with_changes(text: str, changes: Iterable[Change]) -> str:
    """`text` after `changes`, in the newest version and with its comments; raises ConfigError."""
    return rewritten(text, changed(migrated(read_toml(text)), changes))


def up_to_date(text: str) -> str:
    """`text` in the newest version, with its comments; the same text if it is that already.

    Raises:
        ConfigError: it is no TOML, of a version that is not known, or can only be changed by hand.
    """
    tables = read_toml(text)
    return text if version_of(tables) == NEWEST else rewritten(text, migrated(tables))


def write_up_to_date(path: Path) -> Path | None:
    """Bring the file on the disk to the newest version, once what runs with it was found to be well.

    Returns where the file of the old version is kept for a Latchlens that goes back, None if nothing was
    to do. Raises ConfigError as `up_to_date` does, and StoreError if the file cannot be read or written.
    """
    before = read(path)
    try:
        after = up_to_date(before)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    if after == before:
        return None
    return _save(path, before, after, of_form(path, version_of(read_toml(before))))


def _save(path: Path, before: str, text: str, kept: Path) -> Path:
    target = path.resolve()
    private = target.stat().st_mode & 0o077 == 0
    older = _version(before)
    places = {kept} if older is None or older == _version(text) else {kept, of_form(path, older)}
    for place in places:
        write_whole(place, before.encode(), private=private)
    write_whole(target, text.encode(), private=private)
    return kept


def _version(text: str) -> int | None:
    """The version that a text is of; None of one that is spoilt."""
    try:
        return version_of(read_toml(text))
    except ConfigError:
        return None
