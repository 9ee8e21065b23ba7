"""Paths: where animals walked and waited, when they came, whether as many went in as out."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.messages import Box, Heading, MeterReading, VisitKind
from device.tell import database
from device.tell.curves import curves
from device.tell.hours import hours
from device.tell.keeping import StoreSink
from device.tell.paths import COLUMNS, ROWS, cell_of, heat, path, path_of
from device.tell.records import Records
from device.tell.store import Store
from device.tell.teller import Teller
from device.tell.wanted import Wanted
from tests.making import BERLIN, OWN_CLEAN, OWN_WITH_PREY, empty, frames, policy, sighting, steady, wall
from tests.served import Site, ended, site

LEFT, RIGHT = Box(0.0, 0.2, 0.1, 0.3), Box(0.9, 0.7, 0.1, 0.3)


def at(box: Box, time: float, track: int = 1, seen: bool = True):
    made = sighting(time=time)
    return replace(made, track=replace(made.track, id=track, box=box, time=time, seen=seen))


def seconds(*stays: bytes) -> dict[int, float]:
    return {cell: each for cell, each in enumerate(heat(stays)) if each}


def test_an_animal_heats_the_cell_where_its_feet_stand_for_as_long_as_it_stands_there():
    walked = path([at(LEFT, 0.0), at(LEFT, 0.5), at(RIGHT, 1.0), at(RIGHT, 1.5)])
    assert seconds(walked) == {cell_of(LEFT): 1.0, cell_of(RIGHT): 1.0}
    assert cell_of(LEFT) == 12 * COLUMNS + 1 and cell_of(RIGHT) == (ROWS - 1) * COLUMNS + COLUMNS - 2


def test_nobody_stands_where_nobody_was_seen_for_long():
    away = path([at(LEFT, 0.0), at(LEFT, 0.2), at(LEFT, 0.4), at(RIGHT, 60.0), at(RIGHT, 60.2)])
    assert seconds(away)[cell_of(LEFT)] == pytest.approx(2.4)
    assert path([at(LEFT, 0.0, seen=False)]) == b""


def test_two_animals_of_a_visit_walk_each_its_own_way():
    both = path([at(LEFT, 0.0), at(RIGHT, 0.1, track=2), at(LEFT, 1.0), at(RIGHT, 1.1, track=2)])
    assert seconds(both) == {cell_of(LEFT): 2.0, cell_of(RIGHT): 2.0}


def test_what_is_damaged_adds_nothing():
    assert path_of(b"\x63rubbish") == b""
    assert seconds(b"\x01", b"\xff\xff\x01\x00", b"") == {}


def reading(value: float, frames: int) -> MeterReading:
    return MeterReading("mouth empty", value, 4.0, -4.0, frames, None)


def test_a_curve_tells_the_frames_that_moved_its_meter_and_not_a_new_attempt():
    values = [(1.0, 1), (1.1, 2), (4.5, 3), (4.2, 3), (0.0, 0), (-2.0, 1)]
    kept = [(at(LEFT, float(place)), [reading(*each)]) for place, each in enumerate(values)]
    (curve,) = curves([*kept, (at(LEFT, 9.0), [])])
    assert curve.values == (1.0, 1.1, 4.5, 4.2, 0.0, -2.0, None)
    assert curve.moved == (2, 5, 0)


@pytest.fixture
def home(tmp_path) -> Site:
    """Four visits: two in, one out, one refused; and a person."""
    made = site(tmp_path)
    visits = [
        ended(1),
        ended(2, direction=Heading.OUT),
        ended(3, who="stranger", kind=VisitKind.DENY),
        ended(4, started_wall=None),
        ended(5, species="person", who=None),
    ]
    store = Store(made.folder)
    store.add(visits, evidence={each.id: [at(LEFT, 0.0), at(LEFT, 1.0)] for each in visits})
    store.close()
    return made


def ask(home: Site, **query: object):
    answer = home.program().get("/api/v1/paths", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_paths_are_added_up_and_directions_balanced(home):
    said = ask(home)
    assert said["visits"] == 4 and said["undated"] == 1
    assert said["heat"]["visits"] == 4 and sum(said["heat"]["seconds"]) == 8.0
    assert said["balance"] == {"came_in": 2, "went_out": 1, "stayed": 1}
    assert said["animals"]["stranger"] == {"came_in": 0, "went_out": 0, "stayed": 1}
    assert sum(map(sum, said["hours"])) == 3
    assert said["hours"][4][9] == 1  # 1,800,003,600 is Friday, 15 January 2027, 9:00 UTC


def test_paths_are_asked_for_by_animal_and_time(home):
    assert ask(home, animal="stranger")["visits"] == 1
    assert ask(home, since="2027-01-15T09:30:00Z", until="2027-01-15T10:30:00Z")["visits"] == 1
    assert ask(home, animal="nobody")["balance"] == {"came_in": 0, "went_out": 0, "stayed": 0}


@given(st.lists(st.floats(0, 4e9), max_size=50), st.sampled_from([BERLIN, UTC, ZoneInfo("Asia/Kathmandu")]))
@steady
def test_hours_are_those_of_the_local_clock_also_when_it_changes(walls, zone):
    changes = [wall("2026-10-25 00:00") + minutes * 60 for minutes in range(0, 24 * 60, 20)]
    expected = [[0] * 24 for _ in range(7)]
    for each in (*walls, *changes):
        local = datetime.fromtimestamp(each, zone)
        expected[local.weekday()][local.hour] += 1
    assert hours([*walls, *changes], zone) == tuple(map(tuple, expected))


def test_a_path_goes_with_its_visit(home):
    with closing(sqlite3.connect(home.folder / database.NAME)) as direct, direct:
        direct.execute("PRAGMA foreign_keys = ON")
        direct.execute("DELETE FROM visits WHERE who = 'stranger'")
    with Records(home.folder) as records:
        assert len(records.paths(Wanted(), 100)) == 4


def test_the_story_of_a_visit_tells_how_the_meters_rose_at_each_of_its_frames(tmp_path):
    """Decided and told as on a device: the meters are those of the decisions, not reckoned again."""
    home, door = site(tmp_path), policy()
    told = Teller([StoreSink(Store(home.folder))], threaded=False, meters=door.meters_by_track)
    for each in [*frames(1.0, 1.0, *OWN_WITH_PREY), *frames(2.0, 3.0, *OWN_CLEAN), *empty(5.0, 8.0)]:
        told.publish(None, each, door.decide(each))
    told.close()
    story = home.program().get("/api/v1/visits/visit-1").json()
    curve = next(each for each in story["curves"] if each["name"] == "mouth empty")
    assert len(curve["values"]) == len(story["sightings"]) == 40
    assert min(curve["values"]) < curve["refuted"] and max(curve["values"]) > curve["needed"]
    assert len(curve["moved"]) == 3
    assert story["rule"] is None and story["visit"]["rule"] == "prey"


def test_the_story_of_a_visit_tells_the_rule_that_decided_as_it_is_written(home):
    store = Store(home.folder)
    store.add([ended(1, rule="my cat")])
    store.close()
    assert home.program().get("/api/v1/visits/0a1b2c3d-1").json()["rule"] == {
        "name": "my cat",
        "conditions": {"who": "own", "direction": "in"},
        "then": "unlock",
        "minutes": 0.0,
    }
