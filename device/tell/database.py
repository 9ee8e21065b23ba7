"""The SQLite file beneath the store: opened, migrated, checked, and set aside when it is damaged."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from device.errors import StoreError
from device.tell.packing import packed
from device.tell.paths import path_of
from device.tell.wording import reason_of

log = logging.getLogger(__name__)

NAME = "latchlens.sqlite"
APPLICATION = 0x4C617463
"""SQLite's application id: "Latc" in ASCII, so that a foreign database is known as one."""
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_S = 2.0
"""How long a writer waits for another to finish."""

CUT_SHORT = sqlite3.SQLITE_IOERR_SHORT_READ
"""The file ends before what it says it holds."""

_FIXES = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_READONLY: "it may only be read; check who owns the state directory",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that the state directory exists and who owns it",
    sqlite3.SQLITE_BUSY: "another program holds it; close that program",
    sqlite3.SQLITE_IOERR_SHMSIZE: "the disk is full; free some space",
    sqlite3.SQLITE_IOERR: "the disk reports an error; check it, or replace the card",
    sqlite3.SQLITE_CORRUPT: "it is damaged; the next start sets it aside and begins a new one",
    sqlite3.SQLITE_NOTADB: "it is no database; the next start sets it aside and begins a new one",
}


class DamagedError(StoreError):
    """The database's content cannot be trusted."""


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into a StoreError that names the file and the fix."""
    try:
        yield
    except sqlite3.Error as error:
        exact = getattr(error, "sqlite_errorcode", 0)
        code = exact & 0xFF  # the low byte is the primary code
        damaged = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or exact == CUT_SHORT
        fix = _FIXES.get(exact) or _FIXES.get(code, str(error))
        raise (DamagedError if damaged else StoreError)(f"{path}: {fix}") from None


def open_database(folder: Path, wall: float | None = None) -> sqlite3.Connection:
    """The writer's connection to the database in `folder`, made or migrated as needed.

    A damaged database is renamed, with the UTC time `wall` in its name, said loudly, and a new one
    begun. The connection may be handed to one other thread.

    Raises:
        StoreError: the folder or file cannot be used, or a newer version of Latchlens wrote it.
    """
    path = folder / NAME
    try:
        return _open(path)
    except DamagedError as error:
        aside = set_aside(path, wall)
        log.critical("%s; it was kept as %s and a new one begun", error, aside.name)
        return _open(path)


def open_to_read(folder: Path) -> sqlite3.Connection:
    """A connection of one's own for reading; it never waits for the writer, nor the writer for it.

    Raises:
        StoreError: there is no database in `folder`, or it cannot be read.
    """
    path = folder / NAME
    if not path.is_file():
        raise StoreError(f"{path}: there is no database yet; name the state directory with --state")
    with plain_errors(path):
        place = f"file:{quote(str(path))}"
        try:
            return _connect_to_read(f"{place}?mode=ro")
        except sqlite3.OperationalError:
            # A folder that may not be written has no room for the shared index that readers use.
            return _connect_to_read(f"{place}?immutable=1")


def open_beside(folder: Path) -> sqlite3.Connection:
    """Another writer's connection to a database that the store has opened: nothing is checked or made.

    What it commits may be forgotten in a power cut until somebody else commits. It may be handed to
    one other thread.

    Raises:
        StoreError: there is no database in `folder`, or it cannot be opened.
    """
    path = folder / NAME
    with plain_errors(path):
        place = f"file:{quote(str(path))}?mode=rw"
        connection = sqlite3.connect(
            place, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def damaged(folder: Path) -> list[Path]:
    """The databases that were set aside in `folder`, the oldest first."""
    return sorted(folder.glob(f"{Path(NAME).stem}-damaged-*{Path(NAME).suffix}"))


def identity(folder: Path) -> tuple[int, int] | None:
    """Which file the database in `folder` is, None if there is none: it changes when another takes its place.

    SQLite goes on with the file it has open though that was renamed or deleted.
    """
    try:
        found = (folder / NAME).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def refuse_old(path: Path, connection: sqlite3.Connection) -> None:
    """Raise StoreError for a database that lacks migrations, which only a writer may make."""
    with plain_errors(path):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version < max(_scripts()):
        raise StoreError(
            f"{path}: was written by an older Latchlens; `latchlens check` or a start of the device "
            "brings it up to date"
        )


def check(connection: sqlite3.Connection) -> str | None:
    """What SQLite's own quick check finds wrong, None if all is well; takes time with the file's size."""
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if found == "ok" else str(found)


def _connect_to_read(place: str) -> sqlite3.Connection:
    connection = sqlite3.connect(place, uri=True, timeout=BUSY_S, check_same_thread=False)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _open(path: Path) -> sqlite3.Connection:
    with plain_errors(path):
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            _refuse_foreign(path, connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            if wrong := check(connection):
                raise DamagedError(f"{path}: is damaged: {wrong}")
            _migrate(path, connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _refuse_foreign(path: Path, connection: sqlite3.Connection) -> None:
    ours = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if not ours and not empty:
        raise StoreError(f"{path}: is a database of another program; move it, or choose another --state")


def _migrate(path: Path, connection: sqlite3.Connection) -> None:
    """Apply the migrations that the database has not seen, each in a transaction of its own."""
    scripts = _scripts()
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > max(scripts):
        raise StoreError(
            f"{path}: was written by a newer Latchlens (version {version} of the tables, "
            f"this one knows {max(scripts)}); update Latchlens, or choose another --state"
        )
    connection.create_function("packed", 1, packed, deterministic=True)
    connection.create_function("path_of", 1, path_of, deterministic=True)
    connection.create_function("reason_of", 1, reason_of, deterministic=True)
    for number in range(version + 1, max(scripts) + 1):
        script = scripts[number].read_text(encoding="utf-8")
        stamp = f"PRAGMA user_version = {number}; PRAGMA application_id = {APPLICATION};"
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {script}; {stamp} COMMIT;")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise


def _scripts() -> dict[int, Path]:
    return {int(script.name[:4]): script for script in sorted(MIGRATIONS.glob("[0-9]*_*.sql"))}


def set_aside(path: Path, wall: float | None = None) -> Path:
    """Rename the database with its companions; nothing is deleted. Returns the new name.

    Raises:
        StoreError: the folder may not be written.
    """
    when = "" if wall is None else f"-{datetime.fromtimestamp(wall, UTC):%Y%m%dT%H%M%SZ}"
    taken = [
        int(found[1]) for each in path.parent.iterdir() if (found := re.search(r"damaged-(\d+)", each.name))
    ]
    aside = path.with_name(f"{path.stem}-damaged-{max(taken, default=0) + 1}{when}{path.suffix}")
    try:
        for companion in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{path}{companion}").rename(f"{aside}{companion}")
        path.rename(aside)
    except OSError as error:
        raise StoreError(
            f"{path}: is damaged and cannot be set aside: {error.strerror}; move it away yourself"
        ) from None
    return aside
