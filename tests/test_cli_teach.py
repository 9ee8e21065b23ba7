"""`latchlens teach`: an own animal from pictures of it and of others, or one line with what is missing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.command_line import Latchlens
from tests.recordings import Recordings


def test_a_taught_cat_is_known_by_the_models_that_are_listed(
    latchlens, recordings: Recordings, tmp_path: Path
):
    taught = latchlens(
        *("teach", "chelsea", recordings.pictures, "--others", recordings.stranger),
        *("--project", recordings.project, "--state", tmp_path),
    ).went_well()
    assert "views of chelsea" in taught.out
    assert "[[animal]]" not in taught.err
    listed = latchlens("models", "list", "--state", tmp_path, "--json").went_well().objects
    assert [model["version"] for model in listed if model["name"] == "household"] == ["1"]
    latchlens("models", "verify", "--state", tmp_path).went_well()


def test_one_picture_of_each_is_enough_to_begin(latchlens: Latchlens, recordings: Recordings, tmp_path: Path):
    for name, picture in (("own", recordings.picture), ("other", recordings.stranger / "004.jpg")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(picture.read_bytes())
    answer = latchlens(
        *("teach", "mimi", tmp_path / "own", "--others", tmp_path / "other", "--state", tmp_path / "state")
    ).went_well()
    assert 'no [[animal]] name = "mimi" yet' in answer.err


@pytest.mark.parametrize("name", ["", "stranger", "own", "../mimi"])
def test_a_name_that_no_animal_may_have_is_refused(latchlens, recordings, tmp_path, name):
    state = tmp_path / "state"
    latchlens("teach", name, recordings.film, "--others", recordings.film, "--state", state).refused(
        "[[animal]]", "name", status=2
    )
    assert not state.exists()


@pytest.mark.parametrize("which", ["own", "others"])
def test_pictures_without_an_animal_are_named(latchlens, recordings, tmp_path, which):
    empty = tmp_path / "empty"
    empty.mkdir()
    cv2.imwrite(str(empty / "a.png"), np.full((240, 320, 3), 90, np.uint8))
    own, others = (empty, recordings.film) if which == "own" else (recordings.film, empty)
    latchlens("teach", "mimi", own, "--others", others, "--state", tmp_path / "state").refused(
        f"{empty}: no animal was found", "better light"
    )
    assert not list((tmp_path / "state").rglob("head.npz"))
