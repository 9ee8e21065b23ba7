"""The page `settings` in a real browser: mistakes at their fields, a diff before saving, drawing, people."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from device.web.caller import Role
from tests.browser import LOOKS, Home
from tests.mosquitto import until
from tests.served import PASSWORD

SECTION = "#form details[data-of={}]"


def saved(home: Home) -> dict[str, Any]:
    assert home.appliance.path
    return tomllib.loads(home.appliance.path.read_text())


def opened(page: Page, section: str):
    """The fields of a section."""
    found = page.locator(SECTION.format(section))
    expect(found).to_be_attached()
    if found.get_attribute("open") is None:
        found.locator("summary").first.click()
    return found


def save(page: Page) -> None:
    page.click("#review")
    page.click("dialog button.main")
    expect(page.locator("#bar")).to_be_hidden()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_everybody_can_read_it(home, browse, look):
    page = browse(home, "/settings", look=look)
    word = {"en": "is one of yours", "de": "eines von deinen"}[look.language]
    expect(page.locator("#rule-list")).to_contain_text(word)
    hint = opened(page, "door").locator("[data-key=hold] .hint")
    expect(hint).to_contain_text({"en": "Seconds", "de": "Sekunden"}[look.language])


def test_a_wrong_value_is_told_at_its_field_and_cannot_be_saved(home, browse):
    page = browse(home, "/settings")
    door = opened(page, "door")
    door.locator("[data-key=hold] input").fill("900")
    door.locator("[data-key=hold] input").blur()
    expect(door.locator("[data-key=hold] .fault")).to_contain_text("less than or equal to 60")
    expect(page.locator("#bar-words")).to_have_text("1 mistake")
    page.click("#review")
    expect(page.locator("dialog button.main")).to_be_disabled()
    page.click("dialog button:not(.main)")
    door.locator("[data-key=hold] input").fill("long")
    door.locator("[data-key=hold] input").blur()
    expect(door.locator("[data-key=hold] .fault")).to_contain_text("valid number")
    door.locator("[data-key=hold] input").fill("6,5")
    door.locator("[data-key=hold] input").blur()
    expect(door.locator("[data-key=hold] .fault")).to_be_hidden()
    expect(page.locator("#bar-words")).to_have_text("1 change, not saved yet")


def test_what_changes_is_shown_before_it_is_saved_and_comments_stay(home, browse):
    path = home.appliance.path
    path.write_text(path.read_text() + "\n# a word of the owner\n")
    page = browse(home, "/settings")
    opened(page, "welfare").locator("[data-key=unseen_hours] input").fill("20")
    page.keyboard.press("Tab")
    page.click("#review")
    shown = page.locator("dialog .changes li")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("[welfare] unseen_hours")
    expect(shown.locator("ins")).to_have_text("20")
    assert "welfare" not in saved(home) or saved(home)["welfare"].get("unseen_hours") != 20
    page.click("dialog button.main")
    expect(page.locator("#bar")).to_be_hidden()
    expect(page.locator("#standing")).to_contain_text("not in force yet")
    assert saved(home)["welfare"]["unseen_hours"] == 20
    assert "# a word of the owner" in path.read_text()
    page.get_by_role("button", name="Back to the previous one").click()
    page.click("dialog button.main")
    expect(page.locator("#form [data-key=unseen_hours] input")).to_have_value("")
    assert "welfare" not in saved(home)


def test_a_rule_is_a_sentence_and_can_be_asked_earlier(home, browse):
    page = browse(home, "/settings")
    before = [rule["name"] for rule in saved(home)["rule"]]
    expect(page.locator("#rule-list .words")).to_have_count(len(before))
    page.get_by_role("button", name=f"Ask earlier: {before[1]}").click()
    expect(page.locator("#rule-list li").first).to_contain_text(before[1])
    page.click("#add-rule")
    expect(page.locator("#rule-list li.card")).to_have_count(len(before) + 1)
    last = page.locator("#rule-list li.card").last
    last.locator("summary").click()
    last.locator("[data-key=then] select").select_option(label="lock out for a while")
    last = page.locator("#rule-list li.card").last
    expect(last.locator(".fault:visible")).to_contain_text("minutes")
    last.locator("[data-key=minutes] input").fill("7")
    page.keyboard.press("Tab")
    expect(page.locator("#rule-list li.card").last).to_contain_text("lock out for 7 min")
    save(page)
    after = saved(home)["rule"]
    assert [rule["name"] for rule in after[:2]] == [before[1], before[0]]
    assert after[-1]["minutes"] == 7


def test_the_zone_is_drawn_by_mouse_and_by_keyboard(home, browse):
    page = browse(home, "/settings")
    corner = page.get_by_role("button", name="Zone: upper left corner")
    corner.scroll_into_view_if_needed()
    picture = page.locator(".zone .picture").bounding_box()
    grip = corner.bounding_box()
    assert picture
    assert grip
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(picture["x"] + picture["width"] / 4, picture["y"] + picture["height"] / 2, steps=4)
    page.mouse.up()
    expect(page.locator("#bar-words")).to_contain_text("1 change")
    end = page.get_by_role("button", name="Line: first end")
    end.focus()
    end.press("Shift+ArrowUp")
    end.press("ArrowUp")
    expect(page.locator("#bar-words")).to_contain_text("2 changes")
    save(page)
    zone, line = saved(home)["view"]["zone"], saved(home)["tracker"]["line"]
    assert zone[:2] == [pytest.approx(0.25, abs=0.02), pytest.approx(0.5, abs=0.02)]
    assert zone[0] + zone[2] == pytest.approx(1)
    assert line[0][1] == pytest.approx(0.6 - 0.06, abs=0.001)


def test_the_zone_is_drawn_by_touch(home, browse):
    page = browse(home, "/settings", look=LOOKS[3])
    grip = page.get_by_role("button", name="Zone: lower right corner")
    grip.scroll_into_view_if_needed()
    grip.evaluate(
        """grip => {
        const at = grip.getBoundingClientRect(), x = at.x + at.width / 2, y = at.y + at.height / 2;
        grip.setPointerCapture = () => {};
        const touch = { pointerType: "touch", pointerId: 1, bubbles: true, cancelable: true };
        const send = (type, dx, dy) =>
            grip.dispatchEvent(new PointerEvent(type, { ...touch, clientX: x + dx, clientY: y + dy }));
        send("pointerdown", 0, 0); send("pointermove", -60, -40); send("pointerup", -60, -40);
    }"""
    )
    expect(page.locator("#bar-words")).to_contain_text("1 change")


def test_the_text_is_tried_before_it_is_saved(home, browse):
    page = browse(home, "/settings")
    text = page.locator("#raw")
    expect(text).not_to_have_value("")
    before = text.input_value()
    text.fill(before.replace("[door]", "[door]\nhodl = 3"))
    page.click("#raw-check")
    expect(page.locator("#raw-mistakes")).to_contain_text("did you mean hold?")
    text.fill(before.replace("[door]", "# a comment\n[door]\nlet_in_s = 12"))
    page.click("#raw-save")
    expect(page.locator("dialog .changes")).to_contain_text("[door] let_in_s")
    page.click("dialog button.main")
    expect(page.locator("#standing")).to_contain_text("not in force yet")
    assert saved(home)["door"]["let_in_s"] == 12


def test_a_spoilt_file_is_said_and_can_be_corrected(home, browse):
    home.appliance.path.write_text("spoilt [")
    page = browse(home, "/settings", expected=("422",))
    expect(page.locator("#standing")).to_contain_text("cannot be read")
    page.locator("#raw").fill(home.appliance.project.text)
    page.click("#raw-save")
    page.click("dialog button.main")
    expect(page.locator("#rule-list")).to_contain_text("If it is")


def test_a_condition_that_nobody_put_into_words_is_said_as_it_stands(home, browse):
    """Left out, "let in when …" would read "always let in"."""
    page = browse(home, "/settings")
    rule = "{season: 'winter', who: 'own', then: 'unlock'}"
    said = page.evaluate(f"import('/static/rules.js').then(({{inWords}}) => inWords({rule}))")
    assert said == "If it is one of yours and season is winter: let in."


COUNT_TOASTS = """() => {
  window.toasts = 0;
  const count = (changes) => changes.forEach((each) => { window.toasts += each.addedNodes.length; });
  new MutationObserver(count).observe(document.getElementById("toasts"), { childList: true });
}"""
"""However short each is shown."""


def test_mode_and_enforcing_hold_at_once(home, browse):
    page = browse(home, "/settings")
    page.evaluate(COUNT_TOASTS)
    page.locator("#mode").select_option("in-only")
    expect(page.locator(".toast")).to_be_visible()
    page.locator("#enforce").uncheck()
    until(lambda: page.evaluate("() => window.toasts") == 2)
    assert not home.appliance.owner.current().enforce
    page.locator("#enforce").check()  # nobody was taught, and so it asks first
    page.locator("dialog button.main").click()
    until(lambda: page.evaluate("() => window.toasts") == 3)
    assert home.appliance.owner.current().mode.value == "in-only"
    assert home.appliance.owner.current().enforce


def test_a_token_is_shown_once_and_the_password_asks_for_the_old_one(home, browse):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    page = browse(home, "/settings", expected=("403", "422"))
    page.fill("#token-name", "kitchen display")
    page.click("#token button")
    expect(page.locator("#token-field .fault")).to_contain_text("is no name")
    page.fill("#token-name", "kitchen")
    page.click("#token button")
    expect(page.locator("#made .token")).to_contain_text("latchlens_")
    expect(page.locator("#tokens")).to_contain_text("kitchen")
    page.fill("#current", "not the password")
    page.fill("#new", "five words for another day")
    page.click("#password button.main")
    expect(page.locator("#current-field .fault")).to_have_text("That is not your password.")
    page.fill("#current", PASSWORD)
    page.fill("#new", "short")
    page.click("#password button.main")
    expect(page.locator("#new-field .fault")).to_contain_text("10 to 512")
    page.fill("#new", "five words for another day")
    page.click("#password button.main")
    expect(page.locator("#current")).to_have_value("")
    assert home.access.passwords.verify(Role.OWNER, "five words for another day")
