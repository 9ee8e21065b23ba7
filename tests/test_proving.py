"""The self-test after an update: it moves the bolt, sees a broken version, and changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from device import proving
from device.act.link import Link
from device.clock import SystemClock
from device.errors import HardwareError
from device.messages import BoltState, Door, Inputs, Lease, Mode
from device.tell import database
from device.tell.settings import StoredSettings
from device.tell.store import Store
from tests.command_line import Latchlens
from tests.guarded import STRIKE, Process
from tests.recordings import Recordings


class Bolt:
    """Implements interfaces.Bolt: follows leases, or does what a broken one does."""

    def __init__(self, opens: bool = True, closes: bool = True, door: Door = Door.CLOSED) -> None:
        self._opens, self._closes = opens, closes
        self._inputs = Inputs(time=0.0, door=door)

    def hold(self, lease: Lease | None) -> None:
        if lease is not None and self._opens:
            self._inputs = replace(self._inputs, bolt=BoltState.UNLOCKED)
        if lease is None and self._closes:
            self._inputs = replace(self._inputs, bolt=BoltState.LOCKED)

    def inputs(self) -> Inputs:
        return self._inputs


class Hurried:
    """A clock on which each look takes a second."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        self.time += 1.0
        return self.time

    def wall(self) -> float | None:
        return None


def kept(folder: Path) -> dict[Path, bytes]:
    """What lies in a folder, without the index that the readers of a database share."""
    files = [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".sqlite-shm", ".sqlite-wal")
    ]
    return {path: path.read_bytes() for path in files}


def test_a_sound_device_passes_and_nothing_of_it_changes(
    latchlens: Latchlens, recordings: Recordings, tmp_path: Path
) -> None:
    with closing(Store(tmp_path)):
        pass
    before = kept(tmp_path)
    told = latchlens("self-test", "--project", recordings.project, "--state", tmp_path).went_well()
    assert "it opened and is LOCKED again" in told.out
    assert "golden" in told.out
    assert kept(tmp_path) == before


def test_a_door_that_its_owner_locked_is_not_opened_for_a_test(
    latchlens: Latchlens, recordings: Recordings, tmp_path: Path
) -> None:
    settings = StoredSettings(tmp_path)
    settings.set_mode(Mode.LOCKED)
    settings.close()
    told = latchlens("self-test", "--project", recordings.project, "--state", tmp_path).went_well()
    assert "not moved: the owner has locked the door" in told.out


def test_tables_that_only_a_newer_version_knows_are_a_fault(
    latchlens: Latchlens, recordings: Recordings, tmp_path: Path
) -> None:
    with closing(Store(tmp_path)):
        pass
    with closing(sqlite3.connect(tmp_path / database.NAME)) as connection:
        connection.execute("PRAGMA user_version = 999")
    told = latchlens("self-test", "--project", recordings.project, "--state", tmp_path)
    assert told.status == 1
    assert "FAULT  store" in told.out and "was written by a newer Latchlens" in told.out


def test_a_flap_that_is_open_is_left_alone() -> None:
    bolt = Bolt(door=Door.OPEN, opens=False)
    assert proving.move(bolt, Hurried(), lambda: None) == "not moved: the flap is open"


@pytest.mark.parametrize(
    ("bolt", "said"),
    [(Bolt(opens=False), "is LOCKED and not UNLOCKED"), (Bolt(closes=False), "is UNLOCKED and not LOCKED")],
)
def test_a_bolt_that_does_not_move_is_a_fault(bolt: Bolt, said: str) -> None:
    with pytest.raises(HardwareError, match=said):
        proving.move(bolt, Hurried(), lambda: None)


def test_a_guard_in_a_process_of_its_own_moves_the_bolt(tmp_path: Path) -> None:
    project, line = tmp_path / "door.toml", tmp_path / "line"
    project.write_text(STRIKE)
    guard = Process.start("guard", project, line)
    try:
        guard.until("guarding the bolt")
        link = Link(line, SystemClock())
        link.start(SystemClock())
        assert proving.move(link, SystemClock(), proving.a_moment) == "it opened and is LOCKED again"
        link.stop()
        guard.until("pin 5 0")
        assert any("pin 5 1" in line for line in guard.log)
    finally:
        guard.close()
