"""The page `now` in a real browser."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from device.messages import (
    Ask,
    Decision,
    MeterReading,
    Mode,
    Outcome,
    Place,
    VisitPhase,
    Whereabouts,
)
from device.web.caller import Role
from tests.browser import LOOKS, Look
from tests.served import PASSWORD, ended

WAITING = "waiting: mouth not seen; needed 4.0, reached 2.7"
MEASURED = (
    MeterReading("who", 5.0, 4.0, -4.0, 9, True),
    MeterReading("mouth empty", 2.7, 4.0, -4.0, 6, None),
)


def waits(who: str | None, number: int, **changes: object) -> object:
    """A visit that goes on."""
    given = {"who": who, "kind": None, "phase": VisitPhase.UPDATE, "outcome": Outcome.UNDECIDED}
    return ended(number, **{**given, "reason": WAITING, "evidence": MEASURED, "tracks": (number,), **changes})


def at_the_door(*visits: object, **changes: object) -> Decision:
    decision = Decision(100.0, Outcome.UNDECIDED, "own", WAITING, visits=visits)  # type: ignore[arg-type]
    return replace(decision, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_everybody_can_read_who_waits_and_what_is_missing(home, browse, look):
    home.look(at_the_door(waits("mimi", 1), lockouts={"luna": 75.0}))
    page = browse(home, look=look)
    german = look.language == "de"
    missing = "Maul nicht gesehen; nötig 4,0, erreicht 2,7" if german else WAITING
    expect(page.locator("#reason")).to_contain_text(missing)
    expect(page.locator("#bolt")).to_have_text("verriegelt" if german else "locked")
    expect(page.locator("#visits")).to_contain_text(
        "2,7 von 4,0 erreicht" if german else "reached 2.7 of 4.0"
    )
    expect(page.locator("#lockout-list")).to_contain_text(
        "luna: noch 1 min" if german else "luna: 1 min 15 s left"
    )
    expect(page.locator(".tag")).to_contain_text("mimi")
    expect(page.locator("#recent li")).not_to_have_count(0)


def test_own_animals_that_wait_come_first_and_all_say_where_they_are(home, browse):
    where = {"mimi": Whereabouts(Place.IN, seen=40.0), "luna": Whereabouts(Place.OUT, seen=90.0)}
    guests = waits("stranger", 2), waits("luna", 3)
    home.look(at_the_door(*guests, whereabouts=where))
    page = browse(home)
    expect(page.locator("#visits li").first).to_contain_text("luna")
    expect(page.locator("#animals li").first).to_contain_text(
        re.compile("luna.*waits outside.*10 s ago", re.S)
    )
    expect(page.locator("#animals li").nth(1)).to_contain_text(re.compile("mimi.*in.*1 min", re.S))


def test_on_a_phone_no_word_of_the_bolt_and_the_flap_is_broken(home, browse):
    page = browse(home, look=Look("de", width=360, height=740))
    words = page.locator(".tiles dd")
    expect(page.locator("#bolt")).to_have_text("verriegelt")
    page.evaluate("document.getElementById('door').textContent = 'geschlossen'")
    tall = [words.nth(number).bounding_box()["height"] for number in range(3)]
    assert max(tall) < 30, tall


def test_one_tap_on_panic_reaches_the_guard_while_the_loop_stands_still(home, browse):
    page = browse(home)
    page.locator("#bolt").get_by_text("locked").wait_for()
    passes = home.latest.tally.passes
    began = time.perf_counter()
    page.click("[data-post=panic]")
    while not home.button.pressed:
        page.wait_for_timeout(5)
    print(f"panic: {1000 * (time.perf_counter() - began):.0f} ms from the tap to the guard's button")
    assert (home.button.pressed, home.latest.tally.passes) == (1, passes)
    expect(page.locator("#toasts")).to_contain_text("Panic")


@pytest.mark.parametrize("path", ["/settings", "/visits"])
def test_panic_is_one_tap_away_on_every_page_of_a_phone_wherever_it_is_scrolled_to(home, browse, path):
    page = browse(home, path, look=Look("de", width=360, height=740))
    page.wait_for_load_state("load")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    box = page.locator("#panic").bounding_box()
    assert box
    assert 0 <= box["y"] <= 740
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#toasts")).to_contain_text("Notfall: Die Tür öffnet jetzt.")
    assert home.button.pressed == 1


def test_the_other_buttons_ask_the_loop_and_set_the_door(home, browse):
    page = browse(home)
    page.click("[data-post=let-in]")
    expect(page.locator("#toasts")).to_contain_text("may come in once")
    page.click("[data-post=lock]")
    expect(page.locator("#toasts")).to_contain_text("the door locks")
    assert [each.kind for each in home.requests.take()] == [Ask.LET_IN, Ask.LOCK]
    page.select_option("#choose-mode", "in-only")
    expect(page.locator("#toasts")).to_contain_text("The mode is set")
    page.uncheck("#enforce")
    expect(page.locator("#toasts")).to_contain_text("That is set")
    current = home.appliance.owner.current()
    assert (current.mode, current.enforce) == (Mode.IN_ONLY, False)


def test_a_viewer_sees_but_finds_no_button_and_is_refused(home, browse):
    page = browse(home, role=Role.VIEWER, expected=("403",))
    expect(page.locator("#bolt")).to_have_text("locked")
    assert page.locator("[data-post], #panic, #choose-mode, #enforce").count() == 0
    for path, method in (("panic", "POST"), ("let-in", "POST"), ("lock", "POST")):
        assert asked(page, path, method) == 403, path
    assert not home.button.pressed


NOTE_REASONS = """() => {
  const reason = document.getElementById("reason");
  window.reasons = [];
  new MutationObserver(() => window.reasons.push(reason.textContent)).observe(
    reason, { childList: true, characterData: true, subtree: true });
}"""
"""Every reason that the page shows, however short."""
REFUSED = re.compile(r"carries prey|mimi is locked out")


def reasons_of_a_mouse(page: Page) -> list[str]:
    """What the page says while a cat comes with a mouse, until it is refused."""
    reason = page.locator("#reason")
    expect(reason).to_have_text("nobody is at the door")
    page.evaluate(NOTE_REASONS)
    assert asked(page, "simulator/scene", "PUT", '{"name": "s2-mouse-then-clean"}') == 202
    expect(reason).to_have_text(REFUSED)
    told: list[str] = page.evaluate("() => window.reasons")
    return told


def waits_first(told: list[str]) -> bool:
    """Whether it said what is missing before it said what is wrong."""
    waiting = [n for n, each in enumerate(told) if re.search("waiting: .*(mouth not seen|who it is)", each)]
    refused = [n for n, each in enumerate(told) if REFUSED.search(each)]
    return bool(waiting and refused) and waiting[0] < refused[0]


def test_the_reason_changes_and_the_lockout_counts_down_to_its_end(simulated, browse):
    page = browse(simulated("--vision", "oracle"))
    reason = page.locator("#reason")
    told = reasons_of_a_mouse(page)
    if not waits_first(told):  # the page asks once a second: a busy browser sleeps through those two
        expect(page.locator("#lockouts")).to_be_hidden()
        again = reasons_of_a_mouse(page)
        assert waits_first(again), (told, again)
    out = page.locator("#lockout-list")
    expect(out).to_contain_text("mimi")
    before = seconds(page)
    expect(out).not_to_contain_text(f"{before} s")
    assert seconds(page) < before
    expect(page.locator("#lockouts")).to_be_hidden()
    expect(reason).to_have_text("nobody is at the door")


def asked(page: Page, path: str, method: str, body: str | None = None) -> int:
    """The status of an answer to what the page could ask."""
    script = """([path, method, body]) => fetch(`/api/v1/${path}`, {
        method,
        body,
        headers: {
            "X-CSRF-Token": document.querySelector("meta[name=csrf]").content,
            "Content-Type": "application/json",
        },
    }).then((answer) => answer.status)"""
    return int(page.evaluate(script, [path, method, body]))


def seconds(page: Page) -> int:
    found = re.search(r"(\d+) s left", page.locator("#lockout-list").inner_text())
    return int(found[1]) if found else 0


def test_the_language_is_chosen_and_stays(home, browse):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    page = browse(home)
    page.click(".language button[value=de]")
    expect(page.locator("nav [aria-current]")).to_have_text("Jetzt")
    page.reload(wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.click("#logout")
    expect(page.locator("button.main")).to_have_text("Anmelden")
    page.click(".language button[value=en]")
    expect(page.locator("button.main")).to_have_text("Log in")


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_page_costs_more_than_150_kilobytes_when_it_is_first_loaded(home, browse, language):
    """On the wire, without the live picture and the pictures of visits, which are not the page's."""
    look = Look(language)
    page = browse(home, look=look)
    story = page.evaluate("fetch('/api/v1/visits?limit=1').then((answer) => answer.json())")["visits"][0][
        "id"
    ]
    inside = [str(link.get_attribute("href")) for link in page.locator("nav.pages a").all()]
    for path in ("/login", *inside, f"/visits/{story}", "/setup"):
        loaded: dict[str, int] = {}
        fresh = browse(home, role=None, path="/login", look=look)
        if path != "/login":
            home.enter(fresh, Role.OWNER)
        fresh.goto("about:blank")
        fresh.context.new_cdp_session(fresh).send("Network.clearBrowserCache")
        fresh.context.on("requestfinished", lambda request, loaded=loaded: measure(request, loaded))
        fresh.goto(f"{home.address}{path}", wait_until="domcontentloaded")
        fresh.wait_for_timeout(1500)
        total = sum(loaded.values())
        print(f"{path}: {total / 1000:.1f} kB in {len(loaded)} requests")
        assert f"{home.address}{path}" in loaded
        assert 0 < total < 150_000, loaded


def measure(request: object, loaded: dict[str, int]) -> None:
    url = request.url  # type: ignore[attr-defined]
    if not any(each in url for each in ("/live/", "/snapshots/", "/crops/", "/frames/")):
        loaded[url] = request.sizes()["responseBodySize"]  # type: ignore[attr-defined]
