"""A state directory that cannot be used: told in one line by every command, and nothing in it is lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import Latchlens
from tests.permissions import permissions_counting, seal
from tests.recordings import Recordings

RUBBISH = b"this was once a database " * 400
DATABASE = "latchlens.sqlite"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder that a test may `seal`; it can be removed again afterwards."""
    folder = tmp_path / "sealed"
    folder.mkdir()
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)


@pytest.fixture(scope="module")
def lived(recordings: Recordings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with one visit in it."""
    from device import shipped
    from device.config import read_project
    from device.see import video
    from simulator.play import play
    from simulator.recording import RecordingClock

    state = tmp_path_factory.mktemp("lived")
    camera = video.build(video.Settings(str(recordings.film)), RecordingClock())
    played = play(read_project(shipped.project("demo")), camera, "film", state)
    assert len(played.visits) == 1
    return state


@pytest.mark.parametrize("command", ["run", "simulate", "teach"])
def test_a_file_in_place_of_the_state_directory_is_named(latchlens, recordings, tmp_path, command):
    state = tmp_path / "state"
    state.write_text("mine")
    arguments = {"teach": ["mimi", recordings.film, "--others", recordings.film]}.get(command, [])
    answer = latchlens(command, *arguments, "--project", "demo", "--state", state)
    answer.refused(f"{state}: the state directory cannot be made", "--state DIR")
    assert state.read_text() == "mine"


@pytest.mark.parametrize("command", ["run", "simulate"])
def test_a_state_directory_that_may_not_be_made_is_named(latchlens: Latchlens, read_only: Path, command: str):
    seal(read_only)
    state = read_only / "state"
    with permissions_counting():
        answer = latchlens(command, "--project", "demo", "--state", state)
    answer.refused(f"{state}: the state directory cannot be made: Permission denied", "--state DIR")


def test_a_state_directory_that_may_only_be_read_is_named_and_can_be_read(latchlens, lived, read_only):
    state = shutil.copytree(lived, read_only / "state")
    before = contents(state)
    seal(read_only)
    with permissions_counting():
        latchlens("run", "--project", "demo", "--state", state).refused(
            f"{state / DATABASE}: it may only be read", "check who owns"
        )
        checked = latchlens("check", "--project", "demo", "--state", state)
        listed = latchlens("visits", "list", "--state", state, "--json")
    assert checked.status == 1
    assert f"FAULT  store       {state / DATABASE}: it may only be read" in checked.out
    assert len(listed.went_well().objects) == 1
    assert contents(state) == before


@pytest.mark.parametrize(
    "command", [["list"], ["show", "x"], ["export", "{}/visits.csv"]], ids=lambda c: c[0]
)
def test_no_state_directory_is_told_and_none_is_made(latchlens, tmp_path, command):
    state = tmp_path / "state"
    arguments = [argument.format(tmp_path) for argument in command]
    latchlens("visits", *arguments, "--state", state).refused(
        f"{state / DATABASE}: there is no database yet", "--state"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_told_to_readers_and_left_alone(latchlens: Latchlens, tmp_path: Path):
    (tmp_path / DATABASE).write_bytes(RUBBISH)
    latchlens("visits", "list", "--state", tmp_path).refused(
        str(tmp_path / DATABASE), "the next start sets it aside"
    )
    checked = latchlens("check", "--project", "demo", "--state", tmp_path)
    assert checked.status == 1
    assert (
        f"FAULT  store       {tmp_path / DATABASE}: it is no database; the next start sets it aside"
        in checked.out
    )
    assert contents(tmp_path) == {DATABASE: RUBBISH}


def test_a_damaged_database_is_kept_aside_by_writers_who_go_on(latchlens, recordings, tmp_path):
    (tmp_path / DATABASE).write_bytes(RUBBISH)
    answer = latchlens("simulate", "--video", recordings.film, "--state", tmp_path, "--json").went_well()
    (aside,) = tmp_path.glob("*damaged*")
    assert aside.read_bytes() == RUBBISH
    assert aside.name in answer.err
    assert len(latchlens("visits", "list", "--state", tmp_path, "--json").went_well().objects) == 1


def test_the_database_of_another_program_is_refused_and_left_alone(latchlens, tmp_path):
    with sqlite3.connect(tmp_path / DATABASE) as foreign:
        foreign.execute("CREATE TABLE recipes (name TEXT)")
    foreign.close()
    before = contents(tmp_path)
    latchlens("run", "--project", "demo", "--state", tmp_path).refused(
        str(tmp_path / DATABASE), "another program", "choose another --state"
    )
    assert latchlens("check", "--project", "demo", "--state", tmp_path).status == 1
    assert contents(tmp_path) == before


def test_a_visit_that_never_was_is_told(latchlens: Latchlens, lived: Path):
    latchlens("visits", "show", "nobody-1", "--state", lived).refused("'nobody-1'", "`latchlens visits list`")


@pytest.mark.parametrize(
    ("name", "part"), [("visits.xlsx", ".csv or .json"), ("absent/visits.csv", "cannot be written")]
)
def test_an_export_that_cannot_be_written_is_told(latchlens, lived, tmp_path, name, part):
    latchlens("visits", "export", tmp_path / name, "--state", lived).refused(
        str(tmp_path / name), part, status=2
    )
    assert list(tmp_path.iterdir()) == []


def test_visits_are_listed_shown_and_exported(latchlens: Latchlens, lived: Path, tmp_path: Path):
    (row,) = latchlens("visits", "list", "--state", lived, "--json").went_well().objects
    assert row["species"] == "cat"
    assert row["id"] in latchlens("visits", "list", "--state", lived).went_well().out
    shown = json.loads(latchlens("visits", "show", row["id"], "--state", lived).went_well().out)
    assert shown["sightings"]
    assert shown["pictures"] and all(Path(path).is_file() for path in shown["pictures"])
    for name in ("visits.csv", "visits.json"):
        latchlens("visits", "export", tmp_path / name, "--state", lived).went_well()
        assert row["id"] in (tmp_path / name).read_text()
    assert (
        latchlens("visits", "list", "--animal", "nobody", "--state", lived, "--json").went_well().objects
        == []
    )


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["analyze", "{}/a.jpg"], 1),
        (["simulate", "--video", "{}/a.avi"], 1),
        (["replay", "{}/a.jsonl"], 1),
        (["run", "--project", "{}/a.toml"], 2),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_file_that_may_not_be_read_is_named(latchlens: Latchlens, read_only: Path, arguments, status):
    arguments = [argument.format(read_only) for argument in arguments]
    Path(arguments[-1]).write_text("mine")
    Path(arguments[-1]).chmod(0)
    with permissions_counting():
        answer = latchlens(*arguments)
    answer.refused(arguments[-1], "cannot be read", "Permission denied", status=status)
