"""A copy of the database and the project file from before an update, for machine.Keeper.

A newer version changes the tables at its first start, and an older one then refuses the database. When it
comes back it gets the copy; the newer database stays beside it, for whoever misses those minutes' visits.

Root never touches these files, which lie in a folder that the service may write: run as a program of its own
(`python -m device.updating.state_copy keep STATE PROJECT`), this runs as the service's user.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tomllib
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from device.errors import UpdateError
from device.migrations import KEY, OLDEST, of_form
from device.updating.places import sync_folder

DATABASE = "latchlens.sqlite"
COPY, NEWER = "before-update", "after-update"


@dataclass(frozen=True, slots=True)
class StateCopy:
    """Copies lie beside what they are copies of."""

    state: Path
    project: Path

    def keep(self) -> None:
        """Copy both; neither changes meanwhile, for the services are stopped."""
        try:
            if (self.state / DATABASE).is_file():
                _copy_database(self.state / DATABASE, _beside(self.state / DATABASE, COPY))
            if self.project.is_file():
                _copy_file(self.project, _beside(self.project, COPY))
        except (OSError, sqlite3.Error) as error:
            raise UpdateError(f"{self.state}: no copy could be made: {error}; free some space") from None

    def bring_back(self) -> None:
        """Put a copy in its place where the original was changed, and take away the others."""
        for original, changed in ((self.state / DATABASE, _tables_changed), (self.project, _text_changed)):
            copy = _beside(original, COPY)
            if copy.is_file() and changed(original, copy):
                _set_aside(original)
                copy.replace(original)
                sync_folder(original.parent)
        self.drop()

    def suit(self, reads: int) -> None:
        """Put a project file in its place that a version reads which knows forms up to `reads`.

        That is the one that was kept when it was brought up to date; the newer one stays beside it. Without
        one nothing changes, and the self-test says why that version cannot run.
        """
        forms = range(reads, 0, -1)
        kept = next((path for form in forms if (path := of_form(self.project, form)).is_file()), None)
        if kept is not None and self.project.is_file() and _form(self.project) > reads:
            _copy_file(self.project, _beside(self.project, NEWER))
            _copy_file(kept, self.project)

    def drop(self) -> None:
        for original in (self.state / DATABASE, self.project):
            _beside(original, COPY).unlink(missing_ok=True)


def _form(project: Path) -> int:
    """The version of its format that a project file names; 0 if nobody can tell."""
    try:
        found = tomllib.loads(project.read_text(encoding="utf-8")).get(KEY, OLDEST)
    except (OSError, ValueError):
        return 0
    return found if isinstance(found, int) else 0


def _beside(original: Path, what: str) -> Path:
    return original.with_name(f"{original.stem}-{what}{original.suffix}")


def _copy_database(original: Path, copy: Path) -> None:
    draft = copy.with_suffix(".part")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(original)) as source, closing(sqlite3.connect(draft)) as target:
        source.backup(target)
    _finish(draft, copy)


def _copy_file(original: Path, copy: Path) -> None:
    draft = copy.with_suffix(".part")
    shutil.copy2(original, draft)
    _finish(draft, copy)


def _finish(draft: Path, copy: Path) -> None:
    descriptor = os.open(draft, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    draft.replace(copy)
    sync_folder(copy.parent)


def _set_aside(original: Path) -> None:
    """What a database has beside it goes first: the copy must never meet the log of another."""
    aside = _beside(original, NEWER)
    for companion in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            Path(f"{original}{companion}").replace(f"{aside}{companion}")


def _tables_changed(original: Path, copy: Path) -> bool:
    try:
        return _tables(original) != _tables(copy)
    except sqlite3.Error:
        return True


def _tables(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as connection:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _text_changed(original: Path, copy: Path) -> bool:
    return not original.is_file() or original.read_bytes() != copy.read_bytes()


def main(arguments: Sequence[str]) -> int:
    """What the updater calls."""
    what, state, project, *reads = arguments
    copy = StateCopy(Path(state), Path(project))
    steps: dict[str, Callable[[], None]] = {
        "keep": copy.keep,
        "bring-back": copy.bring_back,
        "drop": copy.drop,
        "suit": lambda: copy.suit(*map(int, reads)),
    }
    try:
        steps[what]()
    except (UpdateError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
