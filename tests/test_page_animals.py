"""The page `animals` in a real browser: the household, its rules, unknown visitors, names, galleries."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from device.learn.album_reader import AlbumReader
from device.web.caller import Role
from tests.browser import LOOKS
from tests.test_page_learn import home, learnt_state

__all__ = ["home", "learnt_state"]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_everybody_can_read_it(home, browse, look):
    page = browse(home, "/animals", look=look)
    expect(page.locator("#own > li")).to_have_count(2)
    expect(page.locator("#own img").first).to_be_visible()
    rule = {"en": "it carries prey: lock out for 30 s", "de": "es Beute trägt: 30 s aussperren"}
    expect(page.locator("#own .rules").first).to_contain_text(rule[look.language])
    expect(page.locator("#unknown img").first).to_be_visible()
    page.locator("[data-animal=mimi] summary").click()
    expect(page.locator("[data-animal=mimi] .journal tr").first).to_be_visible()


def test_an_unknown_visitor_gets_a_name_and_loses_it_again(home, browse):
    page = browse(home, "/animals")
    cards = page.locator("#unknown > li")
    expect(cards.first).to_contain_text("3 visits")
    before = cards.count()
    cards.first.get_by_role("button", name="Name this one").click()
    page.fill("dialog input[name=stranger]", "Rusty")
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#strangers")).to_contain_text("Rusty")
    expect(cards).to_have_count(before - 1)
    with AlbumReader(home.folder) as album:
        named = [each.visit for each in album.dataset().examples if each.labels.get("stranger") == "Rusty"]
    assert len(set(named)) == 3
    page.locator("#strangers").get_by_role("button", name="Take the name back").click()
    expect(cards).to_have_count(before)


def test_an_unknown_visitor_turns_out_to_be_mine(home, browse):
    page = browse(home, "/animals")
    expect(page.locator("#unknown > li").first).to_contain_text("3 visits")
    labelled = int(page.locator("[data-animal=luna]").inner_text().split(" labelled visits")[0].split()[-1])
    page.locator("#unknown > li").first.get_by_role("button", name="Name this one").click()
    page.locator("dialog").get_by_role("button", name="luna").click()
    expect(page.locator("[data-animal=luna]")).to_contain_text(f"{labelled + 3} labelled visits")


def test_a_curfew_is_shown_as_a_change_of_the_project_file_before_it_is_saved(home, browse):
    page = browse(home, "/animals")
    page.locator("[data-animal=mimi]").get_by_role("button", name="Change rules").click()
    page.check("dialog input[name=curfew]")
    page.fill("dialog input[name=start]", "21:30")
    page.get_by_role("button", name="Look at the change").click()
    expect(page.locator("dialog .difference")).to_contain_text("curfew of mimi")
    assert "curfew" not in home.appliance.path.read_text()
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#pending")).to_contain_text("from the next start")
    assert 'window = "21:30-06:00"' in home.appliance.path.read_text()


def test_one_more_animal_is_added_to_the_project_file(home, browse):
    page = browse(home, "/animals", expected=("422",))
    page.get_by_role("button", name="Add an animal").click()
    page.fill("dialog input[name=name]", "mimi")
    page.get_by_role("button", name="Look at the change").click()
    expect(page.locator("#toasts")).to_contain_text("is there already")
    page.fill("dialog input[name=name]", "minka")
    page.get_by_role("button", name="Look at the change").click()
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#pending")).to_be_visible()
    assert 'name = "minka"' in home.appliance.path.read_text()


def test_a_gallery_is_begun_and_deleted(home, browse):
    page = browse(home, "/animals")
    page.fill("#create input", "cats")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("#collections")).to_contain_text("Nobody is in it yet")
    page.get_by_role("button", name="Delete the gallery").click()
    page.locator("dialog").get_by_role("button", name="Delete the gallery").click()
    expect(page.locator("#collections")).to_contain_text("There is no gallery yet")


def test_a_viewer_looks_and_changes_nothing(home, browse):
    page = browse(home, "/animals", role=Role.VIEWER)
    expect(page.locator("#unknown img").first).to_be_visible()
    words = page.locator("main button").all_inner_texts()
    assert not words
