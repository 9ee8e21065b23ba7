"""A new process for a camera that stays away: once an hour at most, whatever happened to clock and disk."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from device.building.revival import AWAY_S, HOUR_S, NAME, Revival
from device.errors import StalledCameraError
from device.messages import Door, Frame, Lease
from tests.making import observation
from tests.test_health import NOBODY

PIXELS = np.zeros((2, 2, 3), np.uint8)
FRAME = Frame(0.0, PIXELS, PIXELS[..., 0], 0)


@dataclass
class SetClock:
    """Seconds since the computer started."""

    time: float = 10_000.0

    def now(self) -> float:
        return self.time

    def wall(self) -> float | None:
        return None


@dataclass
class Computer:
    """One on which the device's process is begun again and again."""

    folder: Path
    clock: SetClock

    def boots(self, name: str, time: float) -> None:
        (self.folder / "boot_id").write_text(f"{name}\n")
        self.clock.time = time

    def process(self) -> Revival:
        return Revival(self.folder / "state", self.clock, self.folder / "boot_id")

    def wants_another(self, process: Revival, after_s: float) -> bool:
        """Whether a process without a frame wants to be begun again after so many seconds."""
        self.clock.time += after_s
        try:
            process.check()
        except StalledCameraError:
            return True
        return False


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    (tmp_path / "state").mkdir()
    computer = Computer(tmp_path, SetClock())
    computer.boots("one", 10_000.0)
    return computer


def test_a_camera_that_gives_pictures_never_ends_the_process(computer):
    process = computer.process()
    for _ in range(100):
        process.publish(FRAME, observation(1.0), NOBODY)
        assert not computer.wants_another(process, AWAY_S - 1)


def test_one_that_stays_away_ends_it_once_and_then_not_for_an_hour(computer):
    assert not computer.wants_another(computer.process(), AWAY_S - 1)
    assert computer.wants_another(computer.process(), AWAY_S)
    again = computer.process()
    assert not computer.wants_another(again, HOUR_S - 1)
    assert computer.wants_another(again, 1.0)
    assert not computer.wants_another(computer.process(), AWAY_S)


def test_over_two_days_there_is_one_an_hour_at_most(computer):
    ends, process = [], computer.process()
    for _ in range(48 * 60):
        if computer.wants_another(process, 60.0):
            ends.append(computer.clock.time)
            process = computer.process()
    assert len(ends) == 48
    assert min(later - sooner for sooner, later in pairwise(ends)) >= HOUR_S


def test_after_a_reboot_nothing_is_known_but_how_long_the_computer_is_up(computer):
    assert computer.wants_another(computer.process(), AWAY_S)
    computer.boots("two", 30.0)
    process = computer.process()
    assert not computer.wants_another(process, HOUR_S - 31.0)
    assert computer.wants_another(process, 1.0)


def test_a_computer_that_boots_again_and_again_gets_none(computer):
    assert computer.wants_another(computer.process(), AWAY_S)
    for number in range(5):
        computer.boots(f"boot {number}", 20.0)
        assert not computer.wants_another(computer.process(), AWAY_S + 60)


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"boot": "one"}', '{"boot": "one", "time": "x"}'])
def test_a_note_that_is_damaged_counts_as_one_of_before_the_computer_started(computer, kept):
    (computer.folder / "state" / NAME).write_text(kept)
    computer.boots("one", 100.0)
    process = computer.process()
    assert not computer.wants_another(process, HOUR_S - 101.0)
    assert computer.wants_another(process, 1.0)


def test_what_cannot_be_noted_is_not_done(computer):
    (computer.folder / "state" / f"{NAME}.part").mkdir()
    process = computer.process()
    assert not computer.wants_another(process, AWAY_S)
    assert not computer.wants_another(process, HOUR_S)


def test_nobody_is_left_in_the_flap(computer):
    process = computer.process()
    process.publish(None, observation(1.0, door=Door.OPEN), NOBODY)
    assert not computer.wants_another(process, AWAY_S)
    process.publish(None, observation(1.0), replace(NOBODY, lease=Lease(1.0, 5.0, "by chip")))
    assert not computer.wants_another(process, 1.0)
    process.publish(None, observation(1.0), NOBODY)
    assert computer.wants_another(process, 1.0)


def test_the_note_says_when_of_which_boot(computer):
    assert computer.wants_another(computer.process(), AWAY_S)
    kept = json.loads((computer.folder / "state" / NAME).read_text())
    assert kept == {"boot": "one", "time": 10_000.0 + AWAY_S}
    assert [each.name for each in (computer.folder / "state").iterdir()] == [NAME]
