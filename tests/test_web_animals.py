"""Animals over the API: the household with its rules, unknown visitors and their names, galleries."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from device.learn.album import Album, View
from device.learn.album_reader import AlbumReader
from device.learn.dataset import packed
from device.learn.similarity import shipped
from device.messages import Decision, Outcome, Place, Whereabouts
from device.tell.store import Store
from device.visitors import named_strangers, unknown_visitors
from device.web.caller import Scope
from tests.served import TEXT, Site, ended, site
from tests.test_visitors import like

HERE = "/api/v1/animals"
GINGER, GREY = (40, 110, 200), (120, 120, 120)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Site]:
    """A device to which a ginger stranger came three times, a grey one twice, and one of its own once."""
    made = site(tmp_path)
    with closing(Store(made.folder)) as store:
        album = Album(store)
        for number, animal in enumerate([1, 2, 1, 2, 1, 3], 1):
            who = "chelsea" if animal == 3 else None
            visit = replace(ended(number), who=who)
            store.add([visit])
            file = f"{visit.id}.jpg"
            cv2.imwrite(
                str(made.folder / file), np.full((40, 40, 3), GINGER if animal == 1 else GREY, np.uint8)
            )
            codes = packed(like(animal, number))
            album.take(
                visit.id,
                [View(f"{visit.id}-1", visit.id, visit.started_wall, False, shipped().backbone, codes, file)],
            )
    yield made
    made.app.state.errands.close()
    made.app.state.writing.close()


def groups(home: Site) -> list[tuple[str, int]]:
    found = home.program().get(f"{HERE}/unknown").json()["groups"]
    return [(each["called"], len(each["visits"])) for each in found]


def name(home: Site, **wanted: object):
    return home.program(Scope.ACT).post(f"{HERE}/unknown/name", json=wanted)


def test_unknown_visitors_come_grouped_with_pictures_and_their_last_visit(home):
    assert groups(home) == [("ginger one", 3), ("grey one", 2)]
    ginger = home.program().get(f"{HERE}/unknown").json()["groups"][0]
    assert ginger["last_wall"] == ended(5).started_wall
    assert home.program().get(ginger["pictures"][0]).status_code == 200


def test_naming_a_group_as_an_own_animal_labels_its_visits(home):
    ginger = home.program().get(f"{HERE}/unknown").json()["groups"][0]["visits"]
    assert name(home, visits=ginger, who="chelsea").json() == {"visits": 3}
    assert groups(home) == [("grey one", 2)]
    (chelsea,) = home.program().get(HERE).json()["animals"]
    assert (chelsea["name"], chelsea["visits"], len(chelsea["pictures"])) == ("chelsea", 3, 3)
    with AlbumReader(home.folder) as album:
        assert album.history("visit", ginger[0])[-2].by == "act-program"
    assert name(home, visits=ginger, who=None).status_code == 200
    assert groups(home)[0] == ("ginger one", 3), "it was taken back"


def test_a_stranger_with_a_name_counts_as_one_and_is_unknown_no_more(home):
    ginger = home.program().get(f"{HERE}/unknown").json()["groups"][0]["visits"]
    assert name(home, visits=ginger, who="stranger", stranger="Rusty").status_code == 200
    assert groups(home) == [("grey one", 2)]
    (rusty,) = home.program().get(HERE).json()["strangers"]
    assert (rusty["name"], rusty["visits"], len(rusty["pictures"])) == ("Rusty", ginger, 3)
    assert [each.name for each in named_strangers(home.folder)] == ["Rusty"]
    assert len(unknown_visitors(home.folder)) == 1
    (_, who) = home.program().get("/api/v1/learning/stock").json()["tasks"]
    assert who["promises"][0]["n"] == 1


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"who": "rex"}, "rex"),
        ({"who": "stranger", "stranger": "chelsea"}, "one of yours"),
        ({"who": "chelsea", "stranger": "Rusty"}, "only a stranger"),
        ({"who": "stranger", "stranger": "<b>"}, "stranger"),
        ({"who": "chelsea", "visits": ["nobody"]}, "no visit"),
        ({"who": "chelsea", "visits": []}, "visits"),
    ],
)
def test_a_name_that_does_not_fit_is_refused_and_nothing_is_said(home, wanted, why):
    answer = name(home, **{"visits": ["0a1b2c3d-1"], **wanted})
    assert (answer.status_code, why in answer.json()["detail"]) == (422, True), answer.text
    assert len(groups(home)) == 2


def test_a_viewer_names_nobody(home):
    answer = home.program().post(f"{HERE}/unknown/name", json={"visits": ["0a1b2c3d-1"], "who": "chelsea"})
    assert answer.status_code == 403


def test_the_household_is_told_with_places_and_rules(home):
    here = {"chelsea": Whereabouts(Place.OUT, 90.0, 1_800_000_090.0)}
    home.look(Decision(100.0, Outcome.UNDECIDED, "", "", whereabouts=here))
    found = home.program().get(HERE).json()
    (chelsea,) = found["animals"]
    assert (chelsea["place"], chelsea["seen_wall"], found["blocks"]) == ("out", 1_800_000_090.0, "in")
    assert "my cat" in [each["name"] for each in chelsea["rules"]]
    assert all(each["kind"] is None for each in chelsea["rules"])


def test_a_change_of_rules_is_proposed_checked_and_saved_as_the_project_file(home):
    program = home.program(Scope.ADMIN)
    before = program.get("/api/v1/configuration").json()
    wanted = {
        "text": before["text"],
        "animal": "chelsea",
        "change": "curfew",
        "start": "21:30",
        "end": "05:00",
    }
    proposed = program.post(f"{HERE}/proposal", json={**wanted, "days": ["fri"]}).json()["text"]
    assert home.appliance.path and home.appliance.path.read_text() == TEXT, "nothing is saved yet"
    rule = next(each for each in tomllib.loads(proposed)["rule"] if each["name"] == "curfew of chelsea")
    assert rule["window"] == {"from": "21:30", "to": "05:00", "days": ["fri"]}
    assert program.post("/api/v1/configuration/check", json={"text": proposed}).json()["valid"]
    saved = program.put("/api/v1/configuration", json={"text": proposed, "replaces": before["sha256"]})
    assert saved.status_code == 200
    undone = program.post(f"{HERE}/proposal", json={**wanted, "text": proposed, "apply": False}).json()[
        "text"
    ]
    assert tomllib.loads(undone)["rule"] == tomllib.loads(TEXT)["rule"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"change": "stays out"}, "chelsea stays out"),
        ({"change": "lockout", "minutes": 20}, "chelsea with prey"),
        ({"change": "new animal", "animal": "tom", "chip": "276098102345678"}, "tom"),
    ],
)
def test_each_change_gives_a_file_that_the_device_would_start_with(home, change, expected):
    program = home.program(Scope.ADMIN)
    text = program.post(f"{HERE}/proposal", json={"text": TEXT, "animal": "chelsea", **change}).json()["text"]
    assert expected in text
    assert program.post("/api/v1/configuration/check", json={"text": text}).json()["valid"]


@pytest.mark.parametrize(
    "change",
    [{"start": "25:00"}, {"days": ["caturday"]}, {"text": "["}, {"change": "new animal"}, {"minutes": 0}],
)
def test_a_change_that_cannot_be_made_is_told(home, change):
    wanted = {"text": TEXT, "animal": "chelsea", "change": "curfew", **change}
    assert home.program(Scope.ADMIN).post(f"{HERE}/proposal", json=wanted).status_code == 422


# Galleries


def test_a_gallery_is_begun_listed_and_deleted(home):
    program, address = home.program(Scope.ADMIN), "/api/v1/gallery"
    assert program.post(address, json={"name": "cats"}).status_code == 201
    assert program.post(address, json={"name": "cats"}).status_code == 409
    assert program.post(address, json={"name": "../cats"}).status_code == 422
    assert program.get(address).json()["collections"] == [
        {"name": "cats", "created": home.clock.wall(), "animals": {}, "fault": ""}
    ]
    assert program.get(f"{address}/cats").json()["Faces"] == []
    assert program.get(f"{address}/cats", params={"cursor": "nonsense"}).status_code == 422
    assert program.delete(f"{address}/cats/animals/mimi").status_code == 404
    assert program.delete(f"{address}/cats").status_code == 200
    assert program.get(f"{address}/cats").status_code == 404


def test_a_picture_without_an_animal_is_told_and_one_that_is_none_is_refused(home):
    program, address = home.program(Scope.ADMIN), "/api/v1/gallery/cats"
    program.post("/api/v1/gallery", json={"name": "cats"})
    empty = cv2.imencode(".jpg", np.zeros((200, 200, 3), np.uint8))[1].tobytes()
    assert program.post(f"{address}/animals/mimi", content=empty).json()["FaceRecords"] == []
    nobody = program.post(f"{address}/search", content=empty)
    assert (nobody.status_code, "no animal was found" in nobody.json()["detail"]) == (422, True)
    assert program.post(f"{address}/search", content=b"x").status_code == 422
    assert program.post(f"{address}/search", content=b"").status_code == 422
    assert program.post("/api/v1/gallery/dogs/search", content=empty).status_code == 404


def test_a_damaged_gallery_is_told_and_the_others_are_shown(home):
    program = home.program(Scope.ADMIN)
    program.post("/api/v1/gallery", json={"name": "cats"})
    (home.folder / "galleries" / "dogs.json").write_text("{")
    cats, dogs = program.get("/api/v1/gallery").json()["collections"]
    assert (cats["fault"], "is damaged" in dogs["fault"]) == ("", True)
