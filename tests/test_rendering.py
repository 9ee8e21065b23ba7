"""The frame of every page: its language, its files, and who finds which page."""

from __future__ import annotations

import pytest

from device.web.caller import Role, Scope
from device.web.rendering import ORDER, page_modules
from tests.served import Site, site
from tests.test_web_access import log_in

GERMAN = {"accept-language": "de-DE,de;q=0.9"}


@pytest.fixture
def home(tmp_path) -> Site:
    return site(tmp_path)


def test_the_login_page_speaks_the_browsers_language_or_the_one_chosen(home):
    browser = home.stranger()
    browser.get("/login", headers=GERMAN)
    assert 'lang="de"' in browser.get("/login", headers=GERMAN).text
    answer = browser.get("/language", params={"to": "en", "back": "/login"}, headers=GERMAN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert 'lang="en"' in browser.get("/login", headers=GERMAN).text
    browser.get("/language", params={"to": "", "back": "/login"})
    assert 'lang="de"' in browser.get("/login", headers=GERMAN).text


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_choosing_a_language_leads_nowhere_else(home, back):
    answer = home.stranger().get("/language", params={"to": "de", "back": back})
    assert answer.headers["location"] == "/"


def test_what_the_page_does_not_speak_is_not_there(home):
    program = home.program()
    assert program.get("/texts/fr/now").status_code == 404
    assert program.get("/said/en").status_code == 404
    assert program.get("/texts/de/now").json()["now.button.let_in"] == "Einmal einlassen"
    assert program.get("/texts/de/nowhere").json().keys() == program.get("/texts/en/nowhere").json().keys()


def test_files_are_kept_by_the_browser_and_asked_for_again(home):
    first = home.program().get("/static/style.css")
    assert first.headers["cache-control"] == "private, no-cache"
    again = home.program().get("/static/style.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_page_is_in_the_navigation_of_those_who_may_see_it(home):
    home.look()
    owner, viewer = log_in(home), log_in(home, Role.VIEWER)
    for name, module in page_modules().items():
        path = "/" if name == "now" else f"/{name}"
        shown = f'<a href="{path}"'
        if name not in ORDER:
            continue
        assert shown in owner.get("/").text
        assert (shown in viewer.get("/").text) is (getattr(module, "SCOPE", Scope.READ) is Scope.READ)
