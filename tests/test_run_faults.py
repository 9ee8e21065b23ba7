"""`latchlens run` with parts that are absent, damaged or hang: it goes on, says so, restarts in no loop."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from device import shipped
from device.building import revival
from device.web.caller import Scope
from device.web.tokens import Tokens
from tests.conftest import ROOT

PATIENCE_S = 120.0
DRIVERS = ROOT / "tests" / "drivers"
PROGRAM = """
import sys
import device.see
device.see.__path__.append({drivers!r})
from device.building import revival
from device.see import patient
revival.AWAY_S, patient.FIRST_S = {away_s}, 2.0
from device.cli import main
main()
"""
"""The command line, to which a camera driver of ours is a kind like any other."""
PROJECT = """
[camera]
kind = "stalling"
{camera}
[pins]
kind = "mock"
[web]
port = 0
[bolt]
kind = "servo"
pin = 18
{more}
"""


class Device:
    """A `latchlens run` whose page is asked how its parts are."""

    def __init__(self, folder: Path, camera: str, more: str = "", away_s: float = 3600.0) -> None:
        self.state = folder / "state"
        project = folder / "mine.toml"
        project.write_text(PROJECT.format(camera=camera, more=more), encoding="utf-8")
        program = PROGRAM.format(drivers=str(DRIVERS), away_s=away_s)
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, "-v", "run", "--project", project, "--state", self.state],
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.said: list[str] = []

    def until(self, text: str) -> str:
        """Listen until a line of the log holds `text`."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.append(line.rstrip("\n"))
            if text in line:
                return self.said[-1]
        pytest.fail(f"it ended without saying {text!r}:\n" + "\n".join(self.said))

    def page(self) -> None:
        self._address = self.until("the page is at").split()[-1]
        self._bearer = f"Bearer {Tokens(self.state).create('test', Scope.READ)}"

    def asked(self, path: str) -> Any:
        """What the page answers, once there was a pass of which it can tell."""
        request = urllib.request.Request(f"{self._address}{path}", headers={"Authorization": self._bearer})
        while True:
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                assert error.code == 503, error
                error.close()

    def part_until(self, part: str, state: str) -> str:
        """What is said of a part once it is as is waited for."""
        while True:
            found = {each["part"]: each for each in self.asked("/api/v1/state")["health"]}
            if found.get(part, {}).get("state") == state:
                return str(found[part]["text"])
            assert self.process.poll() is None, "it has ended"

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        _, said = self.process.communicate()
        self.said += said.splitlines()
        return self.process.returncode


Begin = Callable[..., Device]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    begun: list[Device] = []
    timers: list[Timer] = []

    def start(*arguments: Any, **more: Any) -> Device:
        begun.append(Device(tmp_path, *arguments, **more))
        timers.append(Timer(PATIENCE_S, begun[-1].process.kill))
        timers[-1].start()
        return begun[-1]

    yield start
    for timer in timers:
        timer.cancel()
    for each in begun:
        each.process.kill()
        each.process.wait()


@pytest.mark.parametrize("hangs_in", ["reading", "closing"])
def test_a_camera_whose_driver_hangs_is_begun_anew_within_the_process(begin, hangs_in):
    running = begin(f'hangs_in = "{hangs_in}"')
    running.until(f"its driver hangs in {hangs_in}; it is left behind")
    running.until("its driver hangs in")
    assert running.end() == 0


def test_a_camera_that_stays_away_ends_the_process_once_and_the_next_one_goes_on(begin):
    first = begin("pictures = 0", away_s=2.0)
    assert first.ended() == 69
    assert any("a new process is begun for it" in line for line in first.said), first.said
    assert first.said[-1].startswith("latchlens: ")
    assert (first.state / revival.NAME).is_file()
    again = begin("pictures = 0", away_s=2.0)
    again.page()
    again.part_until("camera", "fault")
    assert again.process.poll() is None, "it is gone for longer than would have ended the first"
    assert again.end() == 0


@pytest.mark.parametrize("camera", ["pictures = 0", 'hangs_in = "opening"'])
def test_without_a_camera_the_device_starts_and_its_page_says_so(begin, camera):
    running = begin(camera)
    running.page()
    text = running.part_until("camera", "fault")
    assert "plug it in" in text or "has not answered" in text
    assert running.asked("/api/v1/state")["blind"] == "gone"
    assert running.end() == 0


def test_with_a_damaged_model_the_device_waits_and_its_page_says_which(begin, tmp_path):
    broken = shutil.copytree(
        shipped.model_folder("starter-species"), tmp_path / "state" / "models" / "starter-species" / "9"
    )
    (broken / "head.npz").write_bytes(b"half of it")
    running = begin("pictures = 100000")
    running.page()
    assert "copy the model again" in running.part_until("model", "fault")
    standing = running.asked("/api/v1/state")
    assert (standing["blind"], standing["bolt"]) == ("no model", "LOCKED")
    assert running.end() == 0


def test_a_missing_detector_is_no_reason_to_restart_for_ever(begin):
    running = begin("pictures = 100000", more='[detector]\nkind = "ssd"\nmodel = "no-such-model"\n')
    running.page()
    assert "no-such-model" in running.part_until("model", "fault")
    assert running.end() == 0


def test_a_secret_whose_file_is_missing_keeps_no_door_from_being_watched(begin):
    """Else a path that was mistyped on the page would take the page away, and the door with it."""
    nowhere = "[mqtt]\nhost = '127.0.0.1'\nuser = 'flap'\npassword_file = '/nowhere/password'\n"
    nowhere += "[[webhook]]\nname = 'phone'\nurl = 'https://ntfy.invalid/x'\ntoken_file = '/nowhere/token'\n"
    running = begin("pictures = 100000", more=nowhere)
    running.page()
    assert "/nowhere/password cannot be read" in running.part_until("broker", "fault")
    assert "'/nowhere/token' cannot be read" in running.part_until("webhook phone", "fault")
    assert running.asked("/api/v1/state")["bolt"] == "LOCKED"
    assert running.end() == 0
