"""The page `learn` in a real browser: labelling by keys and by thumb, teaching, thresholds, pictures in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from device import registry
from device.config import WebSettings
from device.learn.album_reader import AlbumReader
from device.web.caller import Role
from device.web.server import WebServer
from simulator.scene import HOUSE
from tests.browser import LOOKS, ROOT, Home
from tests.seeding import ASKED, seeded
from tests.served import site
from tests.test_web_dataset import FOLDER, zipped

PHONE = LOOKS[3]
OPEN = ASKED + 2
"""The scene that was played leaves two visits of its own."""


@pytest.fixture(scope="module")
def learnt_state(seeded_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory of a device that has learnt."""
    folder = tmp_path_factory.mktemp("learnt") / "state"
    shutil.copytree(seeded_state, folder)
    return seeded(folder)


@pytest.fixture
def home(tmp_path: Path, learnt_state: Path) -> Iterator[Home]:
    shutil.copytree(learnt_state, tmp_path / "state")
    made = site(tmp_path, text=(ROOT / "simulator" / "scenes" / HOUSE).read_text(encoding="utf-8"))
    made.look()
    server = WebServer(WebSettings(port=0), made.appliance, made.access)
    server.start()
    yield Home(made, server)
    server.stop()


def labels(home: Home, visit: str) -> dict[str, str]:
    with AlbumReader(home.folder) as album:
        return album.labels("visit", visit)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_everybody_can_read_it(home, browse, look):
    page = browse(home, "/learn", look=look)
    expect(page.locator("#queue img").first).to_be_visible()
    expect(page.locator("#stock .awaited")).to_have_count(2)
    missing = {"en": "23 more prey visits needed", "de": "noch 23 Besuche mit Beute nötig"}[look.language]
    expect(page.locator("#stock")).to_contain_text(missing)
    expect(page.locator("#heads .version")).to_have_count(2)
    expect(page.locator("#worth .slider")).not_to_have_count(0)
    expect(page.locator("#worth .confusion")).to_be_visible()


def test_a_visit_is_labelled_with_keys_and_taken_back(home, browse):
    page = browse(home, "/learn")
    expect(page.locator("#place")).to_have_text(f"1 of {OPEN}")
    first = home.program().get("/api/v1/learning/queue").json()["asked"][0]["id"]
    for key in ("1", "c"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="mimi")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#place")).to_have_text(f"1 of {OPEN - 1}")
    assert labels(home, first) == {"who": "mimi", "prey": "clean"}
    page.keyboard.press("u")
    expect(page.locator("#place")).to_have_text(f"1 of {OPEN}")
    assert labels(home, first) == {}


def test_a_thumb_labels_the_last_visit_and_is_told_what_to_do_next(home, browse):
    page = browse(home, "/learn", look=PHONE)
    expect(page.locator("#place")).to_have_text(f"1 of {OPEN}")
    for left in range(OPEN - 1, -1, -1):
        page.get_by_role("button", name="a stranger").click()
        button = page.get_by_role("button", name="Save")
        box = button.bounding_box()
        assert box and box["height"] >= 44
        button.click()
        expect(page.locator("#place")).to_have_text(f"1 of {left}" if left else "")
    expect(page.locator("#queue")).to_contain_text("At most ten visits a day are asked about")


def test_the_slider_counts_visits_and_only_a_higher_threshold_can_be_put_in_force(home, browse):
    page = browse(home, "/learn")
    card = page.locator(".slider[data-light=day]")
    slider, put = card.locator("input[type=range]"), card.get_by_role("button", name="Put in force")
    expect(put).to_be_disabled()
    slider.evaluate("(each) => { each.value = each.min; each.dispatchEvent(new Event('input')); }")
    expect(card.locator(".told")).to_contain_text("0 of 12")
    expect(card.locator(".notice")).to_contain_text("the promise would not hold")
    expect(put).to_be_disabled()
    expect(card.locator(".told")).to_contain_text("4 of 6")
    slider.evaluate("(each) => { each.value = 8; each.dispatchEvent(new Event('input')); }")
    expect(card.locator(".told")).to_contain_text("0 of 6")
    put.click()
    page.locator("dialog").get_by_role("button", name="Put in force").click()
    expect(page.locator("#heads .version").first).to_contain_text("prey/3")
    standing = registry.read(home.folder / "models", "prey")
    assert standing and standing.active == "3"
    page.get_by_role("button", name="Back to 1").click()
    page.locator("dialog").get_by_role("button", name="Go back").click()
    expect(page.locator("#heads .version").nth(2)).to_contain_text("in use")


def test_a_head_that_its_trial_does_not_speak_for_is_held_back(home, browse):
    page = browse(home, "/learn")
    page.locator("#heads .version", has_text="prey/2").get_by_role("button", name="Take into use").click()
    expect(page.locator("dialog")).to_contain_text("10 are needed")
    page.locator("dialog").get_by_role("button", name="No").click()
    expect(page.locator("#heads .version", has_text="prey/2")).to_contain_text("on trial")
    standing = registry.read(home.folder / "models", "prey")
    assert standing and standing.active == "1"


def test_teaching_shows_its_progress_and_goes_on_without_the_page(home, browse):
    page = browse(home, "/learn")
    page.get_by_role("button", name="Teach now").click()
    expect(page.locator("#errand progress")).to_be_visible()
    page.reload(wait_until="domcontentloaded")
    expect(page.locator("#errand")).to_contain_text("Taught prey/3")
    expect(page.locator("#heads .version")).to_have_count(3)
    page.get_by_role("button", name="Who it is").click()
    expect(page.locator("#heads .version")).to_have_count(1)
    expect(page.locator("#worth")).to_contain_text("household/1")


def test_pictures_come_in_as_a_zip_file_and_what_is_wrong_is_told(home, browse, tmp_path):
    path = tmp_path / "pictures.zip"
    path.write_bytes(zipped(FOLDER))
    page = browse(home, "/learn", expected=("422",))
    page.set_input_files("input[type=file]", path)
    page.select_option("#import select[name=task]", "prey")
    page.check("#import input[name=whole]")
    page.locator("#import").get_by_role("button", name="Bring in").click()
    expect(page.locator("#errand")).to_contain_text("4 pictures and 4 labels brought in")
    path.write_bytes(b"no ZIP file")
    page.set_input_files("input[type=file]", path)
    page.locator("#import").get_by_role("button", name="Bring in").click()
    expect(page.locator("#toasts")).to_contain_text("no ZIP file")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "latchlens-manifest.zip"


def test_a_viewer_looks_and_changes_nothing(home, browse):
    page = browse(home, "/learn", role=Role.VIEWER)
    expect(page.locator("#queue img").first).to_be_visible()
    expect(page.locator("#worth .slider").first).to_be_visible()
    words = page.locator("main button").all_inner_texts()
    assert not [
        each for each in words if each.startswith(("Save", "Teach", "Put", "Take", "Try", "Bring", "End"))
    ]
    page.keyboard.press("r")
    assert labels(home, "cc000-1") == {}


def test_a_device_that_knows_nothing_says_what_to_do(tmp_path, browse):
    made = site(tmp_path / "new", text=(ROOT / "simulator" / "scenes" / HOUSE).read_text(encoding="utf-8"))
    made.look()
    server = WebServer(WebSettings(port=0), made.appliance, made.access)
    server.start()
    page = browse(Home(made, server), "/learn")
    expect(page.locator("#queue")).to_contain_text("New ones come with new visits")
    expect(page.locator("#stock")).to_contain_text("label two separate visits as “with prey”")
    expect(page.locator("#heads")).to_contain_text("then teach")
    browse.check()
    server.stop()
