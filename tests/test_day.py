"""The figures of the last day: a row a minute, put together, kept over a start."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from device.tell.day import MINUTES, NAME, Day
from device.tell.sink import Told
from device.tell.statistics import Report
from tests.making import observation
from tests.test_health import NOBODY

REPORT = Report(9.5, 0.02, 0.05, 51.0, ())


def lived(day: Day, minutes: int, start: float = 0.0) -> Day:
    for second in range(0, minutes * 60 + 1, 20):
        day.tell([Told(observation(start + second, wall=1e9 + start + second), NOBODY)])
    return day


def test_there_is_a_row_a_minute_and_a_day_of_them(tmp_path):
    day = lived(Day(tmp_path, lambda: REPORT, lambda: 150_000_000), 3)
    assert [row.wall for row in day.rows()] == [1e9 + 60, 1e9 + 120, 1e9 + 180]
    assert (day.rows()[0].frames_per_s, day.rows()[0].memory_bytes) == (9.5, 150_000_000)
    lived(day, MINUTES + 5, 180.0)
    assert len(day.rows()) == MINUTES


def test_minutes_are_put_together_by_their_means_and_what_nothing_measured_stays_unknown(tmp_path):
    warm = iter([50.0, None, 54.0, None])
    day = Day(tmp_path, lambda: replace(REPORT, temperature_c=next(warm), latency_p50_s=None), lambda: None)
    rows = lived(day, 4).rows(3)
    assert [row.temperature_c for row in rows] == [52.0, None]
    assert {row.latency_p50_s for row in rows} == {row.memory_bytes for row in rows} == {None}


def test_they_are_there_again_after_a_start(tmp_path):
    day = lived(Day(tmp_path, lambda: REPORT, lambda: 1), 2)
    day.close()
    again = Day(tmp_path, lambda: REPORT, lambda: 1)
    assert again.rows() == day.rows()
    assert len(lived(again, 1, 500.0).rows()) == 3


def test_an_hour_of_them_survives_a_process_that_was_killed(tmp_path):
    lived(Day(tmp_path, lambda: REPORT, lambda: 1), 61)
    assert len(Day(tmp_path, lambda: REPORT, lambda: 1).rows()) == 60


@pytest.mark.parametrize("kept", [b"", b"{}", b"[1, 2]", b'[["x", 1, 1, 1, 1, 1], [1, 2]]', b"\xff"])
def test_what_cannot_be_read_is_begun_anew(tmp_path, kept):
    (tmp_path / NAME).write_bytes(kept)
    assert Day(tmp_path, lambda: REPORT, lambda: 1).rows() == []


def test_a_disk_that_takes_nothing_costs_no_more_than_these_figures(tmp_path):
    (tmp_path / f"{NAME}.part").mkdir()
    day = lived(Day(tmp_path, lambda: REPORT, lambda: 1), 61)
    day.close()
    assert len(day.rows()) == 61


def test_rows_without_a_date_are_not_kept_for_nobody_knows_of_which_day_they_are(tmp_path):
    day = Day(tmp_path, lambda: REPORT, lambda: 1)
    for second in (0.0, 60.0, 120.0):
        day.tell([Told(observation(second, wall=None), NOBODY)])
    day.close()
    assert len(day.rows()) == 2
    assert json.loads((tmp_path / NAME).read_bytes()) == []
