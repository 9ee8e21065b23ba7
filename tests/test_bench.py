"""`latchlens bench` tells every figure that has a budget; how large they are is no test's business."""

from pathlib import Path

import pytest

from simulator import figures, watched
from tests.command_line import Latchlens
from tests.recordings import Recordings


def test_every_budget_has_its_figure(latchlens: Latchlens, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(figures, "MEMORY_S", 2.0)
    monkeypatch.setattr(watched, "SEGMENT_S", 0.2)
    told = latchlens("bench", "--frames", 50, "--json").went_well().objects
    budgets = {figure["name"]: figure["budget"] for figure in told if figure["budget"] is not None}
    assert budgets == {
        "everything else, share of the loop (median)": 10,
        "everything else, share of the loop (whole run)": 10,
        "motion gate on 160 x 120, median": 0.3,
        "two viewers of the live picture, loss of frame rate": 5,
        "resident memory of run, models loaded": 200,
    }
    assert all(figure["value"] > 0 for figure in told if "viewers" not in figure["name"])
    (embedded,) = (figure["value"] for figure in told if figure["name"] == "frames with an embedding")
    assert embedded >= 100, "the loop is measured with detector and embedding on every frame"


def test_a_video_that_is_too_short_is_named(latchlens: Latchlens, recordings: Recordings, tmp_path: Path):
    latchlens("bench", "--video", recordings.film).refused("film.avi has 15 frames", "320 are needed")
    latchlens("bench", "--video", tmp_path / "absent.mp4").refused("absent.mp4 does not exist")


def test_a_store_is_measured_by_its_size_and_by_each_filter(latchlens: Latchlens):
    told = latchlens("bench", "--store", 2500, "--json").went_well().objects
    assert told[0]["unit"] == "MB"
    assert {figure["budget"] for figure in told[1:] if "page" in figure["name"]} == {20}
    assert len(told) > 10
