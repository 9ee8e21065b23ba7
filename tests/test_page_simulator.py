"""The simulator's panel in a real browser, beside a day that really runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from device.errors import ConfigError
from device.web.caller import Role
from simulator.panel.director import Director, Ended, visitor
from simulator.panel.routes import DAY, listed, playable
from simulator.stage import Stage
from simulator.world import World
from tests.browser import Look


def test_the_panel_shows_the_world_and_changes_it(simulated, browse):
    home = simulated("--vision", "oracle")
    page = browse(home, "/simulator")
    expect(page.locator(".aside")).to_have_count(0)
    expect(page.locator("#clock")).not_to_be_empty()
    assert "the page is at" in page.request.get(f"{home.address}/api/v1/log").text()
    page.click("button[data-times='5']")
    expect(page.locator("button[data-times='5']")).to_have_attribute("aria-pressed", "true")
    page.click("button[data-who=raccoon]")
    expect(page.locator("#told")).to_contain_text("the raccoon comes")
    expect(page.locator(".figure").first).to_be_attached()
    page.click("button[data-fault=black]")
    expect(page.locator("#fault")).to_have_text("camera: black")
    page.select_option("#scene", "s3-grabs-it-again")
    page.click("#choose button")
    expect(page.locator("#told")).not_to_contain_text("raccoon")


def test_on_a_phone_in_german_by_night_a_viewer_sees_that_everything_is_simulated(simulated, browse):
    home = simulated("--vision", "oracle", "--scene", "s2")
    look = Look("de", dark=True, width=360, height=740)
    page = browse(home, "/simulator", look=look, role=Role.VIEWER)
    expect(page.locator("#above svg")).to_be_visible()
    expect(page.locator("button[data-who]")).to_have_count(0)
    assert page.request.post(f"{home.address}/api/v1/simulator/mouse").status == 403
    page.click("nav a[href='/']")
    expect(page.locator(".aside")).to_contain_text("Hier ist alles simuliert")


def test_a_scene_that_would_end_the_page_is_refused_with_the_way_to_play_it():
    assert listed()[0].name == DAY
    with pytest.raises(ConfigError, match="latchlens simulate --scene s12b"):
        playable("s12b")


def stage(name: str = DAY) -> Stage:
    scene = playable(name)
    return Stage(scene, World.of(scene.visitors), lambda: pytest.fail("nobody looks"), 10.0, 0)


def test_whoever_is_sent_comes_now_and_those_who_were_to_come_come_still():
    played, director = stage(), Director()
    played.world.advance(1.0, bolt_open=False)
    before = [actor.visitor.name for actor in played.world.still_away()]
    for caller in ("own", "prey", "leaves", "stranger", "raccoon", "person"):
        director.send(caller)
        director.obey(played)
        played.world.advance(0.02, bolt_open=False)
    there = played.world.present
    names = ["mimi", "luna", "mimi", "the black tom", "the raccoon", "a caller"]
    assert [actor.visitor.name for actor in there] == names
    assert [actor.carrying(played.world.time) for actor in there] == [False, True, *[False] * 4]
    assert [actor.visitor.name for actor in played.world.still_away()] == before


def test_a_mouse_is_dropped_and_taken_up_again():
    played, director = stage(), Director()
    played.world.invite(visitor("prey", ["mimi"], []))
    played.world.advance(0.5, bolt_open=False)
    (mimi,) = played.world.present
    for carries in (False, True, False):
        director.drop_the_mouse()
        director.obey(played)
        assert mimi.carrying(played.world.time) is carries
        played.world.advance(0.5, bolt_open=False)


def test_another_scene_ends_the_one_that_is_played():
    director = Director()
    director.begin(playable("s1"))
    with pytest.raises(Ended):
        director.obey(stage())
    assert director.next_scene
    assert director.next_scene.name == "s1-clean-by-day"
