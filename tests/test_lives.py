"""The device's process in a scene may die in many ways; what it kept, and its bolt, are as they would be."""

from __future__ import annotations

import json

import pytest

from device.messages import BoltState, Outcome, Settings
from device.tell.records import Records
from device.tell.settings import StoredSettings
from simulator.performance import play_scene
from simulator.scene import read_scene
from simulator.supervision import BOOT_S, LOAD_S, RESTART_S, WATCHDOG_S

SCENE = """
title = "Mimi comes home, and something fails"
seconds = 90

[[visitor]]
name = "mimi"
arrives = 3.0
{mimi}

[[device_fault]]
{fault}
"""


NETWORK = """
[[network_fault]]
what = "wi-fi"
begins = 0.0
ends = {ends}
"""


def played(tmp_path, fault, mimi="", seed=0):
    path = tmp_path / "scene.toml"
    path.write_text(SCENE.format(fault=fault, mimi=mimi), encoding="utf-8")
    state = tmp_path / "state"
    state.mkdir()
    return play_scene(read_scene(path), state, seed)


def stood_still(result):
    """For how many seconds no loop turned, each time."""
    record = result.record
    return [round(revived - died, 1) for died, revived in zip(record.deaths, record.revivals, strict=True)]


def events(result):
    return [event.kind for event in result.record.events]


def test_a_process_that_was_killed_is_started_again_and_its_bolt_comes_to_rest(tmp_path):
    result = played(tmp_path, 'what = "killed"\nbegins = 6.0', "pushes = false\npatience = 80.0")
    assert stood_still(result) == [pytest.approx(RESTART_S + LOAD_S, abs=0.3)]
    assert result.safe
    before = [state for time, state in result.record.bolt if time < 6.0]
    after = [state for time, state in result.record.bolt if 6.0 < time < 15.0]
    assert (before[-1], after[-1]) == (BoltState.UNLOCKED, BoltState.LOCKED)


def test_a_loop_that_hangs_is_ended_by_the_watchdog_and_the_lease_by_the_guard(tmp_path):
    result = played(tmp_path, 'what = "hang"\nbegins = 6.0', "pushes = false\npatience = 80.0")
    assert stood_still(result) == [pytest.approx(WATCHDOG_S + RESTART_S + LOAD_S, abs=0.3)]
    before = [state for time, state in result.record.bolt if time < 6.0]
    assert before[-1] is BoltState.UNLOCKED
    locked = [time for time, state in result.record.bolt if time > 6.0 and state is BoltState.LOCKED]
    assert locked[0] < 6.0 + 5.0 + 1.0  # the lease's seconds, and the bolt's way


def test_a_loop_that_fails_on_every_pass_is_started_again_until_it_does_not(tmp_path):
    result = played(tmp_path, 'what = "exceptions"\nbegins = 10.0\nends = 40.0', "patience = 80.0")
    assert len(result.record.deaths) >= 3
    assert max(result.record.revivals) < 40.0 + RESTART_S + LOAD_S + 0.3
    assert result.safe


@pytest.mark.parametrize("damage", ["none", "torn write"])
def test_lockouts_settings_and_visits_outlive_a_power_cut(tmp_path, damage):
    fault = f'what = "power cut"\nbegins = 15.0\nends = 18.0\ndamage = "{damage}"'
    result = played(tmp_path, fault, "carries = true\npatience = 25.0")
    assert stood_still(result) == [pytest.approx(BOOT_S + LOAD_S, abs=0.3)]
    assert [each for each in events(result) if "lockout" in each] == ["lockout", "lockout-ended"]
    began = next(event.time for event in result.record.events if event.kind == "lockout")
    ended = next(event.time for event in result.record.events if event.kind == "lockout-ended")
    assert began + 30 <= ended <= began + 30 + 30 + BOOT_S + LOAD_S + 3
    assert result.record.lost == []
    settings = StoredSettings(tmp_path / "state")
    assert settings.current() == Settings(enforce=True)
    settings.close()


def test_the_numbers_of_visits_go_on_after_a_restart(tmp_path):
    result = played(tmp_path, 'what = "killed"\nbegins = 20.0', "patience = 70.0\ncarries = true")
    with Records(tmp_path / "state") as records:
        ids = [visit.id for visit in records.visits()]
    assert len(ids) == len(set(ids)) >= 2
    assert result.record.lost == []


def test_a_database_that_a_power_cut_destroyed_keeps_entry_locked_and_says_so(tmp_path):
    fault = 'what = "power cut"\nbegins = 2.0\nends = 3.0\ndamage = "database"'
    result = played(tmp_path, fault, "patience = 80.0")
    assert "settings-lost" in events(result)
    assert Outcome.UNLOCK not in {visit.outcome for visit in result.record.visits}
    assert result.safe


def test_a_disk_that_is_full_for_a_while_loses_no_visit_and_no_event(tmp_path):
    fault = 'what = "disk full"\nbegins = 2.0\nends = 60.0'
    result = played(tmp_path, fault, "carries = true\npatience = 10.0")
    assert "lockout" in events(result)
    assert result.record.lost == []
    headers = [path.read_text().split("\n")[0] for path in (tmp_path / "state" / "journal").glob("*.jsonl")]
    assert any(json.loads(header)["missed"] for header in headers)


@pytest.mark.parametrize(("ends", "everything"), [(80.0, True), (200.0, False)])
def test_what_waited_for_the_network_reaches_listeners_once_each_and_only_after_it(
    tmp_path, ends, everything
):
    fault = 'what = "power cut"\nbegins = 30.0\nends = 31.0\n' + NETWORK.format(ends=ends)
    result = played(tmp_path, fault, "carries = true\npatience = 20.0")
    assert "lockout" in events(result)
    assert (result.record.undelivered == []) is everything


def test_a_letter_whose_acknowledgement_was_lost_arrives_again_and_is_known_by_its_id(tmp_path):
    result = played(tmp_path, 'what = "killed"\nbegins = 50.0', "carries = true\npatience = 80.0", seed=1)
    ids = [letter.id for letter in result.record.arrived]
    assert len(ids) > len(set(ids)) >= 2
    assert result.record.undelivered == []


def test_an_inference_of_four_seconds_proves_nothing_and_the_guard_does_not_fall_silent(tmp_path):
    result = played(tmp_path, 'what = "slow inference"\nbegins = 0.0', "patience = 80.0")
    assert result.safe
    assert {state for _, state in result.record.bolt[1:]} <= {BoltState.LOCKING, BoltState.LOCKED}
