"""Wherever a change of versions is cut short, the door goes on with the old version or the new one, whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from device.errors import UpdateError
from device.updating.change import Change, alone
from device.updating.history import Stage, on_trial, read_account, update_state
from device.updating.places import CURRENT, FALLBACK, PREVIOUS
from device.updating.state_copy import DATABASE, StateCopy
from tests.versions import (
    FORMS,
    NEW,
    OLD,
    TABLES,
    Copies,
    Services,
    killed_at,
    machine_in,
    make_machine,
    quick_folder,
)


def services(change: Change) -> Services:
    assert isinstance(change.machine, Services)
    return change.machine


def visits(change: Change) -> list[str]:
    with closing(sqlite3.connect(services(change).state / DATABASE)) as database:
        return [row[0] for row in database.execute("SELECT id FROM visits")]


def failing_at(step: str) -> Callable[[str], None]:
    def fault(what: str) -> None:
        if what == step:
            raise UpdateError(f"{step} failed")

    return fault


def test_a_version_that_proves_itself_stays_and_the_one_from_before_is_kept(tmp_path: Path) -> None:
    change = make_machine(tmp_path)
    change.to(NEW)
    assert services(change).said == ["rest", "stop", f"prove {NEW}", f"start {NEW}", "watch 600"]
    links = [change.places.named(link) for link in (CURRENT, PREVIOUS, FALLBACK)]
    assert links == [NEW, OLD, None]
    assert visits(change) == ["mimi", "tom", NEW]
    account = read_account(change.places.home)
    assert account and account.stage is Stage.DONE


@pytest.mark.parametrize("step", ["stop", f"prove {NEW}", f"start {NEW}", "watch 600"])
def test_a_version_that_fails_is_taken_back_with_the_tables_the_old_one_knows(
    tmp_path: Path, step: str
) -> None:
    failing = failing_at(step)
    change = make_machine(tmp_path, lambda what: failing(what) if before_going_back() else None)

    def before_going_back() -> bool:
        return services(change).said.count("stop") + services(change).said.count(step) < 3

    with pytest.raises(UpdateError, match=f"{OLD} runs again: {step} failed"):
        change.to(NEW)
    assert [change.places.named(link) for link in (CURRENT, FALLBACK)] == [OLD, None]
    assert services(change).said[-1] == f"start {OLD}"
    assert visits(change)[:2] == ["mimi", "tom"]
    account = read_account(change.places.home)
    assert account and (account.stage, account.before, account.after) == (Stage.CAME_BACK, OLD, NEW)


def test_visits_of_a_trial_that_changed_no_tables_stay_though_the_old_version_comes_back(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(TABLES, NEW, TABLES[OLD])
    change = make_machine(tmp_path, failing_at("watch 600"))
    with pytest.raises(UpdateError):
        change.to(NEW)
    assert visits(change) == ["mimi", "tom", NEW, OLD]


def test_the_settings_are_written_in_the_newer_form_once_the_newer_version_was_found_to_be_well(tmp_path):
    written: list[str] = []

    def see(_what: str) -> None:
        written.append((tmp_path / "state" / "project.toml").read_text())

    change = make_machine(tmp_path, see)
    change.to(NEW)
    assert dict(zip(services(change).said, written, strict=True)) == {
        "rest": FORMS[OLD],
        "stop": FORMS[OLD],
        f"prove {NEW}": FORMS[OLD],
        f"start {NEW}": FORMS[NEW],
        "watch 600": FORMS[NEW],
    }


def test_going_back_after_the_trial_takes_the_settings_in_the_form_that_the_older_version_reads(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(TABLES, NEW, TABLES[OLD])  # of the database; of that there would be no older one
    change = make_machine(tmp_path)
    change.to(NEW)
    change.to(OLD)
    assert change.places.named(CURRENT) == OLD
    assert (tmp_path / "state" / "project.toml").read_text() == FORMS[OLD]
    assert (tmp_path / "state" / "project-after-update.toml").read_text() == FORMS[NEW]


def test_a_copy_that_cannot_be_put_back_leaves_no_door_without_its_guard_and_is_tried_again(tmp_path):
    change = make_machine(tmp_path, failing_at(f"prove {NEW}"))
    stubborn = Stubborn(StateCopy(tmp_path / "state", tmp_path / "state" / "project.toml"))
    with pytest.raises(UpdateError, match="the disk cannot be written"):
        replace(change, keeper=stubborn).to(NEW)
    assert change.places.named(CURRENT) == OLD
    assert services(change).said[-1] == f"start {OLD}"
    assert change.places.named(FALLBACK) == OLD, "the next start tries it again"
    assert change.go_back()
    assert change.places.named(FALLBACK) is None


def test_a_full_disk_keeps_nobody_from_going_back(tmp_path: Path) -> None:
    def fault(what: str) -> None:
        if what == f"prove {NEW}":
            (tmp_path / "opt" / ".new-update.json").mkdir()  # so that no account can be written
            raise UpdateError("no camera")

    change = make_machine(tmp_path, fault)
    with pytest.raises(UpdateError, match=f"{OLD} runs again: no camera"):
        change.to(NEW)
    assert services(change).said[-1] == f"start {OLD}"


class Stubborn(Copies):
    """Cannot put anything back."""

    def bring_back(self) -> None:
        raise UpdateError("the disk cannot be written")


def test_what_the_newer_version_wrote_is_set_aside_and_not_lost(tmp_path: Path) -> None:
    change = make_machine(tmp_path, failing_at("watch 600"))
    with pytest.raises(UpdateError):
        change.to(NEW)
    aside = services(change).state / "latchlens-after-update.sqlite"
    with closing(sqlite3.connect(aside)) as database:
        assert [row[0] for row in database.execute("SELECT id FROM visits")] == ["mimi", "tom", NEW]


def test_a_project_file_that_was_changed_on_trial_is_the_old_one_again(tmp_path: Path) -> None:
    def fault(what: str) -> None:
        if what == "watch 600":
            (tmp_path / "state" / "project.toml").write_text("in the newer form")
            raise UpdateError("crash")

    change = make_machine(tmp_path, fault)
    with pytest.raises(UpdateError):
        change.to(NEW)
    assert (tmp_path / "state" / "project.toml").read_text() == FORMS[OLD]
    assert (tmp_path / "state" / "project-after-update.toml").read_text() == "in the newer form"


@pytest.mark.parametrize("end", ["well", "came back"])
def test_cut_short_before_any_change_to_the_disk_the_old_or_the_new_version_runs(end: str) -> None:
    """Every place at which the update can be killed, and from each the next start of the computer."""
    fault = failing_at("watch 600" if end == "came back" else "never")
    with quick_folder() as folder:
        ends: list[str] = []
        while _cut_short(len(ends), folder / str(len(ends)), fault):
            ends.append(_started_again(folder / str(len(ends))))
    assert len(ends) > 25
    assert set(ends) == ({OLD, NEW} if end == "well" else {OLD})


def _cut_short(number: int, folder: Path, fault: Callable[[str], None]) -> bool:
    change = make_machine(folder, fault)

    def update() -> None:
        with suppress(UpdateError), alone(change.places):
            change.to(NEW)

    killed = killed_at(number, folder, update)
    current = change.places.named(CURRENT)
    assert current in TABLES and (change.places.version(current) / "whole").exists()
    return killed


def _started_again(folder: Path) -> str:
    """The computer starts: an update that was cut short is ended, and what that can be killed at, again."""
    change = machine_in(folder)
    number = 0
    while killed_at(number, folder, lambda: _end(change)):
        number += 1
    assert change.places.named(FALLBACK) is None
    current = change.places.named(CURRENT)
    assert current is not None and (change.places.version(current) / "whole").exists()
    change.machine.start()  # refuses tables that it does not know
    assert visits(change)[:2] == ["mimi", "tom"]
    written = (folder / "state" / "project.toml").read_text()
    assert written == FORMS[current], "the older version would not read the newer form"
    assert not (folder / "state" / "latchlens-before-update.sqlite").exists() or current == NEW
    if current == OLD:
        change.to(NEW)  # and it can be tried again
    return current


def _end(change: Change) -> None:
    change.go_back()


def test_only_while_a_version_is_on_trial_another_start_would_be_its_fault(tmp_path: Path) -> None:
    said: list[str] = []
    change = make_machine(tmp_path, lambda _what: said.append(on_trial(change.places)))
    with alone(change.places):
        change.to(NEW)
    assert [bool(each) for each in said] == [False, False, False, False, True]
    assert on_trial(change.places) == ""


def test_home_assistant_is_told_how_an_update_goes(tmp_path: Path) -> None:
    told: list[dict[str, object]] = []

    def fault(what: str) -> None:
        told.append(update_state(change.places))
        failing_at("watch 600")(what)

    change = make_machine(tmp_path, fault)
    assert update_state(change.places) == {}
    with pytest.raises(UpdateError), alone(change.places):
        change.to(NEW)
    assert told[-3]["in_progress"] is True
    after = update_state(change.places)
    assert after["in_progress"] is False
    assert f"{OLD} came back" in str(after["release_summary"])


def test_an_update_that_was_cut_short_before_it_began_is_not_under_way_for_ever(tmp_path: Path) -> None:
    change = make_machine(tmp_path)
    with alone(change.places):
        change.tell(Stage.BUILDING, OLD, NEW)
        assert update_state(change.places)["in_progress"] is True
    assert update_state(change.places)["in_progress"] is False


def test_two_updates_at_once_are_one(tmp_path: Path) -> None:
    change = make_machine(tmp_path)
    with alone(change.places), pytest.raises(UpdateError, match="under way"), alone(change.places):
        pass


def test_the_version_that_runs_is_not_updated_to_itself(tmp_path: Path) -> None:
    change = make_machine(tmp_path)
    with pytest.raises(UpdateError, match="runs already"):
        change.to(OLD)
    assert "stop" not in services(change).said


def test_versions_that_nobody_needs_are_swept_away(tmp_path: Path) -> None:
    change = make_machine(tmp_path)
    (change.places.versions / "0.9-cccccccc").mkdir()
    (change.places.versions / ".new-3.0-dddddddd").mkdir()
    change.to(NEW)
    assert {each.name for each in change.places.versions.iterdir()} == {OLD, NEW}
