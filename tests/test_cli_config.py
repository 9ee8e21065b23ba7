"""`latchlens config`: looked at, compared, brought up to date and taken back, with the words of an error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from device.tell import last_good
from tests.command_line import Latchlens
from tests.test_editing import OLD


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(OLD)
    return path


def test_it_is_shown_up_to_date_and_with_its_defaults(latchlens: Latchlens, mine):
    shown = latchlens("config", "show", "--project", mine).went_well().out
    assert "version = 2" in shown
    assert "# she is patient" in shown
    everything = latchlens("config", "show", "--all", "--project", mine).went_well().out
    assert "max_lease_s" in everything
    (tables,) = latchlens("config", "show", "--json", "--project", mine).went_well().objects
    assert tables["welfare"]["waiting_minutes"] == 25


def test_all_that_is_wrong_is_told(latchlens: Latchlens, mine):
    assert "nothing is wrong" in latchlens("config", "check", "--project", mine).went_well().out
    mine.write_text(OLD.replace("pin = 18", "pin = 28").replace("hold = 4.0", "hold = 400"))
    answer = latchlens("config", "check", "--project", mine, "--json")
    assert answer.status == 1
    assert {(each["section"], each["key"]) for each in answer.objects} == {
        ("[bolt]", "pin"),
        ("[door]", "hold"),
    }


def test_a_diff_is_by_meaning(latchlens: Latchlens, mine, tmp_path):
    last_good.remember(tmp_path, mine, OLD)
    same = latchlens("config", "diff", "--project", mine, "--state", tmp_path)
    assert (same.status, same.out) == (0, "")
    mine.write_text(OLD.replace("hold = 4.0 ", "hold=4").replace('"minutes_cold" = 4', "minutes_cold = 3"))
    differs = latchlens("config", "diff", "--project", mine, "--state", tmp_path)
    assert (differs.status, differs.out) == (1, "[welfare] waiting_minutes_cold: 4 -> 3\n")
    assert latchlens("config", "diff", "defaults", "--project", mine).status == 1
    assert "[camera] kind" in latchlens("config", "diff", "cat-flap", "--project", mine).out


def test_without_a_last_good_file_there_is_nothing_to_compare_with(latchlens: Latchlens, mine, tmp_path):
    answer = latchlens("config", "diff", "--project", mine, "--state", tmp_path)
    answer.refused("no device ever ran with", "defaults", status=2)


def test_it_is_migrated_and_taken_back(latchlens: Latchlens, mine, tmp_path):
    assert "version = 2" in latchlens("config", "migrate", "--dry-run", "--project", mine).went_well().out
    assert mine.read_text() == OLD
    assert "version-1" in latchlens("config", "migrate", "--project", mine).went_well().out
    assert "waiting_minutes = 25" in mine.read_text()
    assert "already" in latchlens("config", "migrate", "--project", mine).went_well().out
    latchlens("config", "restore", tmp_path / "mine.toml.version-1", "--project", mine).went_well()
    assert mine.read_text() == OLD
    latchlens("config", "restore", "previous", "--project", mine).went_well()
    assert "waiting_minutes = 25" in mine.read_text()


def test_a_shipped_project_stays_as_it_is(latchlens: Latchlens):
    latchlens("config", "migrate").refused("shipped project", "--project", status=2)
    latchlens("config", "restore", "previous").refused("shipped project", status=2)


def test_a_newer_file_is_refused_with_the_fix(latchlens: Latchlens, mine):
    mine.write_text(f"version = 99\n{OLD}")
    for command in ("show", "diff", "migrate"):
        latchlens("config", command, *(["cat-flap"] if command == "diff" else []), "--project", mine).refused(
            "version = 99", "update Latchlens", status=2
        )
    assert "version = 99" in latchlens("config", "check", "--project", mine).out


def test_the_schema_is_json(latchlens: Latchlens):
    assert "door" in json.loads(latchlens("config", "schema").went_well().out)["properties"]
