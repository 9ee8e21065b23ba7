"""`latchlens run` as its own process: it decides, keeps what it saw, and comes to rest whatever ends it."""

from __future__ import annotations

import importlib.util
import json
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread, Timer

import pytest

from device.tell.narrative import Narrative
from device.tell.records import Records
from device.tell.settings import StoredSettings
from tests.command_line import Answer, Latchlens
from tests.conftest import ROOT
from tests.recordings import Recordings
from tests.small_disk import disk_of, fill

PATIENCE_S = 30.0
"""After this a process that never says what the test waits for is killed, and the test fails."""

OPEN, SHUT = "the bolt is UNLOCKED", "the bolt is LOCKED"


@dataclass(slots=True)
class Running:
    """A `latchlens run` that is listened to while it works."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def until(self, text: str) -> None:
        """Listen until a line of the log holds `text`."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.append(line.rstrip("\n"))
            if text in line:
                return
        pytest.fail(f"it ended without saying {text!r}:\n" + "\n".join(self.said))

    def end(self, number: int | None = None) -> Answer:
        """Send a signal, if given, and listen to the end."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate()
        return Answer(self.process.returncode, out, "\n".join([*self.said, err]))


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `latchlens -v run` with the arguments given."""
    running: list[Running] = []
    timers: list[Timer] = []

    def begin(*arguments: object) -> Running:
        command = [sys.executable, "-m", "device", "-v", "run", *map(str, arguments)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        running.append(Running(process))
        timers.append(Timer(PATIENCE_S, process.kill))
        timers[-1].start()
        return running[-1]

    yield begin
    for timer in timers:
        timer.cancel()
    for each in running:
        each.process.kill()
        each.process.communicate()


@pytest.fixture(scope="module")
def taught(recordings: Recordings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory in which the recorded cat is known and the bolt obeys."""
    state = tmp_path_factory.mktemp("taught")
    command = ["teach", "chelsea", recordings.pictures, "--others", recordings.stranger, "--state", state]
    subprocess.run(
        [sys.executable, "-m", "device", *map(str, command)], check=True, capture_output=True, cwd=ROOT
    )
    settings = StoredSettings(state)
    settings.set_enforce(True)
    settings.close()
    return state


@pytest.fixture
def state(taught: Path, tmp_path: Path) -> Path:
    return shutil.copytree(taught, tmp_path / "state")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_while_the_bolt_is_open_brings_it_to_rest_and_nothing_is_lost(
    start, recordings, state, number
):
    running = start("--project", recordings.project, "--state", state)
    running.until("chelsea: unlocked")
    running.until(OPEN)
    answer = running.end(number).went_well()
    assert [line for line in answer.err.splitlines() if line in (OPEN, SHUT)][-1] == SHUT
    with Records(state) as records:
        (visit,) = records.visits()
    assert visit.who == "chelsea"
    assert visit.unlocked_at is not None
    assert list((state / "pictures").rglob("*.jpg"))
    (journal,) = (state / "journal").glob("*.jsonl")
    assert len(journal.read_bytes().splitlines()) > 3


def test_a_recording_that_ends_ends_the_run_at_rest_and_replays(start, recordings, state, latchlens):
    answer = start("--project", recordings.project, "--state", state).end().went_well()
    assert "the recording has ended" in answer.err
    assert [line for line in answer.err.splitlines() if line in (OPEN, SHUT)][-1] == SHUT
    assert "no differences" in latchlens("replay", state / "journal").went_well().out


def test_a_camera_that_fails_while_running_ends_it_at_rest_with_what_was_seen(
    start, recordings, state, tmp_path
):
    pictures = shutil.copytree(recordings.pictures, tmp_path / "pictures")
    (pictures / "012.jpg").write_bytes(b"")
    project = tmp_path / "mine.toml"
    project.write_text(recordings.project.read_text().replace(str(recordings.pictures), str(pictures)))
    answer = start("--project", project, "--state", state).end()
    answer.refused("012.jpg is empty", "copy it again")
    assert [line for line in answer.err.splitlines() if line in (OPEN, SHUT)][-1] == SHUT
    with Records(state) as records:
        assert [visit.who for visit in records.visits()] == ["chelsea"]


@pytest.fixture
def station(recordings: Recordings) -> Iterator[str]:
    """A network camera on this machine that sends its pictures once, then hangs up and is gone."""
    jpegs = [path.read_bytes() for path in sorted(recordings.pictures.iterdir())]

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=frame")
            self.end_headers()
            for jpeg in jpegs:
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self.wfile.write(head.encode() + jpeg + b"\r\n")

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), Camera)
    server.timeout = PATIENCE_S
    thread = Thread(target=server.handle_request)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.server_close()
    thread.join()


def test_a_network_camera_that_stops_is_missed_and_the_run_goes_on(
    start, recordings, station, state, tmp_path
):
    project = tmp_path / "mine.toml"
    text = recordings.project.read_text().replace('speed = "real-time"\n', "")
    project.write_text(text.replace(str(recordings.pictures), station))
    running = start("--project", project, "--state", state)
    running.until("has stopped; opening it again")
    running.until("gone")
    answer = running.end(signal.SIGTERM).went_well()
    assert [line for line in answer.err.splitlines() if line in (OPEN, SHUT)][-1] == SHUT


def test_a_run_does_not_go_on_when_nobody_keeps_what_it_sees(recordings, state, monkeypatch, latchlens):
    def fail(*_: object) -> None:
        raise ValueError("a fault of the program")

    monkeypatch.setattr(Narrative, "tell", fail)
    answer = latchlens("-v", "run", "--project", recordings.project, "--state", state)
    assert "a fault of the program" in answer.err
    assert "latchlens: nothing is kept any more" in answer.err
    assert [line for line in answer.err.splitlines() if line in (OPEN, SHUT)][-1] == SHUT


def test_a_bolt_that_may_shut_an_animal_in_is_warned_of(recordings, latchlens, tmp_path):
    project = tmp_path / "mine.toml"
    project.write_text(recordings.project.read_text() + '[guard]\nblocks = "both"\n')
    assert "nobody gets out" in latchlens("check", "--project", project, "--state", tmp_path).err
    assert (
        "nobody gets out" not in latchlens("check", "--project", recordings.project, "--state", tmp_path).err
    )


def test_an_absent_camera_keeps_no_door_from_being_watched(start, tmp_path):
    project = tmp_path / "mine.toml"
    project.write_text(
        '[camera]\nkind = "usb"\ndevice = 97\n[pins]\nkind = "mock"\n[bolt]\nkind = "servo"\npin = 18\n'
        "[web]\nport = 0\n"
    )
    running = start("--project", project, "--state", tmp_path / "state")
    running.until("/dev/video97 does not exist; plug the camera in")
    running.until("watching the door")
    answer = running.end(signal.SIGTERM).went_well()
    assert SHUT in answer.err, "the bolt comes to rest all the same"


@pytest.mark.skipif(importlib.util.find_spec("lgpio") is not None, reason="lgpio is installed here")
def test_off_a_raspberry_pi_the_key_and_the_fix_are_named(latchlens: Latchlens, tmp_path: Path):
    latchlens("run", "--state", tmp_path).refused('[pins] kind = "gpio" needs', 'set kind = "mock"')


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    with disk_of(1 << 20, tmp_path) as folder:
        yield folder


def test_a_disk_that_is_full_at_the_start_is_told(
    latchlens: Latchlens, recordings: Recordings, small_disk: Path
):
    fill(small_disk)
    latchlens("run", "--project", recordings.project, "--state", small_disk / "state").refused(
        str(small_disk), "free"
    )


def test_a_disk_that_is_full_stops_neither_the_loop_nor_the_page_when_they_start_again(
    start, recordings, small_disk, taught, latchlens
):
    state = shutil.copytree(taught, small_disk / "state")
    token = latchlens("tokens", "create", "dashboard", "--state", state).went_well().out.strip()
    (state / "journal").mkdir()
    (state / "journal" / "000001.jsonl").write_bytes(bytes(100_000))
    fill(small_disk)
    again = start("--project", recordings.project, "--state", state)
    again.until("the page is at")
    address = f"{again.said[-1].split()[-1]}/api/v1/state"
    again.until(OPEN)
    asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked) as answer:
        assert json.load(answer)["enforce"] is True
    told = again.end(signal.SIGTERM).went_well().err
    assert "the disk is full; free some space; to start all the same" in told
    with Records(state) as records:
        assert records.settings()["enforce"] == "true"


def test_a_disk_that_fills_while_running_is_told_and_deciding_goes_on(start, recordings, small_disk, taught):
    state = shutil.copytree(taught, small_disk / "state")
    running = start("--project", recordings.project, "--state", state)
    running.until("watching the door")
    fill(small_disk)
    running.until(OPEN)
    answer = running.end(signal.SIGTERM).went_well()
    assert "free some space" in answer.err
    with Records(state) as records:
        assert records.settings()["enforce"] == "true"
