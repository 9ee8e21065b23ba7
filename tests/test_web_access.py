"""Who gets past the doorman, and who does not."""

from __future__ import annotations

import stat
from collections import defaultdict
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient

from device.errors import ConfigError, StoreError
from device.web.caller import Role, Scope
from device.web.doorman import COOKIE, CSRF_HEADER, OPEN
from device.web.headers import HEADERS
from device.web.permission import Needs
from device.web.problems import MEDIA_TYPE
from tests.served import PASSWORD, Site, site

PAGE = {"Accept": "text/html"}
ACTIONS = (("POST", "/api/v1/let-in"), ("POST", "/api/v1/lock"), ("POST", "/api/v1/panic"))


@pytest.fixture
def home(tmp_path) -> Site:
    return site(tmp_path)


def log_in(home: Site, role: Role = Role.OWNER) -> TestClient:
    """A browser that has logged in with the password."""
    home.access.passwords.set(role, PASSWORD)
    browser = home.stranger()
    answer = browser.post("/login", data={"name": role.value, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser


def csrf(browser: TestClient) -> str:
    """The session's token, as the page has it."""
    page = browser.get("/").text
    return page.partition('name="csrf" content="')[2].partition('"')[0]


def every_route(routes: list[BaseRoute]) -> Iterator[tuple[str, str, APIRoute | None]]:
    """Method, path with its parameters filled in, and the route, of everything that is served."""
    for route in routes:
        if isinstance(route, APIRoute):
            path = route.path.format_map(defaultdict(lambda: "x", number=1, language="en", page="now"))
            for method in route.methods:
                yield method, path, route
        elif isinstance(route, Mount):
            yield "GET", f"{route.path}/now.js", None
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from every_route(router.routes)
        else:
            pytest.fail(f"a route of an unknown sort: {route!r}")


def test_every_route_refuses_without_credentials_but_health_and_login(home):
    found = list(every_route(home.app.routes))
    paths = {path for _, path, _ in found}
    assert len(paths) > 15
    assert paths >= OPEN - {"/static/style.css", "/static/icon.svg"}
    for method, path, _ in found:
        answer = home.stranger().request(method, path)
        refused = answer.status_code == 401 and answer.headers["content-type"] == MEDIA_TYPE
        assert refused is (path not in OPEN), (method, path, answer)


def test_every_route_says_which_scope_it_needs(home):
    for _, path, route in every_route(home.app.routes):
        if route is not None and path not in OPEN:
            needed = [each.call for each in route.dependant.dependencies if isinstance(each.call, Needs)]
            assert needed, path


def test_what_does_not_exist_is_not_told_to_strangers(home):
    assert home.stranger().get("/api/v1/secret-plans").status_code == 401
    assert home.program().get("/api/v1/secret-plans").status_code == 404


def test_a_stranger_with_a_browser_is_led_to_the_login_page(home):
    answer = home.stranger().get("/", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_the_login_page_without_a_password_says_how_to_set_one(home):
    page = home.stranger().get("/login")
    assert "latchlens setup" in page.text
    assert home.stranger().post("/login", data={"name": "owner", "password": ""}).status_code == 401


def test_the_right_password_opens_a_session_that_scripts_cannot_read(home):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    answer = home.stranger().post("/login", data={"name": "owner", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert log_in(home).get("/api/v1/visits").status_code == 200


def test_a_wrong_password_opens_nothing(home):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    for name in ("owner", "viewer", "root", ""):
        answer = home.stranger().post("/login", data={"name": name, "password": "wrong-" + PASSWORD})
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers


def test_failed_logins_make_the_next_ones_wait_longer_and_longer(home):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    waits = []
    for _ in range(7):
        home.stranger().post("/login", data={"name": "owner", "password": "wrong"})
        answer = home.stranger().post("/login", data={"name": "owner", "password": PASSWORD + "!"})
        waits.append(int(answer.headers.get("retry-after", 0)))
        home.clock.time += waits[-1]
    assert waits[0] == 0
    assert waits[1:] == sorted(waits[1:])
    assert waits[-1] >= 16


def test_while_one_waits_even_the_right_password_is_not_looked_at(home):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    for _ in range(4):
        home.stranger().post("/login", data={"name": "owner", "password": "wrong"})
    answer = home.stranger().post("/login", data={"name": "owner", "password": PASSWORD})
    assert answer.status_code == 429
    home.clock.time += int(answer.headers["retry-after"])
    assert home.stranger().post("/login", data={"name": "owner", "password": PASSWORD}).status_code == 303


def test_a_browser_changes_nothing_without_the_sessions_token(home):
    browser = log_in(home)
    for method, path in ACTIONS:
        assert browser.request(method, path).status_code == 403
        assert browser.request(method, path, headers={CSRF_HEADER: "guessed"}).status_code == 403
    assert home.requests.take() == ()
    assert home.button.pressed == 0
    token = csrf(browser)
    for method, path in ACTIONS:
        assert browser.request(method, path, headers={CSRF_HEADER: token}).status_code == 202
    assert [each.kind for each in home.requests.take()] == ["let in", "lock"]
    assert home.button.pressed == 1


def test_a_viewer_looks_but_cannot_act(home):
    browser = log_in(home, Role.VIEWER)
    assert browser.get("/api/v1/visits").status_code == 200
    token = csrf(browser)
    for method, path in ACTIONS:
        assert browser.request(method, path, headers={CSRF_HEADER: token}).status_code == 403
    assert home.requests.take() == ()
    assert home.button.pressed == 0


@pytest.mark.parametrize(
    ("scope", "reads", "acts", "administers"),
    [(Scope.READ, 200, 403, 403), (Scope.ACT, 200, 202, 403), (Scope.ADMIN, 200, 202, 200)],
)
def test_a_program_may_what_its_scope_says(home, scope, reads, acts, administers):
    program = home.program(scope)
    assert program.get("/api/v1/visits").status_code == reads
    assert program.post("/api/v1/lock").status_code == acts
    assert program.get("/api/v1/configuration").status_code == administers


def test_a_revoked_token_is_refused_at_once(home):
    program = home.program()
    assert program.get("/api/v1/visits").status_code == 200
    home.access.tokens.revoke("read-program")
    assert program.get("/api/v1/visits").status_code == 401


def test_a_wrong_token_is_not_made_good_by_a_session(home):
    browser = log_in(home)
    assert browser.get("/api/v1/visits", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_one_time_link_works_once_and_on_the_device_only(home):
    far = TestClient(home.app, "http://192.168.0.7:8080", follow_redirects=False, client=("192.168.0.9", 5))
    link = f"/login?once={home.access.links.make()}"
    assert far.get(link).status_code == 403
    assert home.stranger().get(link, headers={"X-Forwarded-For": "192.168.0.9"}).status_code == 403
    browser = home.stranger()
    assert browser.get(link).status_code == 303
    assert browser.get("/api/v1/visits").status_code == 200
    assert home.stranger().get(link).status_code == 403


def test_a_one_time_link_grows_too_old(home):
    link = f"/login?once={home.access.links.make()}"
    home.clock.time += 601
    assert home.stranger().get(link).status_code == 403


def test_another_password_ends_the_sessions_that_began_with_the_old_one(home):
    browser = log_in(home)
    home.access.passwords.set(Role.OWNER, "something else entirely")
    assert browser.get("/api/v1/visits").status_code == 401


def test_a_session_ends_with_logout_and_after_a_month(home):
    browser = log_in(home)
    key = browser.cookies[COOKIE]
    assert browser.post("/logout", headers={CSRF_HEADER: csrf(browser)}).status_code == 204
    assert home.stranger().get("/api/v1/visits", headers={"Cookie": f"{COOKIE}={key}"}).status_code == 401
    other = log_in(home)
    home.clock.time += 31 * 86_400
    assert other.get("/api/v1/visits").status_code == 401


def test_secrets_are_kept_hashed_and_for_the_owners_eyes_only(home):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    text = home.access.tokens.create("dashboard", Scope.READ)
    folder = home.folder / "access"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("passwords.json", "tokens.json"):
        content = (folder / name).read_text()
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        assert PASSWORD not in content
        assert text not in content


def test_a_short_password_is_refused_with_a_hint(home):
    with pytest.raises(ConfigError, match="four words"):
        home.access.passwords.set(Role.OWNER, "mimi")


def test_a_damaged_password_file_lets_nobody_in_and_says_so(home):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    (home.folder / "access" / "passwords.json").write_text("[{")
    with pytest.raises(StoreError, match="damaged"):
        home.access.passwords.verify(Role.OWNER, PASSWORD)
    answer = home.stranger().post("/login", data={"name": "owner", "password": PASSWORD})
    assert answer.status_code == 503
    assert str(home.folder) not in answer.text
    page = home.stranger().get("/login")
    assert page.status_code == 503
    assert str(home.folder) not in page.text  # strangers are told no more than that


def test_every_answer_has_strict_headers(home):
    for answer in (
        home.stranger().get("/login"),
        home.stranger().get("/api/v1/state"),
        home.program().get("/x"),
    ):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value


def test_what_every_page_needs_goes_small_and_is_sent_once_but_pages_with_secrets_do_not(home):
    page = home.program(Scope.ADMIN)
    for path in ("/static/style.css", "/said/de", "/texts/de/now", "/api/v1/configuration/schema"):
        answer = page.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip", path
        if mark := answer.headers.get("ETag"):
            again = page.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": mark})
            assert (again.status_code, again.content) == (304, b""), path
    assert "ETag" in page.get("/said/de").headers
    assert "Content-Encoding" not in page.get("/", headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "", "flap.local.evil.example"])
def test_a_name_that_is_not_ours_is_refused(home, host):
    assert home.stranger().get("/login", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    "host", ["localhost:8080", "127.0.0.1", "192.168.0.7:8080", "[::1]:8080", "LOCALHOST"]
)
def test_the_device_is_known_by_its_addresses(home, host):
    assert home.stranger().get("/login", headers={"Host": host}).status_code == 200


def test_a_login_that_another_site_sends_is_refused(home):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    answer = home.stranger().post(
        "/login",
        data={"name": "owner", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\x00&&==",
        b"&".join(b"name=owner" for _ in range(50)),
        b'{"name": "owner"}',
        b"name=%00&password=%ff",
    ],
)
def test_a_login_that_is_no_form_is_refused_like_a_wrong_one(home, body):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    assert home.stranger().post("/login", content=body).status_code == 401


def test_a_body_that_is_too_large_is_refused_announced_or_not(home):
    program = home.program(Scope.ADMIN)
    many = b"x" * 1_000_001
    assert program.post("/api/v1/configuration/check", content=many).status_code == 413
    pieces = (many[start : start + 100_000] for start in range(0, len(many), 100_000))
    assert program.post("/api/v1/configuration/check", content=pieces).status_code == 413


def test_a_mistake_of_ours_shows_no_trace(home):
    home.appliance.health.report = None  # type: ignore[method-assign,assignment]
    home.look()
    answer = home.program().get("/api/v1/state")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert "Traceback" not in answer.text
    assert "NoneType" not in answer.text
    assert answer.headers["Content-Security-Policy"]
