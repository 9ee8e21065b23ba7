"""The first start: nobody gets in without a code from the device, and a trial of the bolt obeys the guard."""

from __future__ import annotations

import logging

import pytest

from device.act import pins
from device.act.trial import FOLLOWED_S, SECONDS, BoltTrial
from device.building.guard import build_guard
from device.config import parse_project
from device.messages import BoltState, Decision, Lease, Outcome
from device.web.caller import Role, Scope
from device.web.setup_code import LASTS_S, SetupCodes
from tests.served import PASSWORD, TEXT, Site, Watch, ended, site

NEW = "another four words now"


@pytest.fixture
def home(tmp_path) -> Site:
    made = site(tmp_path)
    made.look()
    return made


def first(home: Site, code: str):
    """A browser in the network that gives a code, and what it is answered."""
    browser = home.stranger()
    return browser, browser.post("/login", data={"name": "setup", "password": code})


def csrf(browser) -> dict[str, str]:
    page = browser.get("/", headers={"accept": "text/html"}).text
    return {"X-CSRF-Token": page.split('name="csrf" content="')[1].split('"')[0]}


def test_a_device_without_a_password_opens_for_nobody_who_has_no_code(home):
    for guess in ("", "AAAA-AAAA-AAAA", "setup"):
        assert first(home, guess)[1].status_code in (401, 429)
    assert home.stranger().get("/api/v1/setup").status_code == 401
    assert "latchlens setup" in home.stranger().get("/login").text


def test_a_code_of_the_device_opens_the_wizard_once(home):
    code = SetupCodes(home.folder, home.clock.now).make()
    browser, answer = first(home, code.lower().replace("-", " "))
    assert (answer.status_code, answer.headers["location"]) == (303, "/setup")
    assert browser.get("/api/v1/setup").json()["next"] == "password"
    assert first(home, code)[1].status_code == 401


def test_an_old_code_an_earlier_one_and_one_of_another_boot_open_nothing(home, tmp_path, monkeypatch):
    codes = SetupCodes(home.folder, home.clock.now)
    earlier, code = codes.make(), codes.make()
    assert not codes.take(earlier)
    home.clock.time += LASTS_S
    assert not codes.take(code)
    code = codes.make()
    monkeypatch.setattr("device.web.setup_code.BOOT", tmp_path / "boot")
    assert not codes.take(code)


def test_wrong_codes_cost_time_and_a_code_is_worth_nothing_once_there_is_a_password(home):
    for _ in range(4):
        last = first(home, "wrong")[1]
    assert last.status_code == 429
    home.clock.time += 3600
    code = SetupCodes(home.folder, home.clock.now).make()
    home.access.passwords.set(Role.OWNER, PASSWORD)
    assert first(home, code)[1].status_code == 401


def test_the_command_prints_a_code_and_never_logs_it(latchlens, home, tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        code = latchlens("setup", "--state", tmp_path / "fresh").went_well().out.strip()
    assert len(code) == 14
    assert code not in caplog.text
    home.access.passwords.set(Role.OWNER, PASSWORD)
    latchlens("setup", "--state", home.folder).refused("has a password", "latchlens password", status=2)


def test_setting_the_first_password_keeps_the_session_that_set_it(home):
    browser, _ = first(home, SetupCodes(home.folder, home.clock.now).make())
    other = home.stranger()
    answer = browser.put("/api/v1/passwords/owner", json={"password": NEW}, headers=csrf(browser))
    assert answer.status_code == 204
    assert browser.get("/api/v1/setup").json()["done"]["password"]
    assert other.post("/login", data={"name": "owner", "password": NEW}).status_code == 303


def test_the_owners_password_is_changed_by_whoever_knows_it(home):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    program = home.program(Scope.ADMIN)
    wrong = program.put("/api/v1/passwords/owner", json={"password": NEW, "current": "guess"})
    assert (wrong.status_code, "current" in wrong.json()["detail"]) == (403, True)
    short = program.put("/api/v1/passwords/owner", json={"password": "short", "current": PASSWORD})
    assert (short.status_code, "10 to 512" in short.json()["detail"]) == (422, True)
    right = program.put("/api/v1/passwords/owner", json={"password": NEW, "current": PASSWORD})
    assert right.status_code == 204
    for _ in range(4):
        last = program.put("/api/v1/passwords/owner", json={"password": NEW, "current": "guess"})
    assert last.status_code == 429


def test_a_viewer_is_made_and_taken_away(home):
    program = home.program(Scope.ADMIN)
    assert program.put("/api/v1/passwords/viewer", json={"password": NEW}).status_code == 204
    assert program.get("/api/v1/passwords").json() == {"roles": ["viewer"]}
    assert program.delete("/api/v1/passwords/viewer").status_code == 204
    assert program.get("/api/v1/passwords").json() == {"roles": []}


def test_a_token_is_told_once_and_revoked(home):
    program = home.program(Scope.ADMIN)
    made = program.post("/api/v1/tokens", json={"name": "dashboard", "scope": "read"}).json()
    again = program.post("/api/v1/tokens", json={"name": "dashboard"})
    assert (again.status_code, "revoke it first" in again.json()["detail"]) == (422, True)
    listed = program.get("/api/v1/tokens")
    assert "dashboard" in [each["name"] for each in listed.json()]
    assert made["token"] not in listed.text
    with home.stranger() as asking:
        asking.headers["Authorization"] = f"Bearer {made['token']}"
        assert asking.get("/api/v1/state").status_code == 200
        assert program.delete("/api/v1/tokens/dashboard").status_code == 204
        assert asking.get("/api/v1/state").status_code == 401
    assert program.delete("/api/v1/tokens/dashboard").status_code == 404


@pytest.mark.parametrize("scope", [Scope.READ, Scope.ACT])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "setup"),
        ("PUT", "setup/aim"),
        ("GET", "tokens"),
        ("POST", "tokens"),
        ("PUT", "passwords/owner"),
        ("POST", "bolt/trial"),
        ("POST", "restart"),
    ],
)
def test_all_of_this_is_for_the_owner_alone(home, scope, method, path):
    assert home.program(scope).request(method, f"/api/v1/{path}", json={}).status_code == 403


def test_what_only_a_person_can_say_is_confirmed_and_outlives_a_restart(home):
    program = home.program(Scope.ADMIN)
    assert not program.get("/api/v1/setup").json()["done"]["aim"]
    assert program.put("/api/v1/setup/aim", json={"done": True}).json()["done"]["aim"]
    assert program.get("/api/v1/setup").json()["done"]["aim"]
    assert not program.put("/api/v1/setup/aim", json={"done": False}).json()["done"]["aim"]
    assert program.put("/api/v1/setup/password", json={"done": True}).status_code == 422
    (home.folder / "setup.json").write_text("{")
    assert program.get("/api/v1/setup").status_code == 200


def test_what_enforcing_should_wait_for_is_told(home):
    needs = home.program(Scope.ADMIN).get("/api/v1/setup").json()["needs"]
    assert needs == {"taught": False, "prey": True, "in-force": True, "health": True, "way-out": True}
    assert home.appliance.path
    home.appliance.path.write_text(TEXT + "# changed\n")
    assert not home.program(Scope.ADMIN).get("/api/v1/setup").json()["needs"]["in-force"]
    home.appliance.path.write_text("spoilt [")
    assert home.program(Scope.ADMIN).get("/api/v1/setup").status_code == 200


def test_the_frame_is_judged_for_whoever_aims(home):
    found = home.program().get("/api/v1/live/quality").json()
    assert (found["sharp"], found["light"]) == (False, "good")
    assert found["sharpness"] == 0  # a frame of one grey


def test_a_restart_is_asked_for_once_the_answer_is_out(home):
    program = home.program(Scope.ADMIN)
    refused = program.post("/api/v1/restart")
    assert (refused.status_code, "simulation" in refused.json()["detail"]) == (409, True)


def test_a_version_on_trial_is_not_started_again_for_that_would_count_as_its_fault(tmp_path):
    asked: list[str] = []
    trial = ["2.0 runs on trial"]
    served = site(tmp_path, restart=lambda: asked.append("again"), no_restart=lambda: trial[0])
    program = served.program(Scope.ADMIN)
    refused = program.post("/api/v1/restart")
    assert (refused.status_code, "on trial" in refused.json()["detail"], asked) == (409, True, [])
    trial[0] = ""
    assert program.post("/api/v1/restart").status_code == 202
    assert asked == ["again"]


class Door:
    """A real guard on pins without hardware, and the loop's part in it, on a clock that the test moves."""

    def __init__(self, more: str = "") -> None:
        self.clock = Watch()
        self.guard = build_guard(parse_project(TEXT + more).wiring, pins.factory("mock"))
        self.trial = BoltTrial(self.guard, self.clock)

    def live(self, seconds: float, lease: Lease | None = None) -> list[BoltState]:
        states = []
        for _ in range(round(seconds / 0.1)):
            self.clock.time += 0.1
            self.trial.hold(lease)
            self.guard.step(self.clock.time)
            states.append(self.trial.inputs().bolt)
        return states


@pytest.fixture
def door():
    made = Door()
    yield made
    made.guard.stop()


def test_a_trial_opens_the_bolt_and_locks_it_again(door):
    assert door.live(3)[-1] is BoltState.LOCKED
    door.trial.begin()
    states = door.live(FOLLOWED_S + 0.5)
    assert BoltState.UNLOCKED in states
    assert states[-1] is BoltState.LOCKED
    report = door.trial.report()
    assert not report.running
    assert [each.state for each in report.moves][-1] is BoltState.LOCKED
    assert states[round(SECONDS / 0.1) + 15 :].count(BoltState.UNLOCKED) == 0


def test_a_trial_never_outlasts_its_moment_though_the_loop_goes_on(door):
    door.live(3)
    door.trial.begin()
    door.live(SECONDS + 2)
    assert door.guard.inputs().bolt is BoltState.LOCKED


def test_a_bolt_that_is_held_open_is_locked_for_a_moment(door):
    def held() -> Lease:
        return Lease(door.clock.time, 5.0, "left open")

    for _ in range(30):
        door.live(0.1, held())
    assert door.guard.inputs().bolt is BoltState.UNLOCKED
    door.trial.begin()
    states = [state for _ in range(80) for state in door.live(0.1, held())]
    assert BoltState.LOCKED in states
    assert states[-1] is BoltState.UNLOCKED


def test_an_open_flap_comes_before_a_trial():
    made = Door('[[input]]\nkind = "reed"\nname = "door"\npin = 4\n')
    try:
        made.live(3)
        made.trial.begin()
        made.live(FOLLOWED_S)
        assert made.trial.report().refusal
    finally:
        made.guard.stop()


def test_the_bolt_is_not_tried_while_somebody_is_at_the_door_or_the_owner_locked_it(tmp_path):
    door = Door()
    made = site(tmp_path, trial=door.trial)
    program = made.program(Scope.ADMIN)
    assert program.post("/api/v1/bolt/trial").status_code == 409  # no pass yet
    made.look(Decision(made.clock.time, Outcome.UNDECIDED, "", "waiting", visits=(ended(1),)))
    made.look()
    assert program.post("/api/v1/bolt/trial").status_code == 202
    again = program.post("/api/v1/bolt/trial")
    assert (again.status_code, "already" in again.json()["detail"]) == (409, True)
    assert program.get("/api/v1/bolt/trial").json()["running"]
    door.guard.stop()


def test_a_simulated_bolt_is_not_tried(home):
    answer = home.program(Scope.ADMIN).post("/api/v1/bolt/trial")
    assert (answer.status_code, "simulated" in answer.json()["detail"]) == (409, True)


def test_another_password_ends_every_other_session_of_the_owner(home):
    home.access.passwords.set(Role.OWNER, PASSWORD)
    mine, other = home.stranger(), home.stranger()
    for browser in (mine, other):
        browser.post("/login", data={"name": "owner", "password": PASSWORD})
    wanted = {"password": NEW, "current": PASSWORD}
    assert mine.put("/api/v1/passwords/owner", json=wanted, headers=csrf(mine)).status_code == 204
    assert mine.get("/api/v1/state").status_code == 200
    assert other.get("/api/v1/state").status_code == 401
