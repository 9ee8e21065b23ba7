"""The first start in a real browser: from a device that nobody has a password for to a bolt that obeys."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from device.web.caller import Role
from tests.browser import LOOKS, ROOT
from tests.recordings import PROJECT
from tests.served import PASSWORD

PICTURES = 8
SHOWN = 4000
"""So many names for them: at five a second they last longer than any test."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """`latchlens run` in a process of its own, on pins without hardware, which nobody has set up."""

    address: str
    project: Path
    state: Path
    said: list[str]

    def code(self) -> str:
        """What its owner is told on the device itself."""
        command = [sys.executable, "-m", "device", "setup", "--project", self.project, "--state", self.state]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.strip()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Fresh]:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    noise = np.random.default_rng(1)
    for number in range(PICTURES):
        picture = 110 + noise.integers(0, 30, (240, 320, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f"{number}.jpg"), picture.astype(np.uint8))
    for number in range(SHOWN):
        (pictures / f"{number:06}.jpg").symlink_to(tmp_path / f"{number % PICTURES}.jpg")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    project = tmp_path / "mine.toml"
    text = PROJECT.format(path=pictures).replace("port = 0", f"port = {port}")
    project.write_text(text.replace('[[animal]]\nname = "chelsea"\n', "# Our animals come here.\n"))
    command = [sys.executable, "-m", "device", "run", "--project", project, "--state", tmp_path / "state"]
    environment = {name: value for name, value in os.environ.items() if name != "INVOCATION_ID"}
    process = subprocess.Popen(
        list(map(str, command)), stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )
    said: list[str] = []
    try:
        assert process.stderr
        for line in process.stderr:
            said.append(line)
            if "watching the door" in line:
                break
        threading.Thread(target=lambda: said.extend(process.stderr or []), daemon=True).start()
        yield Fresh(f"http://127.0.0.1:{port}", project, tmp_path / "state", said)
    finally:
        process.terminate()
        process.wait(60)


def done(page: Page, step: str) -> None:
    expect(page.locator(f"[data-step={step}] .badge")).to_be_visible()


def begin(page: Page, fresh: Fresh) -> str:
    """By a code of the device to the first password, with a mistake at each field; returns the code."""
    expect(page.locator("code")).to_have_text("sudo latchlens setup")
    page.fill("#code", "AAAA-BBBB-CCCC")
    page.click("button.main")
    expect(page.get_by_role("alert")).to_contain_text("not the code")
    code = fresh.code()
    page.fill("#code", code.lower())
    page.click("button.main")
    expect(page.locator("#password-title")).to_be_visible()
    page.fill("#new", "short")
    page.fill("#again", "short")
    page.click("#password button")
    expect(page.locator("#new-field .fault")).to_contain_text("10 to 512")
    page.fill("#new", PASSWORD)
    page.click("#password button")
    expect(page.locator("#again-field .fault")).to_contain_text("not the same")
    page.fill("#again", PASSWORD)
    page.click("#password button")
    return code


def aim_and_draw(page: Page) -> None:
    expect(page.locator("#aim-title")).to_be_visible()
    expect(page.locator("#light")).to_contain_text("good")
    expect(page.locator("#sharpness-words")).to_contain_text("best so far")
    page.click("[data-confirm=aim]")
    done(page, "aim")
    grip = page.get_by_role("button", name="Zone: upper left corner")
    grip.focus()
    for _ in range(4):
        grip.press("Shift+ArrowRight")
    page.click("#keep-zone")
    done(page, "zone")


def try_the_bolt(page: Page) -> None:
    page.click("#try-bolt")
    expect(page.locator("#moves")).to_contain_text("unlocking")
    expect(page.locator("#try-bolt")).to_be_enabled()
    expect(page.locator("#moves li").last).to_contain_text("locked")
    page.click("#heard")
    done(page, "bolt")


def name_an_animal(page: Page) -> None:
    page.fill("#name", "mimi")
    page.fill("#chip", "12")
    page.click("#animal button")
    expect(page.locator("#chip-field .fault")).to_contain_text("15 digits")
    page.fill("#chip", "276 098 102 345 678")
    page.click("#animal button")
    expect(page.locator("#animals")).to_contain_text("mimi")


def start_again(page: Page, fresh: Fresh) -> None:
    """The device starts again, and its owner logs in again."""
    page.click("#restart")
    page.wait_for_url(f"{fresh.address}/login")
    page.fill("#password", PASSWORD)
    page.click("button.main")
    expect(page.locator("#bolt")).to_have_text("locked")


def test_from_a_fresh_device_to_one_that_obeys(fresh, browse):
    page = browse(fresh, "/", role=None, expected=("401", "422", "CONNECTION", "Failed to fetch"))
    code = begin(page, fresh)
    aim_and_draw(page)
    try_the_bolt(page)
    name_an_animal(page)
    page.goto(f"{fresh.address}/setup")  # it can be left and gone on with
    expect(page.locator("#checklist .missing")).to_have_count(2)  # nobody is taught; what was saved waits
    start_again(page, fresh)
    page.goto(f"{fresh.address}/setup")
    expect(page.locator("#checklist .missing")).to_have_count(1)
    page.click("#enforce")
    page.locator("dialog button.main").click()
    expect(page.locator("#obeys")).to_be_visible()
    text = fresh.project.read_text()
    assert "# Our animals come here." in text
    tables = tomllib.loads(text)
    assert tables["animal"] == [{"name": "mimi", "chip": "276098102345678"}]
    assert tables["view"]["zone"] == [0.2, 0.0, 0.8, 1.0]
    assert not [line for line in fresh.said if code in line or PASSWORD in line]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_step_can_be_read(home, browse, look):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    page = browse(home, "/setup", look=look)
    word = {"en": "Aim the camera", "de": "Kamera ausrichten"}[look.language]
    expect(page.locator("#aim-title")).to_have_text(word)
    expect(page.locator("#aim-title")).to_be_visible()
    for step in ("zone", "bolt", "animals", "enforce"):
        page.click(f"[data-step={step}]")
        expect(page.locator(f"[data-panel={step}] h2")).to_be_focused()
