"""`latchlens check`: a line for each part, exit status 1 on a fault, and nothing left behind."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from device import checks, shipped
from device.web.caller import Role
from device.web.passwords import Passwords
from simulator.computer import Computer
from tests.command_line import Answer, Latchlens
from tests.recordings import Recordings

PARTS = [
    *("project", "store", "disk", "models", "pins", "camera", "clock", "power", "temperature", "network"),
    *("webhooks", "broker", "web"),
]


def lines(answer: Answer) -> dict[str, tuple[str, str]]:
    """Of each part, whether it is "ok" or a "FAULT", and what is said of it."""
    split = [line.split(maxsplit=2) for line in answer.out.splitlines()]
    assert answer.status == any(word == "FAULT" for word, _, _ in split)
    assert "Traceback" not in answer.err
    return {part: (word, text) for word, part, text in split}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "there" / "state"


def project_with(recordings: Recordings, folder: Path, *changes: tuple[str, str]) -> Path:
    text = recordings.project.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "mine.toml"
    path.write_text(text)
    return path


def test_a_sound_device_is_ok_in_every_line_and_nothing_is_left_behind(
    latchlens, recordings, state, tmp_path
):
    found = lines(latchlens("check", "--project", recordings.project, "--state", state).went_well())
    assert list(found) == PARTS
    assert {word for word, _ in found.values()} == {"ok"}
    assert found["camera"][1] == "video: 640 x 480"
    assert list(tmp_path.iterdir()) == []


def test_a_state_directory_in_use_stays_as_it_is(latchlens, recordings, tmp_path):
    latchlens("simulate", "--video", recordings.film, "--state", tmp_path, "--json").went_well()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    found = lines(latchlens("check", "--project", recordings.project, "--state", tmp_path).went_well())
    assert found["store"] == ("ok", f"{tmp_path}: the database is sound")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_each_fault_has_its_line_and_the_other_parts_are_still_checked(latchlens, recordings, tmp_path):
    model = shutil.copytree(
        shipped.model_folder("starter-species"), tmp_path / "models" / "starter-species" / "9"
    )
    (model / "head.npz").write_bytes(b"")
    project = project_with(
        recordings,
        tmp_path,
        ('kind = "video"', 'kind = "usb"\ndevice = 97'),
        (f'path = "{recordings.pictures}"\n', ""),
        ('speed = "real-time"\n', ""),
        ("[pins]", "[store]\nfree_mb = 1e12\n[pins]"),
    )
    found = lines(latchlens("check", "--project", project, "--state", tmp_path))
    assert list(found) == PARTS
    assert {part for part, (word, _) in found.items() if word == "FAULT"} == {"disk", "models", "camera"}
    assert "[store] free_mb" in found["disk"][1]
    assert "copy the model again" in found["models"][1]
    assert "/dev/video97 does not exist" in found["camera"][1]


def test_a_project_with_a_mistake_is_the_only_line(latchlens, recordings, tmp_path):
    project = project_with(recordings, tmp_path, ("pin = 18", "pin = 28"))
    found = lines(latchlens("check", "--project", project, "--state", tmp_path / "state"))
    assert list(found) == ["project"]
    assert found["project"] == ("FAULT", f"{project}: [bolt] pin: pin 28 does not exist; use 0-27")


def test_a_recording_that_is_over_before_it_begins_is_a_fault(latchlens, recordings, tmp_path):
    project = project_with(recordings, tmp_path, ('speed = "real-time"', "start = 90.0"))
    found = lines(latchlens("check", "--project", project, "--state", tmp_path))
    assert found["camera"][0] == "FAULT"
    assert "[camera] start and end" in found["camera"][1]


def test_the_page_is_checked_for_its_password_its_port_and_its_certificate(latchlens, recordings, tmp_path):
    state = tmp_path / "state"
    assert "no password is set: run `latchlens password`" in web_line(latchlens, recordings.project, state)[1]
    Passwords(state, cost=16).set(Role.OWNER, "four words that match")
    assert web_line(latchlens, recordings.project, state) == (
        "ok",
        "127.0.0.1 port any is free; a password is set",
    )
    pem = project_with(recordings, tmp_path, ("port = 0", 'port = 0\ncertificate = "no.pem"\nkey = "no.key"'))
    word, text = web_line(latchlens, pem, state)
    assert (word, "no.pem or no.key: there is no such file" in text) == ("FAULT", True)


def web_line(latchlens: Latchlens, project: Path, state: Path) -> tuple[str, str]:
    return lines(latchlens("check", "--project", project, "--state", state))["web"]


@pytest.mark.skipif(importlib.util.find_spec("lgpio") is not None, reason="lgpio is installed here")
def test_off_a_raspberry_pi_pins_and_camera_are_faults_with_the_fix(latchlens, tmp_path):
    found = lines(latchlens("check", "--state", tmp_path))
    assert found["pins"][0] == found["camera"][0] == "FAULT"
    assert '[pins] kind = "gpio" needs' in found["pins"][1]
    assert 'set kind = "mock"' in found["pins"][1]
    assert "apt install python3-picamera2" in found["camera"][1]


def test_a_weak_power_supply_and_a_warm_processor_are_faults_and_no_network_is_none(
    latchlens, recordings, state, tmp_path, monkeypatch
):
    computer = Computer(tmp_path / "computer")
    computer.suffer({"undervoltage", "wi-fi"})
    monkeypatch.setattr(checks, "MACHINE", computer.machine)
    answer = latchlens("check", "--project", recordings.project, "--state", state)
    found = lines(answer)
    assert found["power"][0] == "FAULT" and "use the power supply" in found["power"][1]
    assert found["network"] == ("ok", "not connected: wlan0")
    computer.suffer({"too warm"})
    found = lines(latchlens("check", "--project", recordings.project, "--state", state))
    assert found["temperature"][0] == "FAULT" and "84 °C: too warm" in found["temperature"][1]
    assert found["power"] == ("ok", "strong enough")


def test_a_camera_with_its_cap_on_is_a_fault(latchlens, recordings, state, tmp_path):
    dark = tmp_path / "dark"
    dark.mkdir()
    cv2.imwrite(str(dark / "1.jpg"), np.zeros((48, 64, 3), np.uint8))
    project = project_with(recordings, tmp_path, (str(recordings.pictures), str(dark)))
    found = lines(latchlens("check", "--project", project, "--state", state))
    assert found["camera"][0] == "FAULT" and "its picture is black" in found["camera"][1]
