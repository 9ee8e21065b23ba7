"""The database is set aside, deleted or exchanged while the device runs: it goes on with what is there."""

import sqlite3
from dataclasses import replace

import pytest

from device.building.memory import build_memory
from device.config import parse_project
from device.errors import StoreError
from device.messages import Decision, Event, Mode, Outcome, Settings, VisitPhase
from device.tell import database
from device.tell.health import State
from device.tell.records import Records
from device.tell.settings import StoredSettings
from device.tell.store import Store
from tests.making import observation
from tests.recordings import PROJECT
from tests.test_journal import visit


def set_aside(folder):
    """What another program does that finds the database damaged: a new one lies in its place."""
    ruin(folder)
    Store(folder).close()
    assert list(folder.glob("*damaged*"))


def ruin(folder):
    for name in (database.NAME, f"{database.NAME}-wal"):
        path = folder / name
        if path.exists():
            path.write_bytes(b"rubbish" * 1000)


def delete(folder):
    for path in folder.glob(f"{database.NAME}*"):
        path.unlink()


def exchange(folder):
    """Put a new database there, as whoever restores a backup does."""
    Store(folder / "backup").close()
    delete(folder)
    (folder / "backup" / database.NAME).replace(folder / database.NAME)


@pytest.fixture(params=[set_aside, delete, exchange])
def replaced(request):
    return request.param


@pytest.fixture
def running(tmp_path):
    """The writer and the settings of a device that runs, unlocked and not enforcing."""
    store, settings = Store(tmp_path), StoredSettings(tmp_path)
    settings.set_mode(Mode.UNLOCKED)
    assert settings.current() == Settings(Mode.UNLOCKED)
    yield store, settings
    settings.close()
    store.close()


def test_a_running_device_locks_when_told_so_through_the_new_database(running, replaced, tmp_path):
    _, settings = running
    replaced(tmp_path)
    StoredSettings(tmp_path).set_mode(Mode.LOCKED)
    assert settings.current() == Settings(Mode.LOCKED)


def test_visits_go_into_the_new_database(running, replaced, tmp_path):
    store, _ = running
    replaced(tmp_path)
    store.add(visits=[visit()], events=[Event(1.0, None, "alert", "look")])
    store.add(visits=[visit(id="a-2")])
    with Records(tmp_path) as records:
        assert [each.id for each in records.visits()] == ["a-2", "a-1"]
        assert len(records.events()) == 1


def test_closing_what_was_replaced_takes_nothing_from_the_new_database(replaced, tmp_path):
    store, settings = Store(tmp_path), StoredSettings(tmp_path)
    settings.current()
    replaced(tmp_path)
    other = Store(tmp_path)
    other.add(visits=[visit()])
    store.close()
    settings.close()
    other.add(visits=[visit(id="a-2")])
    other.close()
    with Records(tmp_path) as records:
        assert [each.id for each in records.visits()] == ["a-2", "a-1"]


def test_settings_stay_in_force_while_the_new_database_holds_none(running, replaced, tmp_path):
    store, settings = running
    settings.set_mode(Mode.IN_ONLY)
    assert settings.current().mode is Mode.IN_ONLY
    replaced(tmp_path)
    store.set_settings({"lockouts": "{}"})
    assert settings.current() == Settings(Mode.IN_ONLY)


def test_a_folder_that_vanished_is_told_and_kept_in_again_when_it_is_back(running, tmp_path):
    store, settings = running
    away = tmp_path.with_name(f"{tmp_path.name}-away")
    tmp_path.rename(away)
    with pytest.raises(StoreError, match="it cannot be opened"):
        store.add(visits=[visit()])
    assert settings.current() == Settings(Mode.UNLOCKED)
    away.rename(tmp_path)
    store.add(visits=[visit()])
    assert settings.current() == Settings(Mode.UNLOCKED)
    with Records(tmp_path) as records:
        assert records.visits() == [visit()]


def scribble(folder):
    """Damage pages of the open database, as a worn card does; the header stays."""
    path = folder / database.NAME
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def test_a_database_damaged_while_the_device_runs_is_set_aside_and_nothing_new_is_lost(tmp_path, caplog):
    store = Store(tmp_path)
    store.set_settings({"mode": "locked", "enforce": "true"})
    store.add(visits=[visit(id=f"a-{number}") for number in range(50)])
    scribble(tmp_path)
    store.add(visits=[visit(id="b-1")], events=[Event(1.0, None, "alert", "look")])
    store.add(visits=[visit(id="b-2")])
    assert store._known == {"mode": "locked", "enforce": "true"}, "and would again"
    store.close()
    (aside,) = database.damaged(tmp_path)
    assert aside.stat().st_size > 4096, "nothing was deleted"
    assert f"kept as {aside.name} and a new one begun" in caplog.text
    with Records(tmp_path) as records:
        assert [each.id for each in records.visits()] == ["b-2", "b-1"]
        assert len(records.events()) == 1
        assert records.settings() == {"mode": "locked", "enforce": "true"}, "the settings go on"


def test_that_a_database_was_set_aside_is_told_for_as_long_as_it_lies_there(tmp_path):
    project, folder = parse_project(PROJECT.format(path="none"), "mine"), tmp_path / "state"
    memory = build_memory(project, folder, "a", {}, threaded=False)

    def told(time):
        memory.teller.publish(None, observation(time), Decision(time, Outcome.UNDECIDED, "", ""))
        (store,) = (each for each in memory.health.report() if each.part == "store")
        return store

    assert told(1.0).state is State.OK
    scribble(folder)
    left = replace(visit(), phase=VisitPhase.END)
    memory.teller.publish(None, observation(2.0), Decision(2.0, Outcome.UNDECIDED, "", "", visits=(left,)))
    found = told(62.0)
    (aside,) = database.damaged(folder)
    assert (found.state, aside.name in found.text, bool(found.fix)) == (State.WARNING, True, True)
    aside.unlink()
    assert told(130.0).state is State.OK
    memory.teller.close()


def test_the_settings_in_force_outlive_a_database_damaged_meanwhile(tmp_path):
    store, settings = Store(tmp_path), StoredSettings(tmp_path)
    settings.set_mode(Mode.LOCKED)
    settings.set_enforce(True)
    store.add(visits=[visit()])
    assert settings.current() == Settings(Mode.LOCKED, enforce=True)
    scribble(tmp_path)
    store.add(visits=[visit()])
    assert settings.current() == Settings(Mode.LOCKED, enforce=True)
    again = StoredSettings(tmp_path)
    assert again.current() == Settings(Mode.LOCKED, enforce=True), "also after a restart"
    for each in (store, settings, again):
        each.close()
