"""`latchlens train` and `latchlens evaluate`: from labelled visits to a head with a promise."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from device.learn.album import Album, Import, Offer, Said, View
from device.learn.album_reader import AlbumReader
from device.learn.dataset import packed
from device.learn.promises import Terms
from device.see.card import load_card
from device.see.head import load_head
from device.shipped import model_folder
from device.tell.store import Store
from device.training import learn_aside

DAY_S = 86400.0
BACKBONE = load_card(model_folder("efficientnet-lite0")).sha256


def visited(state: Path, clean: int, prey: int, apart: float = 1.0) -> Path:
    """An album of visits, three views each, on as many days; `apart` is how unlike prey looks."""
    chance = np.random.default_rng(5)
    ways = chance.standard_normal((2, 1280)).astype(np.float32)
    labels = ["clean"] * clean + ["prey"] * prey
    views, said = [], []
    for day, number in enumerate(chance.permutation(len(labels))):
        visit, label = f"v{day:03}", labels[number]
        middle = 2 * ways[0] + apart * ways[1] * (label == "prey") + chance.standard_normal(1280)
        for frame in range(3):
            codes = packed((middle + 0.5 * chance.standard_normal(1280)).astype(np.float32))
            wall = 1.7e9 + day * DAY_S + frame * 0.3
            views.append(
                View(f"{visit}-{frame}", visit, wall, False, BACKBONE, codes, f"{visit}-{frame}.jpg")
            )
        said.append(Said("visit", visit, "prey", label, "owner", 1.8e9))
    with closing(Store(state, 1.8e9)) as store:
        album = Album(store)
        album.add(views, (), {}, Import("here", "csv", 1.8e9))
        album.say(said)
    return state


def test_enough_visits_give_a_head_with_a_promise(latchlens, tmp_path: Path):
    state = visited(tmp_path / "state", clean=60, prey=45)
    answer = latchlens("train", "prey", "--state", state).went_well()
    assert "prey let in" in answer.out
    assert "at most 10% of prey visits get in at an attempt, at 95% confidence" in answer.out
    assert "not yet guaranteed: 29 more prey visits needed (0 seen)" in answer.out, "nobody came by infrared"
    head = load_head(state / "models" / "prey" / "1", BACKBONE)
    assert head.needed is not None
    assert head.neighbours is not None
    summary = json.loads(next((state / "evaluations").rglob("EvaluationSummary-*.json")).read_text())
    assert summary["Version"] == 1
    assert [each["Label"] for each in summary["LabelEvaluationResults"]]
    assert set(summary["LabelEvaluationResults"][0]["Metrics"]) == {
        *("F1Score", "Precision", "Recall", "Threshold"),
    }


def test_the_second_head_is_tried_beside_the_first(latchlens, tmp_path: Path):
    state = visited(tmp_path / "state", clean=12, prey=8)
    assert "prey/1: in use" in latchlens("train", "prey", "--state", state).went_well().out
    assert "tried beside version 1" in latchlens("train", "prey", "--state", state).went_well().out


def test_the_table_of_visits_comes_first_and_few_visits_are_called_approximate(latchlens, tmp_path: Path):
    state = visited(tmp_path / "state", clean=12, prey=8)
    answer = latchlens("evaluate", "prey", "--state", state, "--save", tmp_path / "told").went_well()
    lines = answer.out.splitlines()
    assert lines[0].startswith("taught with 60 pictures, judged by 60")
    lines = lines[1:]
    assert lines[0].startswith("approximate: only 20 separate visits")
    assert "clean visits never unlocked" in lines[1]
    assert "of 12 (at most" in lines[1]
    assert (tmp_path / "told" / "precision-recall.svg").read_text().startswith("<svg")
    assert not (state / "models" / "prey").exists(), "evaluating changes nothing"


def test_errors_are_named_with_their_visits(latchlens, tmp_path: Path):
    state = visited(tmp_path / "state", clean=12, prey=8, apart=0.0)
    told = json.loads(latchlens("evaluate", "prey", "--state", state, "--json").went_well().out)
    wrong = {each["what"]: each["visits"] for each in told["events"]}
    assert wrong["prey let in"] or wrong["clean visits never unlocked"]
    assert "are they labelled right?" in latchlens("evaluate", "prey", "--state", state).went_well().out


def test_rates_weigh_visits_as_they_were_drawn(latchlens, tmp_path: Path):
    state = visited(tmp_path / "state", clean=12, prey=8, apart=0.0)
    told = json.loads(latchlens("evaluate", "prey", "--state", state, "--json").went_well().out)
    let_in = next(each for each in told["events"] if each["what"] == "prey let in")
    assert let_in["of_all"] is None, "all count the same"
    hard, rare = let_in["visits"][0], let_in["visits"][1]
    with closing(Store(state, 1.8e9)) as store:
        Album(store).offer([Offer(hard, "near the threshold", 0.0), Offer(rare, "random", 0.1)], 1.8e9)
    told = json.loads(latchlens("evaluate", "prey", "--state", state, "--json").went_well().out)
    after = next(each for each in told["events"] if each["what"] == "prey let in")
    k, n = after["k"], after["n"]
    assert (k, n) == (let_in["k"], let_in["n"])
    assert after["of_all"] == pytest.approx((k - 2 + 10) / (n - 2 + 10))
    answer = latchlens("evaluate", "prey", "--state", state).went_well()
    assert f"weighed as drawn: {after['of_all']:.1%}" in answer.out


def test_a_disk_that_takes_no_evaluation_leaves_no_new_head(latchlens, tmp_path: Path):
    state = visited(tmp_path / "state", clean=12, prey=8)
    (state / "evaluations").write_text("in the way")
    latchlens("train", "prey", "--state", state).refused("cannot be written", "free some space")
    assert not list((state / "models").rglob("card.toml"))


def test_training_tells_how_far_it_has_come(tmp_path: Path):
    state = visited(tmp_path / "state", clean=12, prey=8)
    with AlbumReader(state) as album:
        dataset = album.dataset()
    heard: list[float] = []
    lesson = learn_aside(dataset, "prey", Terms(), done=heard.append)
    assert heard == [
        (number + 1) / (len(lesson.split.folds) + 1) for number in range(len(lesson.split.folds))
    ]


def test_a_split_by_frame_is_refused_with_the_reason(latchlens, tmp_path: Path):
    state = visited(tmp_path / "state", clean=4, prey=4)
    latchlens("evaluate", "prey", "--by", "frame", "--state", state).refused("refused", "visit")


@pytest.mark.parametrize(("clean", "prey", "why"), [(5, 0, "all 'clean'"), (5, 1, "'prey'")])
def test_too_little_to_learn_from_says_what_is_missing(latchlens, tmp_path: Path, clean, prey, why):
    state = visited(tmp_path / "state", clean=clean, prey=prey)
    latchlens("train", "prey", "--state", state).refused(why, "label")
    assert not (state / "models" / "prey").exists()


def test_a_task_no_door_asks_for_is_refused(latchlens, tmp_path: Path):
    state = visited(tmp_path / "state", clean=4, prey=4)
    latchlens("train", "weather", "--state", state).refused("weather")
