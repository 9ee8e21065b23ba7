"""Labels and boxes over the API: what is said holds, what was said stays, and all of it reaches learning."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from device.exporting import hand_on
from device.learn.album import Album, Said
from device.learn.album_reader import AlbumReader
from device.messages import MeterReading
from device.tell.snapshots import picture_path
from device.tell.store import Store
from device.web.caller import Scope
from tests.served import Site, ended, site

PROVEN = MeterReading("mouth empty", 5.2, 4.0, -4.0, 12, True)
CAT = {"left": 0.1, "top": 0.2, "width": 0.3, "height": 0.4, "label": "cat"}


@pytest.fixture
def home(tmp_path) -> Site:
    """A device with three visits, of which the first has a picture and no collected views."""
    made = site(tmp_path)
    visits = [
        ended(1, who="chelsea", evidence=(PROVEN,)),
        ended(2, who=None, reason="waiting: mouth not seen; needed 4.0, reached 2.7"),
        ended(3, who="stranger", reason="waiting: mouth not seen; needed 4.0, reached 1.1"),
    ]
    store = Store(made.folder)
    store.add(visits)
    store.close()
    path = picture_path(made.folder / "pictures", visits[0], 1)
    path.parent.mkdir(parents=True)
    path.write_bytes(cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes())
    yield made
    made.app.state.writing.close()


def say(home: Site, visit: int, scope: Scope = Scope.ACT, **labels: str | None):
    return home.program(scope).post(f"/api/v1/visits/0a1b2c3d-{visit}/labels", json={"labels": labels})


def found(home: Site, **query: object) -> list[str]:
    answer = home.program().get("/api/v1/visits", params=query)
    assert answer.status_code == 200, answer.text
    return [each["id"].rpartition("-")[2] for each in answer.json()["visits"]]


def test_whoever_finds_the_door_right_says_what_it_had_proven(home):
    assert say(home, 1, decision="right").json()["labels"] == {
        "decision": "right",
        "who": "chelsea",
        "prey": "clean",
    }


def test_wrong_after_right_takes_back_what_right_implied_and_nothing_else(home):
    say(home, 1, who="stranger")
    home.clock.time += 1
    say(home, 1, decision="right", who="stranger")
    home.clock.time += 1
    assert say(home, 1, decision="wrong").json()["labels"] == {"decision": "wrong", "who": "stranger"}


def test_an_undo_makes_good_exactly_what_held_before(home):
    say(home, 1, prey=None, who="stranger")
    before = say(home, 1, species="cat").json()["labels"]
    home.clock.time += 1
    answer = say(home, 1, decision="right").json()
    assert answer["labels"] != before
    assert say(home, 1, **answer["undo"]).json()["labels"] == before
    history = home.program().get("/api/v1/visits/0a1b2c3d-1/labels").json()["history"]
    assert [each["label"] for each in history if each["task"] == "decision"] == ["right", None]
    assert {each["by"] for each in history} == {"act-program"}


def test_a_visit_without_collected_views_is_labelled_by_its_picture(home, tmp_path):
    say(home, 1, who="chelsea", prey="clean")
    with AlbumReader(home.folder) as reader:
        (picture,) = reader.pictures()
        assert picture.labels == {"who": "chelsea", "prey": "clean"}
        assert hand_on(reader, tmp_path / "out", "coco", made="").pictures == 1


def test_boxes_are_drawn_corrected_deleted_and_handed_on(home, tmp_path):
    address = "/api/v1/visits/0a1b2c3d-1/snapshots/1/boxes"
    program = home.program(Scope.ACT)
    assert program.get(address).json() == {"boxes": [], "by": None, "wall": None}
    assert program.put(address, json={"boxes": [CAT, {**CAT, "label": "prey"}]}).status_code == 200
    corrected = {**CAT, "width": 0.35}
    drawn = program.put(address, json={"boxes": [corrected]}).json()
    assert drawn["boxes"] == [pytest.approx(corrected)] and drawn["by"] == "act-program"
    with AlbumReader(home.folder) as reader:
        hand_on(reader, tmp_path / "out", "csv", made="")
        (picture,) = reader.pictures()
        assert [box.label for box in picture.boxes] == ["cat"]
        assert reader.precious() == {"0a1b2c3d-1"} and not reader.labelled()
    assert program.put(address, json={"boxes": []}).json()["boxes"] == []


@pytest.mark.parametrize(
    "labels",
    [
        {"prey": "mouse"},
        {"who": "nobody's cat"},
        {"decision": "perhaps"},
        {"": "x"},
        {"who": ""},
        {},
        {"who": 5},
        {"\ud800": "x"},
        {"who": "\ud800"},
        {"x" * 500: "y"},
    ],
)
def test_what_makes_no_sense_is_a_problem_and_changes_nothing(home, labels):
    answer = home.program(Scope.ACT).post(
        "/api/v1/visits/0a1b2c3d-1/labels",
        content=json.dumps({"labels": labels}),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert home.program().get("/api/v1/visits/0a1b2c3d-1/labels").json()["history"] == []


@pytest.mark.parametrize(
    "box",
    [
        {"left": 0.9},
        {"width": 0.0},
        {"top": -0.1},
        {"height": "nan"},
        {"label": "mouse trap"},
        {"left": 1e999},
    ],
)
def test_a_box_that_leaves_the_picture_or_names_nothing_is_refused(home, box):
    answer = home.program(Scope.ACT).put(
        "/api/v1/visits/0a1b2c3d-1/snapshots/1/boxes",
        content=json.dumps({"boxes": [{**CAT, **box}]}),
    )
    assert answer.status_code == 422, answer.text


def test_a_picture_or_visit_that_is_not_there_is_not_labelled(home):
    program = home.program(Scope.ACT)
    assert (
        program.put("/api/v1/visits/0a1b2c3d-2/snapshots/1/boxes", json={"boxes": [CAT]}).status_code == 404
    )
    assert program.post("/api/v1/visits/x/labels", json={"labels": {"who": "chelsea"}}).status_code == 404


def test_a_viewer_may_look_at_labels_but_not_say_anything(home):
    assert say(home, 1, scope=Scope.READ, who="chelsea").status_code == 403
    boxes = "/api/v1/visits/0a1b2c3d-1/snapshots/1/boxes"
    assert home.program().put(boxes, json={"boxes": []}).status_code == 403
    assert home.program().get(boxes).status_code == 200
    assert home.program().get("/api/v1/visits/0a1b2c3d-1/labels").status_code == 200


def test_visits_are_found_by_what_was_said_of_them(home):
    say(home, 1, decision="wrong", who="stranger")
    say(home, 3, who="chelsea")
    say(home, 2, who="chelsea")
    say(home, 2, who=None)
    assert found(home, labelled=True) == ["3", "1"]
    assert found(home, labelled=False) == ["2"]
    assert found(home, label="who=chelsea") == ["3"]
    assert found(home, label=["who=stranger", "decision=wrong"]) == ["1"]
    assert found(home, label=["who=stranger", "decision=right"]) == []
    assert found(home, label="who=chelsea", labelled=False) == []
    assert found(home, label="who=chelsea", labelled=True, animal="stranger", kind="TRANSIT") == ["3"]
    cards = home.program().get("/api/v1/visits").json()["cards"]
    assert cards["0a1b2c3d-1"]["labels"] == {"decision": "wrong", "who": "stranger"}
    assert cards["0a1b2c3d-1"]["picture"] == "/api/v1/visits/0a1b2c3d-1/snapshots/1"
    assert cards["0a1b2c3d-2"] == {"picture": None, "clip": None, "labels": {}}


def test_visits_are_found_by_the_words_of_their_reason_whatever_its_numbers(home):
    assert found(home, text="MOUTH not") == ["3", "2"]
    assert found(home, text="reached 9.9") == ["3", "2"]
    assert found(home, text=["nowhere", "one of ours"]) == ["1"]
    assert found(home, text="nowhere") == []
    assert found(home, text="%") == []
    assert home.program().get("/api/v1/reasons").json() == [
        "one of ours, mouth empty",
        "waiting: mouth not seen; needed #, reached #",
    ]


def test_a_label_outlives_what_the_device_writes_of_the_visit_later(home):
    say(home, 1, who="stranger")
    store = Store(home.folder)
    store.add([ended(1, frames=99)])
    store.close()
    assert found(home, label="who=stranger") == ["1"]


def test_labels_given_on_the_command_line_are_found_too(home):
    store = Store(home.folder)
    Album(store).say([Said("visit", "0a1b2c3d-2", "who", "chelsea", "owner", None)])
    store.close()
    assert found(home, label="who=chelsea") == ["2"]


def test_the_vocabulary_names_the_household(home):
    said = home.program().get("/api/v1/vocabulary").json()
    assert said["labels"]["who"][-1] == "stranger" and "chelsea" in said["labels"]["who"]
    assert "cat" in said["boxes"] and "chelsea" in said["boxes"]


def test_a_picture_is_sent_as_small_as_it_is_asked_for(home):
    address = "/api/v1/visits/0a1b2c3d-1/snapshots/1"
    for width, expected in ((32, (24, 32)), (64, (48, 64)), (1920, (48, 64))):
        sent = np.frombuffer(home.program().get(address, params={"width": width}).content, np.uint8)
        assert cv2.imdecode(sent, cv2.IMREAD_COLOR).shape[:2] == expected
    assert home.program().get(address, params={"width": 4}).status_code == 422
