"""The support file: what helps somebody else to find out what is wrong, in one ZIP without secrets."""

from __future__ import annotations

import io
import json
import platform
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from device.errors import StoreError
from device.tell import database, wire
from device.tell.journal import latchlens_version
from device.tell.quota import free_bytes
from device.web.appliance import Appliance
from device.web.masking import masked, secrets_of, shown

JOURNAL_BYTES = 1_000_000
"""Of the journal's end: some minutes while somebody is at the door, hours while nobody is."""
DAY_MINUTES = 5
MACHINE = (Path("/proc/device-tree/model"), Path("/etc/os-release"))


def support_file(served: Appliance) -> bytes:
    """The ZIP; a part that cannot be read says so in its place, for something is wrong already."""
    secrets = secrets_of(served.project)
    parts: Mapping[str, Callable[[], str]] = {
        "versions.json": lambda: _json(_versions()),
        "machine.json": lambda: _json(_machine(served.folder)),
        "project.json": lambda: _json(shown(served.project)),
        "health.json": lambda: _json(wire.document(each) for each in served.health.report()),
        "models.json": lambda: _json(dict(served.models)),
        "store.json": lambda: _json(_store(served.folder)),
        "figures.json": lambda: _json(_figures(served)),
        "log.txt": lambda: served.lines.text() if served.lines else "",
        "journal.jsonl": lambda: _journal(served.folder / "journal"),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, masked(_or_why_not(part), secrets))
    return made.getvalue()


def _or_why_not(part: Callable[[], str]) -> str:
    try:
        return part()
    except (OSError, ValueError, StoreError, sqlite3.Error) as error:
        return f"cannot be read: {error}\n"


def _json(document: Any) -> str:
    made = document if isinstance(document, (dict, list)) else list(document)
    return json.dumps(made, indent=1, ensure_ascii=False, default=str) + "\n"


def _versions() -> dict[str, Any]:
    packages = {each.name: each.version for each in distributions() if each.name}
    return {
        "latchlens": latchlens_version(),
        "python": sys.version.split()[0],
        "packages": dict(sorted(packages.items())),
    }


def _machine(folder: Path) -> dict[str, Any]:
    """What kind of computer it is; not its name, which may be its owner's."""
    told = {
        path.name: path.read_text(encoding="utf-8", errors="replace").strip("\0\n")
        for path in MACHINE
        if path.is_file()
    }
    kernel = {"kernel": platform.release(), "architecture": platform.machine(), "free": free_bytes(folder)}
    return told | kernel


def _store(folder: Path) -> dict[str, Any]:
    with closing(database.open_to_read(folder)) as connection:
        tables = ("visits", "events", "outbox")
        counts = {each: connection.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in tables}
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    return {"schema": version, "rows": counts, "bytes": (folder / database.NAME).stat().st_size}


def _figures(served: Appliance) -> dict[str, Any]:
    day = served.day.rows(DAY_MINUTES) if served.day else []
    now = asdict(served.statistics.report()) if served.statistics else None
    return {"now": now, "minutes": DAY_MINUTES, "day": [asdict(row) for row in day]}


def _journal(folder: Path) -> str:
    """Its last lines, without the first, which holds the project file."""
    newest = max(folder.glob("*.jsonl"), default=None)
    if newest is None:
        return ""
    with newest.open("rb") as file:
        file.readline()
        begin = max(newest.stat().st_size - JOURNAL_BYTES, file.tell())
        if begin > file.tell():
            file.seek(begin)
            file.readline()
        return file.read().decode("utf-8", errors="replace")
