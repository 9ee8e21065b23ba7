"""Takes a picture of every page for the README, of a simulated, rendered door: `make screenshots`.

A new page is one line in `PAGES`. It needs Debian's chromium.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from device.web.caller import Role
from device.web.passwords import Passwords
from simulator.painted import PAINTED
from simulator.panel.routes import DAY, playable
from simulator.performance import play_scene

FOLDER = Path(__file__).parent / "pages"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
)
PASSWORD = "four words that match"
QUALITY = 82


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: of which page, and how it is looked at."""

    name: str
    path: str
    ready: str = "main"
    """What must be to be seen before, as a selector of Playwright."""
    settles_s: float = 3.0
    """How long to wait then for what is fetched besides."""
    language: str = "en"
    dark: bool = False
    width: int = 1280
    height: int = 800


PAGES = (
    Shot("now", "/", ready="#tags .tag progress", settles_s=0.7),
    Shot(
        "now-phone",
        "/",
        ready="#tags .tag progress",
        settles_s=0.7,
        language="de",
        dark=True,
        width=360,
        height=740,
    ),
    Shot("visits", "/visits", ready="main img"),
    Shot("learn", "/learn"),
    Shot("animals", "/animals"),
    Shot("paths", "/paths", ready="main svg"),
    Shot("health", "/health"),
    Shot("settings", "/settings"),
    Shot("simulator", "/simulator", ready="#above .figure"),
)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    wanted = sys.argv[1:]
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        state = Path(folder) / "state"
        _fill(state)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        with _simulated(state) as address:
            for shot in PAGES:
                if not wanted or shot.name in wanted:
                    _take(browser, address, shot)
        browser.close()


def _fill(state: Path) -> None:
    """Let the day of the panel be over once: there are visits to look at."""
    play_scene(replace(playable(DAY), starts=time.time() - 1800), state, vision=PAINTED)
    Passwords(state).set(Role.OWNER, PASSWORD)


@contextmanager
def _simulated(state: Path) -> Iterator[str]:
    """The address of a simulation with its page."""
    command = [
        sys.executable,
        "-m",
        "device",
        "simulate",
        "--web",
        "--vision",
        "oracle",
        "--state",
        str(state),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    try:
        said = (re.search(r"the page is at (\S+)", line) for line in process.stderr)
        yield next(found[1] for found in said if found)
    finally:
        threading.Thread(target=process.stderr.read, daemon=True).start()
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _take(browser: Browser, address: str, shot: Shot) -> None:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        locale={"en": "en-GB", "de": "de-DE"}[shot.language],
        color_scheme="dark" if shot.dark else "light",
        device_scale_factor=2 if shot.width < 500 else 1,
    )
    page = context.new_page()
    page.set_default_timeout(300_000)
    page.goto(f"{address}/login", wait_until="domcontentloaded")
    page.fill("#name", Role.OWNER.value)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_url(f"{address}/", wait_until="domcontentloaded")
    page.goto(f"{address}{shot.path}", wait_until="domcontentloaded")
    page.wait_for_selector(shot.ready)
    page.wait_for_timeout(1000 * shot.settles_s)
    path = FOLDER / f"{shot.name}.jpg"
    page.screenshot(path=path, type="jpeg", quality=QUALITY)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
    context.close()


if __name__ == "__main__":
    main()
