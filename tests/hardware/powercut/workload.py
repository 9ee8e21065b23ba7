"""What a device writes in a busy hour, by its own code, with a mark on the disk before and after each thing.

Run within the virtual machine: `python3 workload.py FOLDER DISK AREA COUNT [careless]`. The marks go past the
file system straight to the disk, from byte AREA on, so that the record of its writes tells what had been
promised at any moment. `careless` takes away what makes it lasting, to see that the check can fail.
"""

from __future__ import annotations

import json
import mmap
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device import registry
from device.messages import Event, Heading, Mode, Outcome, Visit, VisitKind, VisitPhase
from device.migrations import NEWEST
from device.tell import database
from device.tell.opening import open_store
from device.tell.settings import StoredSettings
from device.tell.store import Store
from device.updating.change import Change
from device.updating.places import CURRENT, Places
from device.updating.state_copy import StateCopy

BLOCK = 4096
SLOTS = 64
MODES = (Mode.LOCKED, Mode.NORMAL, Mode.IN_ONLY, Mode.OUT_ONLY)
"""Never "unlocked": whoever finds that after a power cut has found the door open for all."""
HEAD = "prey"


def visit(number: int) -> Visit:
    """The visit of that number, the same wherever it is asked for."""
    return Visit(
        id=f"powercut-{number}",
        started=float(number),
        ended=number + 9.0,
        phase=VisitPhase.END,
        kind=VisitKind.TRANSIT,
        direction=Heading.IN,
        outcome=Outcome.UNLOCK,
        rule="my cat, mouth empty",
        reason=f"mouth empty {number} " + "in clear view " * 40,
        who="mimi",
        species="cat",
        frames=number,
        started_wall=1_800_000_000.0 + number,
        tracks=(number,),
    )


class Marks:
    """Writes to the disk what is begun and what is done; each mark is a block of its own."""

    def __init__(self, disk: Path, area: int) -> None:
        self._disk = os.open(disk, os.O_WRONLY | os.O_DIRECT)
        self._area = area
        self._block = mmap.mmap(-1, BLOCK)
        self._count = 0

    def put(self, mark: dict[str, Any]) -> None:
        text = json.dumps({"number": self._count, **mark}).encode()
        self._block[:] = text.ljust(BLOCK)
        os.pwrite(self._disk, self._block, self._area + self._count % SLOTS * BLOCK)
        self._count += 1


class Services:
    """Implements updating.machine.Machine where nothing runs but this."""

    def wait_for_rest(self) -> None: ...
    def stop(self) -> None: ...
    def start(self) -> None: ...
    def prove(self) -> None: ...
    def watch(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Copies:
    """Implements updating.machine.Keeper for versions that all read the same forms."""

    copy: StateCopy

    def keep(self) -> None:
        self.copy.keep()

    def suit(self, version: str) -> None:
        del version
        self.copy.suit(NEWEST)

    def write_up_to_date(self, version: str) -> None: ...

    def bring_back(self) -> None:
        self.copy.bring_back()

    def drop(self) -> None:
        self.copy.drop()


def change(home: Path, state: Path) -> Change:
    """The updater's own code over the folder of versions."""
    keeper = Copies(StateCopy(state, home / "project.toml"))
    return Change(Places(home), Services(), keeper, lambda: "", trial_s=0)


def make_version(home: Path, name: str) -> None:
    """A version as the updater finds it: built, and on the disk."""
    folder = home / "versions" / name
    folder.mkdir(parents=True)
    (folder / "whole").write_text(name, encoding="utf-8")
    os.sync()


def make_model(models: Path, version: str) -> None:
    folder = models / HEAD / version
    folder.mkdir(parents=True)
    (folder / "card.toml").write_text(f'version = "{version}"\n', encoding="utf-8")


def be_careless() -> None:
    """What many programs do: SQLite without syncing, files renamed without."""
    opened = database.open_database

    def without_syncing(*arguments: Any) -> sqlite3.Connection:
        connection = opened(*arguments)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    database.open_database = without_syncing
    os.fsync = lambda _: None  # type: ignore[assignment]
    os.sync = lambda: None


def deeds(folder: Path, store: Store) -> list[tuple[str, Callable[[int], str], Callable[[str], object]]]:
    """Kinds of things that are kept: how often one comes, what its value is, and how it is done."""
    state, home, models = folder / "state", folder / "home", folder / "state" / "models"
    settings, changing = StoredSettings(state), change(home, state)

    def keep_visit(number: str) -> None:
        kept = visit(int(number))
        store.add([kept], [Event(kept.ended, kept.started_wall, "entry", "came in", visit=kept.id)])

    def update(version: str) -> None:
        make_version(home, version)
        changing.to(version)

    return [
        ("visit", str, keep_visit),
        ("mode", lambda number: MODES[number % len(MODES)].value, lambda mode: settings.set_mode(Mode(mode))),
        ("visit", str, keep_visit),
        ("model", lambda number: str(number % 3 + 1), lambda version: _activate(models, version)),
        ("visit", str, keep_visit),
        ("update", lambda number: f"{number}.0-abc", update),
    ]


def _activate(models: Path, version: str) -> None:
    registry.activate(models, HEAD, version, lambda _: None, None)


def main(folder: Path, disk: Path, area: int, count: int, careless: bool) -> None:
    state, home = folder / "state", folder / "home"
    state.mkdir(parents=True)
    for version in ("1", "2", "3"):
        make_model(state / "models", version)
    home.mkdir()
    (home / "project.toml").write_text("[door]\n", encoding="utf-8")
    make_version(home, "0.0-abc")
    Places(home).point(CURRENT, "0.0-abc")
    open_store(state).close()
    StoredSettings(state).set_enforce(True)
    _activate(state / "models", "1")
    os.sync()
    if careless:
        be_careless()
    with closing(open_store(state)) as store:
        marks = Marks(disk, area)
        kinds = deeds(folder, store)
        for number in range(1, count + 1):
            kind, value_of, do = kinds[number % len(kinds)]
            mark = {"kind": kind, "value": value_of(number)}
            marks.put({**mark, "done": False})
            do(mark["value"])
            marks.put({**mark, "done": True})
    print(f"{count} things were kept")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), "careless" in sys.argv[5:])
