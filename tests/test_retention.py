"""What is kept for how long: evidence goes first, labelled visits never, and nobody waits for it."""

from dataclasses import replace

import pytest

from device.learn.album_reader import AlbumReader
from device.messages import Event, VisitPhase
from device.tell.health import Health, State
from device.tell.records import Records
from device.tell.retention import AT_ONCE, DAY_S, Retention, RetentionSink
from device.tell.rounds import disk
from device.tell.sink import Told
from device.tell.store import Store
from tests.test_journal import idle_pass, seen, visit

NOW = 1.8e9


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path)
    yield made
    made.close()


def keep(store, *ages, phase=VisitPhase.END):
    """A visit of each age in days, with a frame of evidence and an event."""
    walls = {f"v-{age}": NOW - age * DAY_S for age in ages}
    visits = [replace(visit(id=name), started_wall=wall, phase=phase) for name, wall in walls.items()]
    events = [Event(1.0, wall, "alert", "look", visit=name) for name, wall in walls.items()]
    store.add(visits, events, {name: [seen(1.0)] for name in walls})


def left(folder):
    with Records(folder) as records:
        visits = {each.id for each in records.visits()}
        return visits, {each for each in visits if records.evidence(each)}, len(records.events())


def test_evidence_is_forgotten_before_the_visit(store, tmp_path):
    keep(store, 1, 70, 800)
    forgotten = Retention(store, 60, 730).forget(NOW)
    assert (forgotten.evidence, forgotten.visits) == (2, 1)
    assert left(tmp_path) == ({"v-1", "v-70"}, {"v-1"}, 2)


def test_labelled_visits_are_kept_whole_whatever_their_age(store, tmp_path):
    keep(store, 70, 800, 900)
    Retention(store, 60, 730, precious=lambda: {"v-70", "v-800"}).forget(NOW)
    assert left(tmp_path)[:2] == ({"v-70", "v-800"}, {"v-70", "v-800"})


def test_a_visit_counts_as_labelled_through_what_was_said_of_it_or_of_a_view_of_it(store, tmp_path):
    example = ("x-1", "v-2", 0, "backbone", b"", "a.jpg")
    labels = [("visit", "v-1", "who", "mimi", "me"), ("example", "x-1", "prey", "clean", "me")]

    def write(connection):
        names = "id, visit, infrared, backbone, codes, file"
        connection.execute(f"INSERT INTO examples ({names}) VALUES (?, ?, ?, ?, ?, ?)", example)
        connection.executemany(
            "INSERT INTO labels (about, subject, task, label, by) VALUES (?, ?, ?, ?, ?)", labels
        )

    store.write(write)
    with AlbumReader(tmp_path) as album:
        assert album.labelled() == {"v-1", "v-2"}


def test_visits_without_a_date_and_those_that_last_are_kept(store, tmp_path):
    store.add([replace(visit(id="undated"), started_wall=None)], evidence={"undated": [seen(1.0)]})
    keep(store, 900, phase=VisitPhase.UPDATE)
    Retention(store, 1000, 730).forget(NOW)
    assert left(tmp_path)[:2] == ({"undated", "v-900"}, {"undated", "v-900"})


def test_much_is_forgotten_in_pieces_and_then_not_again_before_tomorrow(store, tmp_path):
    keep(store, *(800 + number / 1000 for number in range(AT_ONCE + 10)))
    sink = RetentionSink(Retention(store, 60, 730))
    for time, remain in ((0.0, 10), (0.5, 10), (1.0, 0)):
        observation, decision = idle_pass(time)
        sink.tell([Told(replace(observation, wall=NOW), decision)])
        assert len(left(tmp_path)[0]) == remain
    keep(store, 900)
    observation, decision = idle_pass(3600.0)
    sink.tell([Told(replace(observation, wall=NOW), decision)])
    assert left(tmp_path)[0] == {"v-900"}
    sink.tell([Told(replace(observation, time=1.0 + DAY_S, wall=NOW), decision)])
    assert left(tmp_path)[0] == set()


def test_while_somebody_is_there_or_the_clock_is_unset_nothing_is_forgotten(store, tmp_path):
    keep(store, 900)
    sink = RetentionSink(Retention(store, 60, 730))
    observation, decision = idle_pass(0.0)
    sink.tell([])
    sink.tell([Told(observation, decision)])
    sink.tell([Told(replace(observation, wall=NOW, sightings=(seen(),)), decision)])
    assert left(tmp_path)[0] == {"v-900"}


@pytest.mark.parametrize(("free", "state"), [(300, State.OK), (199, State.WARNING), (19, State.FAULT)])
def test_a_disk_that_fills_up_is_told(tmp_path, free, state):
    health = Health()
    sink = disk(health, tmp_path, 200, free=lambda _: free)
    sink.tell([Told(*idle_pass(1.0))])
    assert health.report()[0].state is state


def test_the_disk_is_looked_at_once_a_minute(tmp_path):
    looks = []
    sink = disk(Health(), tmp_path, 0, free=lambda _: looks.append(1) or 10**9)
    for time in range(180):
        sink.tell([Told(*idle_pass(float(time)))])
    assert len(looks) == 3
