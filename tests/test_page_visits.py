"""The pages `visits`, `visit` and `paths` in a real browser: found, understood, labelled with one tap."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from device.exporting import hand_on
from device.learn.album_reader import AlbumReader
from device.messages import MeterReading
from device.tell.clips import clip_path, times_path
from device.tell.database import NAME
from device.tell.records import Records
from device.tell.snapshots import pictures_of
from device.tell.store import Store
from device.tell.webm import write_webm
from device.web.caller import Role, Scope
from tests.browser import LOOKS
from tests.making import OWN_CLEAN, sighting
from tests.served import ended

PREY, CLEAN = "visit-1", "visit-2"
"""The visits of the seeded scene: mimi with a mouse, who is locked out, and then without."""


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_day_at_the_door_can_be_read(home, browse, look):
    page = browse(home, "/visits", look=look)
    expect(page.locator(".cards li")).to_have_count(2)
    locked_out = {"en": "locked out", "de": "ausgesperrt"}[look.language]
    expect(page.locator(f"#visit-{PREY} .badge").first).to_have_text(locked_out)
    expect(page.locator("#line circle")).to_have_count(2)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_visit_tells_its_story(home, browse, look):
    page = browse(home, f"/visits/{PREY}", look=look)
    expect(page.locator("#curves svg")).to_have_count(2)
    expect(page.locator("#curves .moved")).to_have_count(6)
    rule = {"en": "it carries prey → lock out", "de": "es trägt Beute → aussperren"}[look.language]
    expect(page.locator("#rule")).to_contain_text(rule)
    expect(page.locator("#answers button[aria-pressed]")).not_to_have_count(0)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_paths_can_be_read(home, browse, look):
    page = browse(home, "/paths", look=look)
    expect(page.locator("#shown")).to_be_visible()
    expect(page.locator("#week .hot")).to_have_count(1)
    expect(page.locator("#heat")).to_have_attribute("aria-label", re.compile(r"\d+ (s|min)"))


def test_a_visit_is_labelled_wrong_with_one_tap_and_undone_with_another(home, browse):
    page = browse(home, f"/visits/{PREY}", look=LOOKS[3])
    page.get_by_role("button", name="✗ Wrong").click()
    expect(page.get_by_role("button", name="✗ Wrong")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="luna").click()
    expect(page.locator("#holds")).to_contain_text("it was luna")
    said = home.program(Scope.READ).get(f"/api/v1/visits/{PREY}/labels").json()
    assert said["labels"] == {"decision": "wrong", "who": "luna"}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="luna")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="✗ Wrong").click()
    expect(page.locator("#holds")).to_be_empty()
    with AlbumReader(home.folder) as reader:
        history = [(each.task, each.label, each.by) for each in reader.history("visit", PREY)]
    assert history == [
        ("decision", "wrong", "owner"),
        ("who", "luna", "owner"),
        ("who", None, "owner"),
        ("decision", None, "owner"),
    ]


def test_what_was_labelled_is_found_by_it(home, browse):
    home.program(Scope.ACT).post(f"/api/v1/visits/{PREY}/labels", json={"labels": {"decision": "wrong"}})
    page = browse(home, "/visits")
    expect(page.locator(".cards li")).to_have_count(2)
    page.locator("#filters summary").click()
    page.get_by_label("What was said").select_option("decision=wrong")
    expect(page.locator(".cards li")).to_have_count(1)
    expect(page.locator(".cards .badge.fault")).to_have_text("✗ wrong")
    page.get_by_label("What was said").select_option("prey=prey")
    expect(page.locator("#none")).to_contain_text("No visit is like that")
    page.locator("#none button").click()
    expect(page.locator(".cards li")).to_have_count(2)


def test_reasons_are_searched_in_the_readers_language_and_stand_in_the_address(home, browse):
    page = browse(home, "/visits")
    expect(page.locator(".cards li")).to_have_count(2)
    page.get_by_role("searchbox").fill("carries")
    expect(page.locator(".cards li")).to_have_count(1)
    page.wait_for_url("**text=carries**", wait_until="commit")
    page.reload(wait_until="domcontentloaded")
    expect(page.locator(".cards li")).to_have_count(1)


def test_days_are_gone_through(home, browse):
    page = browse(home, "/visits")
    expect(page.locator(".cards li")).to_have_count(2)
    page.get_by_label("The day after").click()
    expect(page.locator("#none")).to_contain_text("Nobody came on this day")
    page.locator("#none button").click()
    expect(page.locator(".cards li")).to_have_count(2)
    page.get_by_role("button", name="All days").click()
    expect(page.locator("#line svg")).to_have_count(0)
    expect(page.locator(".cards li")).to_have_count(2)


def test_a_visit_is_gone_through_frame_by_frame_by_keyboard(home, browse):
    page = browse(home, f"/visits/{PREY}")
    slider = page.get_by_role("slider", name="Frame")
    expect(slider).to_be_visible()
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("#at")).to_contain_text("1 of")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#at")).to_contain_text("2 of")
    page.locator("#moved button").first.click()
    expect(page.locator("#at")).not_to_contain_text("2 of ")


def test_boxes_are_drawn_by_mouse_corrected_by_keyboard_and_handed_on(home, browse, tmp_path):
    page = browse(home, f"/visits/{PREY}")
    page.get_by_role("button", name="Draw boxes").first.click()
    layer = page.locator(".layer")
    expect(layer).to_be_visible()
    page.locator(".drawn img").evaluate("image => image.decode()")
    area = layer.bounding_box()
    x, y, width, height = (area[each] for each in ("x", "y", "width", "height"))
    page.mouse.move(x + 0.2 * width, y + 0.2 * height)
    page.mouse.down()
    page.mouse.move(x + 0.5 * width, y + 0.6 * height, steps=4)
    page.mouse.up()
    expect(page.locator(".box")).to_be_focused()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.get_by_role("button", name="Add a box").click()
    page.locator("#drawing li select").nth(1).select_option("prey")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#drawing")).to_be_hidden()
    drawn = home.program(Scope.READ).get(f"/api/v1/visits/{PREY}/snapshots/1/boxes").json()["boxes"]
    assert [each["label"] for each in drawn] == ["cat", "prey"]
    assert [drawn[0][each] for each in ("left", "top", "width", "height")] == pytest.approx(
        [0.3, 0.2, 0.3, 0.41], abs=0.02
    )
    with AlbumReader(home.folder) as reader:
        hand_on(reader, tmp_path / "out", "coco", made="")
        assert sum(len(each.boxes) for each in reader.pictures()) == 2


def test_a_viewer_looks_and_may_not_act(home, browse):
    page = browse(home, f"/visits/{PREY}", role=Role.VIEWER)
    expect(page.locator("#say")).to_contain_text("You may look here, but not label.")
    expect(page.locator("#thumbnails img")).to_have_count(3)
    expect(page.get_by_role("button", name="Draw boxes")).to_have_count(0)
    expect(page.locator("#answers")).to_have_count(0)


def test_a_visit_is_sent_as_one_file_that_needs_nothing_else(home, browse, tmp_path):
    answer = home.program(Scope.READ).get(f"/api/v1/visits/{PREY}/share", params={"language": "de"})
    assert "attachment" in answer.headers["content-disposition"]
    assert "ausgesperrt" in answer.text and answer.text.count("data:image/jpeg") >= 3
    assert not re.search(r"<script|https?://|/api/", answer.text)
    (tmp_path / "visit.html").write_text(answer.text, encoding="utf-8")
    page = browse(home, role=None, expected=("file:",))
    page.goto((tmp_path / "visit.html").as_uri())
    expect(page.locator("h1")).to_contain_text("mimi war")
    assert page.locator("img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def test_whoever_has_had_no_visits_is_told_what_to_do(home, browse):
    with closing(sqlite3.connect(home.folder / NAME)) as direct, direct:
        direct.execute("DELETE FROM visits")
    page = browse(home, "/visits")
    expect(page.locator("#none")).to_contain_text("Nobody has come yet")
    page.goto(f"{home.address}/paths", wait_until="domcontentloaded")
    expect(page.locator("#none")).to_contain_text("No visits in this time")


def test_names_and_reasons_from_elsewhere_are_text_and_never_markup(home, browse):
    store = Store(home.folder)
    evil = "<img src=x onerror=alert(1)>"
    store.add([ended(1, who=evil, reason=evil, rule=evil, species=evil)])
    store.close()
    page = browse(home, "/visits")
    expect(page.locator(".cards")).to_contain_text(evil)
    page.goto(f"{home.address}/visits/0a1b2c3d-1", wait_until="domcontentloaded")
    expect(page.locator("#reason")).to_have_text(evil)
    shared = home.program(Scope.READ).get("/api/v1/visits/0a1b2c3d-1/share").text
    assert "<img src=x" not in shared


@pytest.fixture
def filmed(home):
    """The same device, with a film of the visit made of its pictures."""
    with Records(home.folder) as records:
        visit = records.visit(PREY)
    pictures = [path.read_bytes() for path in pictures_of(home.folder / "pictures", visit)]
    film, seconds = clip_path(home.folder / "pictures", visit), visit.ended - visit.started + 8
    write_webm(film, pictures * 30, 5.0)
    times = [visit.started - 4 + seconds * each / 90 for each in range(90)]
    times_path(film).write_text(json.dumps(times), encoding="utf-8")
    return home


def test_the_film_follows_the_frame_that_is_chosen_and_is_sent_along(filmed, browse):
    page = browse(filmed, f"/visits/{PREY}")
    film = page.locator("#film")
    expect(film).to_be_visible()
    film.evaluate("film => film.readyState || new Promise((done) => { film.onloadedmetadata = done; })")
    slider = page.get_by_role("slider", name="Frame")
    times = []
    for key in ("Home", "End"):
        slider.press(key)
        film.evaluate("film => !film.seeking || new Promise((done) => { film.onseeked = done; })")
        times.append(film.evaluate("film => film.currentTime / film.duration"))
    assert 0 < times[0] < 0.4 and 0.6 < times[1] < 1
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Play")).to_have_attribute("aria-pressed", "true")
    page.locator(".thumbnail").nth(1).click()
    expect(page.locator("#still")).to_be_visible()
    assert "data:video/webm" in filmed.program().get(f"/api/v1/visits/{PREY}/share").text


def test_a_box_is_drawn_with_a_finger(home, browse):
    page = browse(home, f"/visits/{PREY}", look=LOOKS[3])
    page.get_by_role("button", name="Draw boxes").first.click()
    page.locator(".drawn img").evaluate("image => image.decode()")
    area = page.locator(".layer").bounding_box()
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": area["x"] + x * area["width"], "y": area["y"] + y * area["height"]} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    touch("touchStart", (0.3, 0.3))
    touch("touchMove", (0.5, 0.5))
    touch("touchMove", (0.7, 0.8))
    touch("touchEnd")
    expect(page.locator(".box")).to_have_count(1)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#drawing")).to_be_hidden()
    (drawn,) = home.program().get(f"/api/v1/visits/{PREY}/snapshots/1/boxes").json()["boxes"]
    assert [drawn["left"], drawn["width"], drawn["height"]] == pytest.approx([0.3, 0.4, 0.5], abs=0.03)


def test_a_visit_of_which_little_is_kept_tells_what_there_is(home, browse):
    """As after an update, or when evidence was forgotten: a threshold out of reach, no frames, no picture."""
    untaught = MeterReading("mouth empty", 0.0, float("inf"), -4.0, 0, None)
    store = Store(home.folder)
    store.add([ended(1, evidence=(untaught, MeterReading("mimi", 5.2, 4.0, -4.0, 12, True)))])
    store.add([ended(2)], evidence={"0a1b2c3d-2": [sighting(*OWN_CLEAN, time=each) for each in (1.0, 2.0)]})
    store.close()
    page = browse(home, "/visits/0a1b2c3d-1")
    expect(page.locator("#missing")).to_be_visible()
    expect(page.locator("#curves .meter")).to_have_count(1)
    expect(page.locator("#scrubber")).to_be_hidden()
    page.goto(f"{home.address}/visits/0a1b2c3d-2", wait_until="domcontentloaded")
    expect(page.locator("#at")).to_contain_text("of 2")
