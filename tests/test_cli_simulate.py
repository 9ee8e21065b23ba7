"""`latchlens simulate` as `make run` starts it: a rendered day at the door, with nothing but the package."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import Latchlens
from tests.recordings import Recordings


def test_the_demo_lets_the_cat_of_the_house_in_and_keeps_the_stranger_out(
    latchlens: Latchlens, tmp_path: Path
):
    (day,) = latchlens("simulate", "--json", "--state", tmp_path).went_well().objects
    own, stranger = day["visits"]
    assert (own["who"], own["outcome"]) == ("chelsea", "unlock")
    assert own["unlocked_at"] - own["started"] < 3
    assert (stranger["who"], stranger["unlocked_at"]) == ("stranger", None)
    opened = [
        change["time"] for change in day["bolt"] if change["state"] == "UNLOCKED" and change["time"] > 1
    ]
    assert all(own["started"] < time < stranger["started"] for time in opened)
    assert "no differences" in latchlens("replay", tmp_path / "journal").went_well().out


def test_a_story_is_told_on_standard_error_and_its_sum_on_standard_output(latchlens, recordings, tmp_path):
    answer = latchlens("simulate", "--video", recordings.film, "--save", tmp_path / "seen").went_well()
    assert "a cat comes to the door" in answer.err
    assert "film.avi: 15 frames" in answer.out
    assert list((tmp_path / "seen").glob("*.jpg"))
    quiet = latchlens("simulate", "--video", recordings.film, "--headless").went_well()
    assert "comes to the door" not in quiet.err
    assert quiet.out == answer.out


def test_the_same_recording_gives_the_same_decisions(latchlens: Latchlens, recordings: Recordings):
    first, second = (
        latchlens("simulate", "--video", recordings.film, "--json").went_well().objects[0] for _ in range(2)
    )
    assert first == second
    assert first["journal"] is None, "nothing is kept without --state"
