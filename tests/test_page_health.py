"""The page `health`: a line for each part, the last day, and files for whoever helps."""

from __future__ import annotations

import logging
import re
import zipfile
from collections.abc import Iterator
from math import sin
from pathlib import Path

import pytest
from playwright.sync_api import expect

from device.config import WebSettings
from device.messages import Fault
from device.tell.day import Day
from device.tell.health import Health, State
from device.tell.lines import Lines
from device.tell.sink import Told
from device.tell.statistics import Report
from device.web.caller import Role, Scope
from device.web.server import WebServer
from simulator.scene import HOUSE
from tests.browser import LOOKS, ROOT, Home
from tests.making import observation
from tests.served import Site, site
from tests.test_health import NOBODY

WORDS = {
    "en": ("Something is broken", "Guard of the bolt", "The last day"),
    "de": ("Etwas ist kaputt", "Wächter des Riegels", "Der letzte Tag"),
}


def ail(health: Health) -> None:
    """A device of which some parts are well, and some are not."""
    health.set("camera", State.OK, "gives pictures", time=10.0)
    health.set("blind", State.OK, "sees", time=10.0)
    health.set("model", State.OK, "ssd-mobilenet-v2/1, efficientnet-lite0/1")
    health.set("guard", State.FAULT, "has not answered for 9 s: the bolt rests", "see the log", time=60.0)
    health.set("bolt", State.OK, "LOCKED", time=10.0)
    fix = "use the power supply that is made for it, with a short and thick cable; take devices off USB"
    fault = Fault.UNDERVOLTAGE
    health.set("power", State.WARNING, "too weak: undervoltage", fix, time=40.0, fault=fault)
    health.set("temperature", State.OK, "51 °C", time=10.0)
    health.set("clock", State.OK, "set", time=10.0)
    health.set("network", State.OK, "connected by wlan0", time=10.0)
    health.set("broker", State.OK, "none: [mqtt] host names no broker")
    health.set("disk", State.OK, "3120 MB are free", time=10.0)
    health.set("door", State.UNKNOWN, "nothing tells whether the flap is shut", "fit a contact to the flap")
    long = "/var/lib/latchlens/a-folder-with-a-name-that-does-not-fit-on-a-telephone/latchlens.sqlite"
    health.set("store", State.WARNING, f"the database was damaged, a new one was begun; kept as {long}")


def a_day(folder: Path) -> Day:
    """Ten hours of figures, with an hour in which nothing was seen."""
    minute = iter(range(10_000))

    def report() -> Report:
        now = next(minute)
        away = 200 <= now < 260
        slow = 0.03 + 0.01 * sin(now / 40)
        return Report(0.0 if away else 9.5, None if away else slow, None if away else 2 * slow, 51.0, ())

    day = Day(folder, report, lambda: 150_000_000)
    for second in range(0, 36_000, 60):
        day.tell([Told(observation(float(second), wall=1_800_000_000.0 + second), NOBODY)])
    return day


@pytest.fixture
def ill(tmp_path: Path) -> Iterator[Home]:
    lines = Lines()
    text = (ROOT / "simulator" / "scenes" / HOUSE).read_text(encoding="utf-8")
    (tmp_path / "state").mkdir()
    made = site(tmp_path, text=text, day=a_day(tmp_path / "state"), lines=lines)
    made.look()
    ail(made.appliance.health)
    server = WebServer(WebSettings(port=0), made.appliance, made.access)
    server.start()
    yield Home(made, server)
    server.stop()
    lines.close()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_it_says_how_each_part_is_in_every_language_and_on_every_screen(ill, browse, look):
    page = browse(ill, "/health", look=look)
    summary, guard, day = WORDS[look.language]
    expect(page.locator("#summary")).to_have_text(summary)
    expect(page.locator("#parts li").first).to_have_attribute("data-part", "guard")
    expect(page.locator("#parts li").first.locator("h2")).to_have_text(guard)
    expect(page.get_by_role("heading", name=day)).to_be_visible()
    expect(page.locator("#day svg")).to_have_count(4)


def test_a_fault_says_since_when_what_it_means_and_what_to_do(ill, browse):
    page = browse(ill, "/health")
    power = page.locator('[data-part="power"]')
    expect(power).to_contain_text(re.compile(r"for 1 min(?! \d)"))
    expect(power).to_contain_text("too weak: undervoltage")
    expect(power.locator(".means")).to_contain_text("its bolt may not move fully")
    expect(power.locator(".do")).to_contain_text("use the power supply")
    expect(page.locator('[data-part="camera"]')).to_contain_text("newest picture 0.0 s old")


def test_what_the_device_says_is_said_in_german(ill, browse):
    page = browse(ill, "/health", look=LOOKS[1])
    expect(page.locator('[data-part="power"]')).to_contain_text("zu schwach: Unterspannung")
    expect(page.locator('[data-part="guard"]')).to_contain_text("hat seit 9 s nicht geantwortet")
    expect(page.locator('[data-part="disk"]')).to_contain_text("3120 MB sind frei")


def test_the_page_follows_what_changes(ill, browse):
    page = browse(ill, "/health")
    expect(page.locator("#parts li").first).to_have_attribute("data-part", "guard")
    ill.appliance.health.set("guard", State.OK, "answers", time=90.0)
    expect(page.locator("#parts li").first).to_have_attribute("data-part", "power")
    expect(page.locator("#summary")).to_have_text("Look at what is below")


def test_the_owner_takes_the_log_and_the_support_file_along(ill, browse, tmp_path):
    logging.getLogger("any").warning("something odd at rtsp://me:hunter2@10.0.0.1/live")
    page = browse(ill, "/health")
    with page.expect_download() as log:
        page.get_by_role("link", name="Log", exact=True).click()
    log.value.save_as(tmp_path / "log")
    assert "something odd at rtsp://***@10.0.0.1/live" in (tmp_path / "log").read_text()
    with page.expect_download() as support:
        page.get_by_role("link", name="Support file").click()
    assert support.value.suggested_filename == "latchlens-support.zip"
    support.value.save_as(tmp_path / "zip")
    with zipfile.ZipFile(tmp_path / "zip") as file:
        assert file.testzip() is None


def test_a_viewer_reads_it_and_is_offered_no_file(ill, browse):
    page = browse(ill, "/health", role=Role.VIEWER)
    expect(page.locator("#parts li")).to_have_count(14)
    expect(page.get_by_role("link", name="Support file")).to_have_count(0)


def test_before_there_are_figures_the_page_says_so(home, browse):
    page = browse(home, "/health")
    expect(page.locator("#no-day")).to_be_visible()


def test_programs_ask_the_same(ill):
    made: Site = ill.site
    made.clock.time = 100.0
    answer = made.program(Scope.READ).get("/api/v1/health").json()
    assert answer["problem"] is True
    assert answer["parts"][0] == {
        "part": "guard",
        "state": "fault",
        "text": "has not answered for 9 s: the bolt rests",
        "fix": "see the log",
        "since_s": 40.0,
        "fault": None,
    }
    (power,) = [each for each in answer["parts"] if each["part"] == "power"]
    assert power["fault"] == "undervoltage"
    day = made.program(Scope.READ).get("/api/v1/health/day", params={"minutes": 30}).json()
    assert (day["minutes"], len(day["rows"])) == (30, 20)
    assert made.program(Scope.READ).get("/api/v1/health/day", params={"minutes": 0}).status_code == 422
    assert made.stranger().get("/api/v1/health").status_code == 401
