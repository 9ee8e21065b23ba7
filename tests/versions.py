"""A machine in a folder, for tests of updates: versions, a state directory, and services that run nothing."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from device.errors import UpdateError
from device.migrations import of_form
from device.updating.change import Change
from device.updating.places import CURRENT, Places
from device.updating.state_copy import DATABASE, StateCopy

OLD, NEW = "1.0-aaaaaaaa", "2.0-bbbbbbbb"
TABLES = {OLD: 1, NEW: 2}
"""The version of the database's tables that each version of the program knows."""
FORMS = {OLD: "# old", NEW: "version = 2"}
"""The project file in the newest form that each knows; each reads the older ones, too."""
KILLED = 77


def nothing_wrong(_what: str) -> None:
    """No step fails."""


@dataclass
class Services:
    """Implements machine.Machine: the version that is started migrates the database, as a real one does."""

    places: Places
    state: Path
    fault: Callable[[str], None] = nothing_wrong
    """May raise UpdateError at a step, by its name."""
    said: list[str] = field(default_factory=list)

    def _step(self, what: str) -> None:
        self.said.append(what)
        (self.places.home / "steps").write_text("\n".join(self.said))  # so that it can be cut short here
        self.fault(what)

    def wait_for_rest(self) -> None:
        self._step("rest")

    def stop(self) -> None:
        self._step("stop")

    def start(self) -> None:
        version = self.places.named(CURRENT)
        assert version is not None
        with closing(sqlite3.connect(self.state / DATABASE)) as database:
            if database.execute("PRAGMA user_version").fetchone()[0] > TABLES[version]:
                raise UpdateError("the database was written by a newer Latchlens")
            database.execute(f"PRAGMA user_version = {TABLES[version]}")
            database.execute("INSERT INTO visits VALUES (?)", [version])
            database.commit()
        self._step(f"start {version}")

    def prove(self) -> None:
        self._step(f"prove {self.places.named(CURRENT)}")

    def watch(self, seconds: float) -> None:
        self._step(f"watch {seconds:g}")


@dataclass(frozen=True)
class Copies:
    """Implements machine.Keeper for those versions."""

    copy: StateCopy

    def keep(self) -> None:
        self.copy.keep()

    def suit(self, version: str) -> None:
        self.copy.suit(TABLES[version])

    def write_up_to_date(self, version: str) -> None:
        if self.copy.project.read_text() != FORMS[version]:
            self.copy.project.replace(of_form(self.copy.project, 1))
            self.copy.project.write_text(FORMS[version])

    def bring_back(self) -> None:
        self.copy.bring_back()

    def drop(self) -> None:
        self.copy.drop()


def machine_in(folder: Path, fault: Callable[[str], None] = nothing_wrong) -> Change:
    """The machine in a folder, as it was left there."""
    places, state = Places(folder / "opt"), folder / "state"
    keeper = Copies(StateCopy(state, state / "project.toml"))
    return Change(places, Services(places, state, fault), keeper, lambda: "")


def make_machine(folder: Path, fault: Callable[[str], None] = nothing_wrong) -> Change:
    """A machine on which OLD runs, NEW is installed beside it, and two visits are kept."""
    change, state = machine_in(folder, fault), folder / "state"
    state.mkdir(parents=True)
    for version in (OLD, NEW):
        change.places.version(version).mkdir(parents=True)
        (change.places.version(version) / "whole").touch()
    change.places.point(CURRENT, OLD)
    (state / "project.toml").write_text(FORMS[OLD])
    with closing(sqlite3.connect(state / DATABASE)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE visits (id TEXT)")
        database.executemany("INSERT INTO visits VALUES (?)", [["mimi"], ["tom"]])
        database.execute(f"PRAGMA user_version = {TABLES[OLD]}")
        database.commit()
    return change


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is one: a thousand syncs of a disk take minutes."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def killed_at(number: int, folder: Path, work: Callable[[], None]) -> bool:
    """Do `work` in a process that is killed before its change number `number` to `folder`; whether it was."""
    child = os.fork()
    if child == 0:
        changes = Changes(folder, number)
        sys.addaudithook(changes.see)
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, KILLED), f"it failed by itself before change {number}"
    return code == KILLED


@dataclass
class Changes:
    """Counts what changes files below a folder, and ends the process at one of them."""

    folder: Path
    last: int
    seen: int = 0

    def see(self, event: str, arguments: tuple[object, ...]) -> None:
        """An audit hook."""
        changing = event in (
            "os.rename",
            "os.symlink",
            "os.remove",
            "os.mkdir",
            "os.rmdir",
            "sqlite3.connect",
        )
        writing = event == "open" and arguments[1] not in (None, "r", "rb")
        if (changing or writing) and str(self.folder) in " ".join(map(str, arguments)):
            if self.seen == self.last:
                os._exit(KILLED)
            self.seen += 1
