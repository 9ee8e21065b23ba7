"""Tests in a real browser: Debian's Chromium through Playwright, against a device that really listens.

A test asks for the fixture `home` (a device with a seeded state: visits with evidence and pictures, labels,
animals) and `browse`, and works on Playwright's pages:

    def test_the_bolt_is_shown(home, browse):
        page = browse(home)                                   # logged in as the owner, at /
        expect(page.locator("#bolt")).to_have_text("locked")

    @pytest.mark.parametrize("look", LOOKS, ids=str)          # every two of language, light and screen
    def test_the_page_can_be_read(home, browse, look):
        browse(home, "/visits", look=look)

    def test_a_viewer_only_looks(home, browse):
        page = browse(home, role=Role.VIEWER)

`home.look(decision)` lets the loop make a pass, `home.button.pressed` counts the guard's panic button, and
`home.requests.take()` has what the owner asked: see tests/served.py. `simulated("--scene", "s2")` is a real
`latchlens simulate --web` in a process of its own, with its page and its running day.

When the test is over, `browse` asserts for each page that it opened: no console error, no uncaught
exception, no request to another host, no answer of 500, nothing wider than the screen, and no fault that
axe-core calls serious or critical. `browse(..., expected=("422",))` lets console errors pass that have
such a text, for tests that provoke a refusal. Without Chromium these tests are skipped, aloud.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from device.config import WebSettings
from device.web.access import Access
from device.web.caller import Role
from device.web.passwords import Passwords
from device.web.server import WebServer
from simulator.painted import PAINTED
from simulator.performance import play_scene
from simulator.scene import HOUSE, find_scene, read_scene
from tests.served import CHEAP, PASSWORD, Site, site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_MS = 60_000
"""How long to wait for what a test expects: on a busy machine everything takes its time."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update")
QUIET = ("--disable-background-networking", "--disable-sync", "--disable-dev-shm-usage")
CANDIDATES = ("chromium", "chromium-browser", "google-chrome")
FAULTS_OF_AXE = ("serious", "critical")


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    language: str = "en"
    dark: bool = False
    width: int = 1280
    height: int = 800

    def __str__(self) -> str:
        return f"{self.language}-{'dark' if self.dark else 'light'}-{self.width}"

    @property
    def options(self) -> dict[str, Any]:
        """Of a browser's context."""
        return {
            "viewport": {"width": self.width, "height": self.height},
            "locale": {"en": "en-GB", "de": "de-DE"}[self.language],
            "timezone_id": "Europe/Berlin",
            "color_scheme": "dark" if self.dark else "light",
            "reduced_motion": "reduce",
        }


PHONE = (360, 740)
LOOKS = (Look(), Look("de", True), Look("de", False, *PHONE), Look("en", True, *PHONE))
"""Each language with each light, each language on each screen, each light on each screen."""


@dataclass(slots=True)
class Home:
    """A device that listens on a free port, with everything behind it."""

    site: Site
    server: WebServer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.site, name)

    @property
    def address(self) -> str:
        return self.server.address

    def enter(self, page: Page, role: Role) -> None:
        """Log in: the owner by a one-time link, anybody else by a password."""
        if role is Role.OWNER:
            page.goto(self.server.one_time_link(), wait_until="domcontentloaded")
            return
        self.site.access.passwords.set(role, PASSWORD)
        by_password(page, self.address, role)


@dataclass(slots=True)
class Simulated:
    """`latchlens simulate --web` in a process of its own."""

    address: str
    process: subprocess.Popen[str]

    def enter(self, page: Page, role: Role) -> None:
        by_password(page, self.address, role)


def by_password(page: Page, address: str, role: Role) -> None:
    page.goto(f"{address}/login", wait_until="domcontentloaded")
    page.fill("#name", role.value)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_url(f"{address}/", wait_until="domcontentloaded")


@dataclass(slots=True)
class Watched:
    """A page with what went wrong on it."""

    page: Page
    address: str
    expected: tuple[str, ...]
    wrong: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", lambda said: said.type == "error" and self._note(f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self._note(f"uncaught: {error}"))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("response", lambda answer: answer.status == 500 and self._note(f"500: {answer.url}"))

    def _note(self, what: str) -> None:
        if not any(each in what for each in self.expected):
            self.wrong.append(what)

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.address}/", "data:", "blob:")):
            self._note(f"asked another host: {url}")

    def check(self) -> None:
        """Fail if anything is wrong with the page as it stands."""
        assert not self.wrong, "\n".join(self.wrong)
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"the page is {wide} pixels wider than the screen"
        found = faults_of_access(self.page)
        assert not found, "\n".join(found)


def faults_of_access(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with where it is."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['impact']} {each['id']}: {each['help']}: {node['html'][:160]} ({node['failureSummary']})"
        for each in result["violations"]
        if each["impact"] in FAULTS_OF_AXE
        for node in each["nodes"]
    ]


class Browse:
    """Opens pages of devices, logged in, each in a context of its own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._watched: list[Watched] = []

    def __call__(
        self,
        home: Home | Simulated,
        path: str = "/",
        *,
        look: Look = LOOKS[0],
        role: Role | None = Role.OWNER,
        expected: tuple[str, ...] = (),
    ) -> Page:
        """A page at `path`; `role` None logs nobody in."""
        context = self._browser.new_context(**look.options)
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page = context.new_page()
        watched = Watched(page, home.address, expected)
        watched.listen()
        self._watched.append(watched)
        if role is not None:
            home.enter(page, role)
        if role is None or path != "/":
            page.goto(f"{home.address}{path}", wait_until="domcontentloaded")
        return page

    def check(self) -> None:
        for each in self._watched:
            each.check()

    def close(self) -> None:
        for each in self._contexts:
            each.close()


def find_chromium() -> str:
    """The path of a Chromium; skips the test, aloud, if there is none."""
    found = next((path for name in CANDIDATES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a file; as long as it runs, nothing else in this thread can be async."""
    path = find_chromium()
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    sync_api.expect.set_options(timeout=PATIENCE_MS)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *QUIET], timeout=PATIENCE_MS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Browse]:
    """Opens pages; checks them all when the test is over."""
    opened = Browse(chromium)
    try:
        yield opened
        opened.check()
    finally:
        opened.close()


@pytest.fixture(scope="session")
def seeded_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory in which a scene has been played: visits, evidence, pictures, events."""
    folder = tmp_path_factory.mktemp("seeded") / "state"
    scene = read_scene(find_scene("s2"))
    play_scene(replace(scene, starts=1_800_000_000.0), folder, vision=PAINTED, rate=5.0)
    return folder


@pytest.fixture
def home(tmp_path: Path, seeded_state: Path) -> Iterator[Home]:
    """A device that listens, with a seeded state, after one pass of its loop over an empty doorstep."""
    shutil.copytree(seeded_state, tmp_path / "state")
    made = site(tmp_path, text=(ROOT / "simulator" / "scenes" / HOUSE).read_text(encoding="utf-8"))
    made.look()
    server = WebServer(WebSettings(port=0), made.appliance, made.access)
    server.start()
    yield Home(made, server)
    server.stop()


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Callable[..., Simulated]]:
    """Starts `latchlens simulate --web` with more options; it ends with the test."""
    with ExitStack() as running:

        def start(*options: str) -> Simulated:
            state = tmp_path / "simulated"
            Passwords(state, CHEAP).set(Role.OWNER, PASSWORD)
            Passwords(state, CHEAP).set(Role.VIEWER, PASSWORD)
            command = [sys.executable, "-m", "device", "simulate", "--web", "--state", str(state), *options]
            environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
            )
            running.callback(_end, process)
            return Simulated(_address(process), process)

        yield start


def _address(process: subprocess.Popen[str]) -> str:
    """Where the page of a process is, from its log; the rest of the log is read to its end."""
    assert process.stderr
    said = []
    patience = threading.Timer(PATIENCE_MS / 1000, process.kill)
    patience.start()
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"the page is at (\S+)", line):
            patience.cancel()
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return found[1]
    pytest.fail("it ended without a page:\n" + "".join(said))


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def access_of(state: Path) -> Access:
    """Who may enter the device of a state directory."""
    return Access(state, cost=CHEAP)
