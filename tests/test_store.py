"""The store: what was written is found again, and a bad disk or file gets a clear answer."""

import csv
import io
import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import StoreError
from device.messages import Event, Mode, Outcome, Settings, VisitKind, VisitPhase
from device.tell import database, wire
from device.tell.records import COLUMNS, Records, visit_document, visits_csv
from device.tell.settings import LOST, MARKER, StoredSettings, ever_enforced, recovered
from device.tell.store import Store
from device.tell.wanted import Wanted
from tests.test_journal import seen, visit


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path)
    yield made
    made.close()


def damage(folder):
    """Overwrite the middle of the database, where its tables are."""
    path = folder / database.NAME
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    path.write_bytes(content)


def test_a_visit_is_found_as_it_was_written(store, tmp_path):
    store.add(visits=[visit()], events=[Event(1.0, None, "alert", "look", "critical", "a-1")])
    with Records(tmp_path) as records:
        assert records.visit("a-1") == visit()
        assert records.visits() == [visit()]
        assert records.events(visit="a-1") == [Event(1.0, None, "alert", "look", "critical", "a-1")]
        assert records.events(visit="b") == []


def test_a_visit_written_again_is_updated_and_keeps_its_place(store, tmp_path):
    ended = visit(kind=VisitKind.TRANSIT, phase=VisitPhase.END)
    store.add(visits=[visit()], evidence={"a-1": [seen()]})
    store.add(visits=[visit(id="a-2")])
    store.add(visits=[ended])
    with Records(tmp_path) as records:
        assert records.visits() == [visit(id="a-2"), ended]
        assert records.evidence("a-1") == [seen()]


def test_the_evidence_of_a_visit_is_replaced_as_a_whole(store, tmp_path):
    store.add(visits=[visit()], evidence={"a-1": [seen(2.0), seen(1.0)]})
    store.add(evidence={"a-1": [seen(3.0), seen(1.5)]})
    with Records(tmp_path) as records:
        assert records.evidence("a-1") == [seen(1.5), seen(3.0)]


def test_visits_are_listed_newest_first_and_chosen(store, tmp_path):
    whos = ["mimi", None, "tom", "mimi"]
    for number, who in enumerate(whos):
        outcome = Outcome.UNLOCK if who else Outcome.KEEP_LOCKED
        store.add(visits=[visit(id=f"v{number}", who=who, outcome=outcome, kind=VisitKind.PEEK)])
    with Records(tmp_path) as records:
        assert [each.id for each in records.visits()] == ["v3", "v2", "v1", "v0"]
        assert [each.id for each in records.visits(limit=2, before="v3")] == ["v2", "v1"]
        assert [each.id for each in records.visits(animal="mimi")] == ["v3", "v0"]
        assert [each.id for each in records.visits(outcome="keep locked", kind="PEEK", species="cat")] == [
            "v1"
        ]
        assert records.visits(before="nobody") == []
        with pytest.raises(StoreError, match="there is no visit 'x'; `latchlens visits list` shows them"):
            records.visit("x")


def test_a_table_of_visits_has_a_row_for_each():
    rows = list(csv.DictReader(io.StringIO(visits_csv([visit(), visit(id="b", started_wall=None)]))))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["started_utc"] == "2023-11-14T22:13:20Z"
    assert (rows[1]["id"], rows[1]["started_utc"], rows[1]["reason"]) == ("b", "", "mimi, mouth empty")


def test_the_document_of_a_visit_carries_its_frames_and_pictures(tmp_path):
    document = visit_document(visit(), [seen()], [], [tmp_path / "a-1-1.jpg"])
    assert document["outcome"] == "unlock"
    assert document["sightings"][0]["track"]["label"] == "cat"
    assert document["pictures"] == [str(tmp_path / "a-1-1.jpg")]


def test_nothing_of_a_call_that_fails_is_written(store, tmp_path):
    with pytest.raises(StoreError):
        store.add(visits=[visit()], evidence={"not there": [seen()]})
    with Records(tmp_path) as records:
        assert records.visits() == []


def test_a_committed_visit_survives_the_death_of_the_process(tmp_path):
    program = (
        "import os, sys; from pathlib import Path; from device.tell.store import Store;"
        "from tests.test_journal import visit;"
        "Store(Path(sys.argv[1])).add(visits=[visit()]); os.kill(os.getpid(), 9)"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        check=False,
        cwd=os.fspath(database.MIGRATIONS.parents[2]),
    )
    with Records(tmp_path) as records:
        assert records.visits() == [visit()]


def test_the_disk_is_waited_for_at_every_commit(store):
    assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_database_of_a_newer_version_is_refused(tmp_path):
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / database.NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"written by a newer Latchlens \(version 99.*update Latchlens"):
        Store(tmp_path)


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / database.NAME) as connection:
        connection.execute("CREATE TABLE recipes (cake TEXT)")
    content = (tmp_path / database.NAME).read_bytes()
    with pytest.raises(StoreError, match="a database of another program"):
        Store(tmp_path)
    assert (tmp_path / database.NAME).read_bytes() == content


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path, monkeypatch):
    Store(tmp_path).close()
    scripts = tmp_path / "migrations"
    shutil.copytree(database.MIGRATIONS, scripts)
    known = len(list(scripts.iterdir()))
    (scripts / f"{known + 1:04}_wrong.sql").write_text("CREATE TABLE half (a); CREATE TABLE visits (a);")
    monkeypatch.setattr(database, "MIGRATIONS", scripts)
    with pytest.raises(StoreError, match="already exists"):
        Store(tmp_path)
    monkeypatch.undo()
    with sqlite3.connect(tmp_path / database.NAME) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (known,)
        assert connection.execute("SELECT * FROM sqlite_master WHERE name = 'half'").fetchall() == []


def test_a_damaged_database_is_set_aside_and_a_new_one_begun(tmp_path, caplog):
    with_visits = Store(tmp_path)
    with_visits.add(visits=[visit(id=f"v{number}") for number in range(100)])
    with_visits.close()
    damage(tmp_path)
    damaged = (tmp_path / database.NAME).read_bytes()
    store = Store(tmp_path, wall=1.7e9)
    store.add(visits=[visit()])
    assert store.check() is None
    store.close()
    aside = tmp_path / "latchlens-damaged-1-20231114T221320Z.sqlite"
    assert aside.read_bytes() == damaged
    assert "latchlens-damaged-1-20231114T221320Z.sqlite and a new one begun" in caplog.text


@pytest.mark.parametrize("content", [b"hello, I am no database at all" * 99, b"\x00" * 5000])
def test_a_file_that_is_no_database_is_set_aside_each_under_its_own_name(tmp_path, content):
    for number in (1, 2):
        (tmp_path / database.NAME).write_bytes(content)
        Store(tmp_path).close()
        assert (tmp_path / f"latchlens-damaged-{number}.sqlite").read_bytes() == content


def test_a_state_directory_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="the state directory cannot be made"):
        Store(tmp_path / "file" / "state")


def test_a_database_that_may_only_be_read_is_a_clear_error(tmp_path):
    Store(tmp_path).close()
    store = Store(tmp_path)
    store._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match=r"latchlens\.sqlite: it may only be read; check who owns"):
        store.add(visits=[visit()])
    store.close()


def test_a_full_disk_is_a_clear_error_and_what_was_there_stays(tmp_path):
    store = Store(tmp_path)
    store.add(visits=[visit()])
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StoreError, match="the disk is full; free some space"):
        store.add(visits=[visit(id=f"v{number}") for number in range(200)])
    store._connection.execute("PRAGMA max_page_count = 100000")
    store.add(visits=[visit(id="later")])
    with Records(tmp_path) as records:
        assert [each.id for each in records.visits()] == ["later", "a-1"]
    store.close()


def test_no_database_to_read_is_a_clear_error(tmp_path):
    with pytest.raises(StoreError, match="there is no database yet; name the state directory"):
        Records(tmp_path)


def test_settings_are_those_last_set_and_the_history_stays(store):
    assert store.settings() == {}
    store.set_settings({"mode": "normal", "enforce": "false"}, wall=1.0)
    store.set_settings({"mode": "locked"}, wall=2.0)
    assert store.settings() == {"mode": "locked", "enforce": "false"}
    assert store._connection.execute("SELECT count(*) FROM settings_history").fetchone() == (3,)


def test_settings_survive_a_restart(tmp_path):
    settings = StoredSettings(tmp_path)
    assert settings.current() == Settings()
    settings.set_mode(Mode.IN_ONLY)
    settings.set_enforce(True)
    assert settings.current() == StoredSettings(tmp_path).current() == Settings(Mode.IN_ONLY, True)
    settings.close()


def test_a_setting_made_elsewhere_is_in_force_at_once(tmp_path):
    here, there = StoredSettings(tmp_path), StoredSettings(tmp_path)
    there.set_mode(Mode.LOCKED)
    assert here.current().mode is Mode.LOCKED


def test_a_lost_database_is_noticed_once_enforcing_was_set(tmp_path, caplog):
    settings = StoredSettings(tmp_path)
    settings.set_mode(Mode.UNLOCKED)
    settings.set_enforce(True)
    settings.close()
    (tmp_path / database.NAME).unlink()
    again = StoredSettings(tmp_path)
    assert again.current() == LOST
    assert "the stored settings were lost" in caplog.text
    again.set_mode(Mode.NORMAL)
    assert again.current() == StoredSettings(tmp_path).current() == Settings(Mode.NORMAL, True)


def test_a_damaged_database_loses_the_settings_to_a_locked_entry(tmp_path):
    StoredSettings(tmp_path).set_enforce(True)
    damage(tmp_path)
    Store(tmp_path).close()
    assert StoredSettings(tmp_path).current() == LOST


def test_settings_stay_in_force_though_the_database_vanishes_while_running(tmp_path):
    settings = StoredSettings(tmp_path)
    settings.set_mode(Mode.LOCKED)
    assert settings.current().mode is Mode.LOCKED
    (tmp_path / database.NAME).unlink()
    assert settings.current().mode is Mode.LOCKED


def test_before_enforcing_was_ever_set_a_lost_setting_is_the_default(tmp_path):
    StoredSettings(tmp_path).set_mode(Mode.LOCKED)
    (tmp_path / database.NAME).unlink()
    assert not ever_enforced(tmp_path)
    assert StoredSettings(tmp_path).current() == Settings()


def test_the_marker_is_there_before_enforcing_is(tmp_path):
    settings = StoredSettings(tmp_path)
    (tmp_path / f"{MARKER}.part").mkdir()  # so the marker cannot be written
    with pytest.raises(StoreError, match="ever-enforced: cannot be written"):
        settings.set_enforce(True)
    assert settings.current() == Settings()


@pytest.mark.parametrize(
    ("raw", "ever", "expected"),
    [
        (None, False, Settings()),
        (None, True, LOST),
        ({}, False, Settings()),
        ({}, True, LOST),
        ({"mode": "out-only"}, False, Settings()),
        ({"mode": "out-only"}, True, LOST),
        ({"mode": "unlocked", "enforce": "maybe"}, False, Settings()),
        ({"mode": "open", "enforce": "false"}, False, Settings()),
        ({"mode": "open", "enforce": "true"}, False, LOST),
        ({"enforce": "true"}, False, LOST),
        ({"mode": "unlocked", "enforce": "true"}, True, Settings(Mode.UNLOCKED, True)),
        ({"mode": "normal", "enforce": "false"}, True, Settings()),
    ],
)
def test_what_stored_values_amount_to(raw, ever, expected):
    assert recovered(raw, ever) == expected


@given(
    st.none()
    | st.dictionaries(
        st.sampled_from(["mode", "enforce", "x"]), st.sampled_from([*Mode, "true", "false"]) | st.text()
    ),
    st.booleans(),
)
def test_no_damaged_value_ever_opens_for_all(raw, ever):
    settings = recovered(raw, ever)
    values = raw or {}
    whole = values.get("mode") in list(Mode) and values.get("enforce") in ("true", "false")
    if not whole:
        assert settings.mode is not Mode.UNLOCKED
        assert settings == LOST or (not ever and not settings.enforce)


def test_every_whole_setting_is_taken_as_it_is():
    for mode, enforce, ever in itertools.product(Mode, (True, False), (True, False)):
        raw = {"mode": mode.value, "enforce": str(enforce).lower()}
        assert recovered(raw, ever) == Settings(mode, enforce)


def test_an_update_of_a_visit_may_change_all_of_it(store, tmp_path):
    changed = replace(visit(), species="dog", who=None, outcome=Outcome.UNDECIDED)
    store.add(visits=[visit()])
    store.add(visits=[changed])
    with Records(tmp_path) as records:
        assert records.visits(species="dog") == [changed]
        assert records.visits(animal="mimi") == []


def test_a_store_of_before_keeps_everything_when_it_is_brought_up_to_date(tmp_path, monkeypatch):
    """Visits and evidence as version 4 wrote them, a line of JSON each, are read as they were."""
    older = tmp_path / "older"
    older.mkdir()
    for script in sorted(database.MIGRATIONS.glob("000[1234]_*.sql")):
        shutil.copy(script, older)
    newest = database.MIGRATIONS
    monkeypatch.setattr(database, "MIGRATIONS", older)
    database.open_database(tmp_path).close()
    one, two = visit(), replace(visit(), id="a-2", started_wall=None)
    sightings = [seen(2.0), seen(1.0)]
    with closing(sqlite3.connect(tmp_path / database.NAME)) as old, old:
        columns = ("id", "started_wall", "species", "who", "outcome", "kind", "direction", "phase")
        for each in (one, two):
            row = [*(getattr(each, name) for name in columns), wire.written(each)]
            old.execute(f"INSERT INTO visits ({', '.join(columns)}, document) VALUES ({'?, ' * 8}?)", row)
        old.executemany(
            "INSERT INTO evidence VALUES (?, ?, ?)",
            [(one.id, each.track.time, wire.written(each)) for each in sightings],
        )
        labels = [
            ("a-2", "who", "tom"),
            ("a-2", "prey", "prey"),
            ("a-2", "who", "mimi"),
            ("a-2", "prey", None),
        ]
        old.executemany(
            "INSERT INTO labels (about, subject, task, label, by) VALUES ('visit', ?, ?, ?, '')", labels
        )
    monkeypatch.setattr(database, "MIGRATIONS", newest)
    with pytest.raises(StoreError, match="older Latchlens"):
        Records(tmp_path)
    Store(tmp_path).close()
    with Records(tmp_path) as records:
        assert records.visits() == [two, one]
        assert records.evidence(one.id) == sightings[::-1]
        assert records.evidence(two.id) == []
        assert records.page(Wanted(labels={"who": "mimi"})).visits == (two,)
        assert records.page(Wanted(labelled=False)).visits == (one,)
        assert len(records.paths(Wanted(), 10)) == 1
        assert len(records.page(Wanted(texts=(one.reason,))).visits) == 2


def test_whatever_is_asked_for_together_has_an_answer(store, tmp_path):
    store.add(visits=[visit()])
    given = {
        **dict.fromkeys(("animal", "species", "kind"), (None, "x")),
        **{"since": (None, 1.0), "until": (None, 2.0), "labelled": (None, True, False)},
        **{"labels": ({}, {"who": "x"}), "texts": ((), ("x",)), "animals_only": (False, True)},
    }
    with Records(tmp_path) as records:
        for values in product(*given.values()):
            wanted = Wanted(**dict(zip(given, values, strict=True)))
            assert len(records.page(wanted, 5).visits) == len(records.began(wanted))
            assert sum(each.visits for each in records.counts(wanted)) == len(records.began(wanted))
            assert records.paths(wanted, 5) == []


def test_a_time_is_asked_for_as_it_was_even_if_the_clock_was_set_back(store, tmp_path):
    walls = {"v1": 500.0, "v2": None, "v3": 100.0, "v4": 300.0}
    store.add(visits=[replace(visit(), id=name, started_wall=wall) for name, wall in walls.items()])
    with Records(tmp_path) as records:
        for since, until, expected in (
            (100.0, 300.0, ["v3"]),
            (100.0, 301.0, ["v4", "v3"]),
            (None, 301.0, ["v4", "v3"]),
            (300.0, None, ["v4", "v1"]),
            (600.0, 700.0, []),
        ):
            page = records.page(Wanted(since=since, until=until))
            assert [each.id for each in page.visits] == expected


def test_a_damaged_record_is_named_and_never_guessed(store, tmp_path):
    store.add(visits=[visit()])
    for damaged in (b"", b"\x63abc", b"\x01\xff\xff\xff"):
        with closing(sqlite3.connect(tmp_path / database.NAME)) as direct, direct:
            direct.execute("UPDATE visits SET packed = ?", (damaged,))
        with Records(tmp_path) as records, pytest.raises(StoreError, match=database.NAME):
            records.visits()
