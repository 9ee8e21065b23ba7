"""Learning over the API: the queue, what is needed, training aside, heads, thresholds."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from device import registry
from device.learn.album import Album, Said
from device.lessons import Wanted, teach
from device.messages import VisitKind
from device.tell.store import Store
from device.web.caller import Scope
from tests.served import TEXT, Site, ended, site
from tests.test_cli_train import visited

HERE = "/api/v1/learning"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Site]:
    made = site(tmp_path)
    yield made
    made.app.state.errands.close()
    made.app.state.writing.close()


def finished(program: TestClient, patience_s: float = 120.0) -> dict[str, Any]:
    """The errand, once it is over."""
    deadline = time.monotonic() + patience_s
    while (errand := program.get(f"{HERE}/errand").json()["errand"])["state"] == "running":
        assert time.monotonic() < deadline, errand
        time.sleep(0.05)
    return dict(errand)


def taught(home: Site, **wanted: object) -> dict[str, Any]:
    program = home.program(Scope.ADMIN)
    assert program.post(f"{HERE}/lessons", json={"task": "prey", **wanted}).status_code == 202
    return finished(program)


def test_the_queue_tells_why_each_visit_is_asked_and_shows_what_would_be_learnt_from(home):
    visited(home.folder, clean=2, prey=0)
    with closing(Store(home.folder)) as store:
        store.add([ended(1, kind=VisitKind.DENY), ended(2)])
        Album(store).say([Said("visit", "v000", "prey", "prey", "owner", 1.8e9)])
    picture = np.full((40, 40, 3), 90, np.uint8)
    cv2.imwrite(str(home.folder / "v000-1.jpg"), picture)
    home.clock.time = 20_000.0
    asked = {each["id"]: each for each in home.program().get(f"{HERE}/queue").json()["asked"]}
    assert asked["0a1b2c3d-1"]["reason"] == "did not come in"
    assert asked["0a1b2c3d-1"]["visit"]["who"] == "mimi"
    assert asked["v000"]["reason"] == "prey was reported"
    assert asked["v000"]["labels"] == {"prey": "prey"}
    (address,) = asked["v000"]["pictures"]
    answer = home.program().get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert home.program().get(f"{HERE}/queue").json()["asked"] == list(asked.values()), (
        "nobody draws twice a day"
    )
    labels = {"labels": {"who": "chelsea", "prey": "clean"}}
    said = home.program(Scope.ACT).post("/api/v1/visits/0a1b2c3d-1/labels", json=labels)
    assert said.status_code == 200
    assert "0a1b2c3d-1" not in [each["id"] for each in home.program().get(f"{HERE}/queue").json()["asked"]]


def test_pictures_that_are_gone_or_lie_elsewhere_are_not_shown(home):
    visited(home.folder, clean=1, prey=0)
    assert home.program().get("/api/v1/album/v000-0").status_code == 404
    with closing(Store(home.folder)) as store:
        store.write(lambda connection: connection.execute("UPDATE examples SET file = '../mine.toml'"))
    assert home.program().get("/api/v1/album/v000-0").status_code == 404
    assert home.program().get("/api/v1/album/nothing").status_code == 404


def test_what_is_still_needed_is_counted_for_each_promise(home):
    visited(home.folder, clean=3, prey=7)
    found = home.program().get(f"{HERE}/stock").json()
    prey = next(each for each in found["tasks"] if each["task"] == "prey")
    assert (found["visits"], prey["labels"], prey["teachable"]) == (10, {"clean": 3, "prey": 7}, True)
    assert prey["promises"][0] == {"light": "day", "n": 7, "needed": 29, "missing": 22}
    who = next(each for each in found["tasks"] if each["task"] == "who")
    assert (who["absent"], who["teachable"]) == (["chelsea", "stranger"], False)


def test_a_head_is_taught_aside_and_told_when_it_is_done(home):
    visited(home.folder, clean=12, prey=8)
    errand = taught(home)
    assert (errand["state"], errand["progress"]) == ("done", 1.0), errand
    assert errand["told"] == {"name": "prey", "version": "1", "in_use": True, "instead_of": None}
    prey, who = home.program().get(f"{HERE}/heads").json()
    assert (prey["active"], prey["shadow"], who["active"]) == ("1", None, None)
    (version,) = prey["versions"]
    assert (version["use"], version["evaluated"]) == ("in use", True)
    assert version["thresholds"]["day"]["missing"] == 21
    told = home.program().get(f"{HERE}/heads/prey/versions/1/evaluation").json()
    steps = told["tradeoffs"]["day"]
    assert {each["clean"] for each in steps} == {12}
    assert {each["bad"] for each in steps} == {8}
    assert steps[0]["let_in"] >= steps[-1]["let_in"] == 0
    assert sum(each["pictures"] for each in told["confusion"]) == 60
    assert [each["label"] for each in told["curves"]] == ["clean", "prey"]


def test_what_training_would_give_can_be_seen_without_a_new_head(home):
    visited(home.folder, clean=6, prey=5)
    assert home.program().get(f"{HERE}/heads/prey/rehearsal").status_code == 404
    errand = taught(home, keep=False)
    assert errand["told"] == {"evaluation": "prey-rehearsal"}
    assert home.program().get(f"{HERE}/heads/prey/rehearsal").json()["task"] == "prey"
    assert not (home.folder / "models").exists()


def test_too_little_to_learn_from_is_told_and_the_next_try_is_open(home):
    visited(home.folder, clean=5, prey=0)
    for _ in range(2):
        errand = taught(home)
        assert errand["state"] == "failed"
        assert "label some of another kind" in errand["fault"]


def test_one_piece_of_work_at_a_time_and_it_can_be_stopped(home):
    visited(home.folder, clean=150, prey=150)
    program = home.program(Scope.ADMIN)
    assert program.post(f"{HERE}/lessons", json={"task": "prey"}).status_code == 202
    again = program.post(f"{HERE}/lessons", json={"task": "who"})
    assert again.status_code == 409
    assert "train prey is under way" in again.json()["detail"]
    deadline = time.monotonic() + 120
    while program.post(f"{HERE}/errand/stop").json()["errand"]["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert program.get(f"{HERE}/errand").json()["errand"]["state"] == "stopped"
    assert not list((home.folder / "models").rglob("card.toml"))


@pytest.fixture(scope="module")
def taught_twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with a head in use and another on trial."""
    state = visited(tmp_path_factory.mktemp("taught") / "state", clean=10, prey=8)
    for _ in range(2):
        teach(TEXT, "mine", state, Wanted("prey"))
    return state


@pytest.fixture
def two(home: Site, taught_twice: Path) -> Site:
    shutil.copytree(taught_twice, home.folder, dirs_exist_ok=True)
    return home


def test_a_head_on_trial_is_held_back_until_its_trial_speaks_for_it(two):
    program = two.program(Scope.ADMIN)
    compared = program.get(f"{HERE}/heads/prey/versions/2/comparison").json()
    assert "0 visits are labelled since the trial began" in compared["objection"]
    address = f"{HERE}/heads/prey/versions/2/activate"
    refused = program.post(address, json={})
    assert refused.status_code == 409
    assert "10 are needed" in refused.json()["detail"]
    assert program.post(address, json={"anyway": True}).json()["active"] == "2"
    back = program.post(f"{HERE}/heads/prey/rollback")
    assert (back.status_code, back.json()["active"], back.json()["withdrawn"][0]["version"]) == (
        200,
        "1",
        "2",
    )
    assert program.post(f"{HERE}/heads/prey/rollback").status_code == 409, "there is nothing before it"


def test_a_trial_is_begun_and_ended(two):
    program = two.program(Scope.ADMIN)
    trial = f"{HERE}/heads/prey/versions/2/trial"
    assert program.delete(trial).json()["shadow"] is None
    assert program.delete(trial).status_code == 409
    assert program.post(trial).json()["shadow"] == "2"
    assert program.post(f"{HERE}/heads/prey/versions/1/trial").status_code == 409, "it is in use"
    assert program.post(f"{HERE}/heads/prey/versions/7/trial").status_code == 404
    assert program.get(f"{HERE}/heads/prey/versions/7/evaluation").status_code == 404
    assert program.get(f"{HERE}/heads/prey/versions/..%2F/evaluation").status_code == 404


def test_a_higher_threshold_comes_into_force_as_a_version_and_a_lower_one_is_refused(two):
    program = two.program(Scope.ADMIN)
    (prey, _) = program.get(f"{HERE}/heads").json()
    own = prey["versions"][0]["thresholds"]["day"]["needed"]
    address = f"{HERE}/heads/prey/thresholds"
    lower = program.post(address, json={"day": own - 0.2})
    assert lower.status_code == 409
    assert "promise" in lower.json()["detail"]
    assert "never be reached" in program.post(address, json={"day": 900.0}).json()["detail"]
    assert program.post(address, json={}).status_code == 422
    now = program.post(address, json={"day": own + 1.5}).json()
    assert (now["active"], now["before"][-1]["version"]) == ("3", "1")
    raised = next(each for each in now["versions"] if each["version"] == "3")
    assert raised["thresholds"]["day"]["needed"] == pytest.approx(own + 1.5)
    assert raised["thresholds"]["infrared"] == prey["versions"][0]["thresholds"]["infrared"]
    told = program.get(f"{HERE}/heads/prey/versions/3/evaluation").json()
    assert told["raised_from"] == "prey/1"
    assert told["thresholds"]["day"]["threshold"] == pytest.approx(own + 1.5)
    standing = registry.read(two.folder / "models", "prey")
    assert standing and standing.before[-1].why == "stricter by choice"


CHANGES: list[Callable[[TestClient], Any]] = [
    lambda program: program.post(f"{HERE}/lessons", json={"task": "prey"}),
    lambda program: program.post(f"{HERE}/errand/stop"),
    lambda program: program.post(f"{HERE}/heads/prey/rollback"),
    lambda program: program.post(f"{HERE}/heads/prey/thresholds", json={"day": 5}),
    lambda program: program.post(f"{HERE}/heads/prey/versions/1/activate", json={}),
    lambda program: program.post(f"{HERE}/heads/prey/versions/1/trial"),
    lambda program: program.delete(f"{HERE}/heads/prey/versions/1/trial"),
    lambda program: program.post(f"{HERE}/import", content=b"PK"),
    lambda program: program.get(f"{HERE}/export"),
    lambda program: program.post(
        "/api/v1/animals/proposal", json={"text": "", "animal": "a", "change": "curfew"}
    ),
    lambda program: program.post("/api/v1/gallery", json={"name": "a"}),
    lambda program: program.delete("/api/v1/gallery/a"),
    lambda program: program.post("/api/v1/gallery/a/animals/b", content=b"x"),
    lambda program: program.delete("/api/v1/gallery/a/animals/b"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_who_may_not_administer_changes_nothing(home, change):
    for scope in (Scope.READ, Scope.ACT):
        answer = change(home.program(scope))
        assert (answer.status_code, '"admin"' in answer.json()["detail"]) == (403, True)


def test_a_clock_that_is_not_set_is_told(home, monkeypatch):
    monkeypatch.setattr(type(home.clock), "wall", lambda _: None)
    answer = home.program().get(f"{HERE}/queue")
    assert (answer.status_code, "clock" in answer.json()["detail"]) == (503, True)
