"""`latchlens run` beside a guard that is a process of its own, as on an installed device."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.act.link import Link
from device.clock import SystemClock
from device.tell.records import Records
from tests.guarded import STRIKE, Process, eventually
from tests.recordings import Recordings

LEFT_OPEN = """
[door]
unenforced = "unlocked"
[camera]
kind = "video"
path = "{path}"
rate = 0.1
speed = "real-time"
[web]
enabled = false
"""
"""A device that does not decide yet and leaves the flap open: it holds the bolt from the first pass."""

OPEN, SHUT = "pin 5 1", "pin 5 0"


@pytest.fixture
def project(recordings: Recordings, tmp_path: Path) -> Path:
    file = tmp_path / "door.toml"
    file.write_text(LEFT_OPEN.format(path=recordings.pictures) + STRIKE)
    return file


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where they meet; relative, for a socket's path has room for 107 characters only."""
    monkeypatch.chdir(tmp_path)
    return Path("line")


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for each in started:
        each.close()


def test_a_device_outlives_its_guard_and_holds_nothing_until_the_next_one_answers(
    processes, project, path, tmp_path
):
    def guarding() -> Process:
        processes.append(Process.start("guard", project, path, cwd=tmp_path))
        processes[-1].until("guarding the bolt")
        return processes[-1]

    guard = guarding()
    device = Process.run(
        [
            sys.executable,
            "-m",
            "device",
            "-v",
            "run",
            "--project",
            project,
            "--state",
            "state",
            "--guard",
            path,
        ],
        cwd=tmp_path,
    )
    processes.append(device)
    device.until("watching the door")
    guard.until(OPEN)
    guard.end(signal.SIGKILL)
    device.until("the guard is gone: it hung up; nothing opens until it answers")
    device.until("the guard does not answer")  # as an event, for the owner
    guard = guarding()
    device.until("the guard answers")
    guard.until(OPEN)
    assert device.end(signal.SIGTERM) == 0
    guard.until(SHUT)
    with Records(tmp_path / "state") as records:
        told = [event.text for event in records.events(limit=10)]
    assert any("guard" in text for text in told)


def test_a_device_that_is_killed_leaves_the_bolt_to_its_guard(processes, project, path, tmp_path):
    guard = Process.start("guard", project, path, cwd=tmp_path)
    processes.append(guard)
    guard.until("guarding the bolt")
    command = [sys.executable, "-m", "device", "run", "--project", project, "--state", "state"]
    processes.append(Process.run(command, cwd=tmp_path, LATCHLENS_GUARD=str(path)))
    guard.until(OPEN)
    processes[-1].end(signal.SIGKILL)
    guard.until(SHUT)


def test_check_asks_the_guard_for_what_it_has(latchlens, processes, project, path, tmp_path):
    def line() -> tuple[str, str]:
        answer = latchlens("check", "--project", project, "--state", tmp_path / "state", "--guard", path)
        (found,) = [each for each in answer.out.splitlines() if each[7:].startswith("guard ")]
        word, _, text = found.split(maxsplit=2)
        return word, text

    word, text = line()
    assert (word, text.startswith("no guard answers at line")) == ("FAULT", True)
    processes.append(Process.start("guard", project, path, cwd=tmp_path))
    processes[-1].until("guarding the bolt")
    assert line() == ("ok", "answers since 0.0 h; the bolt is LOCKED, at rest")
    project.write_text(project.read_text().replace("pin = 5", "pin = 6"))
    word, text = line()
    assert (word, "started with other pins" in text) == ("FAULT", True)


def test_panic_from_the_page_needs_no_loop(processes, project, path, tmp_path):
    """The page presses on a line of its own, while the loop that has the first one hangs."""
    guard = Process.start("guard", project, path, cwd=tmp_path)
    processes.append(guard)
    guard.until("guarding the bolt")
    link = Link(path, SystemClock())
    link.start(SystemClock())
    eventually(lambda: link.inputs().answers)
    link.hold(None)
    link.panic()
    guard.until(OPEN)
