"""Where a release waits to be installed: its owner puts it there, and only root takes it from there.

Whoever may write the state directory may ask for an update. Root copies the file into a folder of its own
before it looks at it, so that what was verified is what is installed.
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from device.errors import UpdateError
from device.updating.release import MOST_BYTES, SUFFIX

FOLDER, NAME = "update", f"release{SUFFIX}"
TAKEN = f".new-release{SUFFIX}"


def stage(file: Path, state: Path) -> Path:
    """Put a release where root looks for it, whole or not at all.

    Raises:
        UpdateError: it cannot be read, or the state directory cannot be written.
    """
    place = state / FOLDER
    try:
        place.mkdir(mode=0o750, exist_ok=True)
        draft = place / f".{NAME}"
        shutil.copyfile(file, draft)
        draft.replace(place / NAME)
    except OSError as error:
        raise UpdateError(f"{error.filename or file}: {error.strerror or error}") from None
    return place / NAME


def take(state: Path, home: Path) -> Path:
    """As root: copy the staged release into `home` and take it away from where it was staged.

    Raises:
        UpdateError: there is none, or it is no plain file.
    """
    try:
        folder = os.open(state / FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        raise UpdateError(
            f"{state / FOLDER}: no release waits there; `latchlens update FILE` puts one"
        ) from None
    try:
        return _taken(folder, state / FOLDER / NAME, home / TAKEN)
    finally:
        os.close(folder)


def _taken(folder: int, told: Path, to: Path) -> Path:
    try:
        source = os.open(NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        _take_away(folder)
        missing = isinstance(error, FileNotFoundError)
        said = "no release waits there; `latchlens update FILE` puts one" if missing else "is no release"
        raise UpdateError(f"{told}: {said}") from None
    try:
        _take_away(folder)
        found = os.fstat(source)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            raise UpdateError(f"{told}: is no release")
        _copy(source, to)
    finally:
        os.close(source)
    return to


def _take_away(folder: int) -> None:
    """Whatever becomes of it, it is asked for once."""
    with suppress(OSError):
        os.unlink(NAME, dir_fd=folder)


def _copy(source: int, to: Path) -> None:
    """Copy into a file that only its owner may write, and no more than a release has."""
    to.unlink(missing_ok=True)
    with to.open("xb") as file, os.fdopen(os.dup(source), "rb") as reader:
        left = MOST_BYTES
        while left > 0 and (chunk := reader.read(min(1 << 20, left))):
            left -= len(chunk)
            file.write(chunk)
