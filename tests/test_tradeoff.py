"""What every threshold would have cost and spared, counted once for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.decide.evidence import MeterSettings
from device.learn.album_reader import AlbumReader
from device.learn.bounds import at_most
from device.learn.events import replay_visit
from device.learn.needs import needs
from device.learn.promises import Replayed, Terms
from device.learn.thresholds import LOWEST
from device.learn.tradeoff import MOST, tradeoff
from device.training import as_document, learn
from tests.making import steady
from tests.test_cli_train import visited

RATIO = st.floats(-6, 6, allow_nan=False)


@steady
@given(
    st.lists(RATIO, min_size=1, max_size=12),
    st.floats(LOWEST, 12),
    st.integers(1, 5),
    st.sampled_from([0.0, 0.2, 0.4, 0.8]),
)
def test_what_was_held_up_tells_for_every_threshold_who_would_have_come_in(ratios, threshold, frames, span):
    settings = MeterSettings(frames=frames, span=span)
    times = [0.2 * number for number in range(len(ratios))]
    held = max(each.held for each in replay_visit("v", times, ratios, settings))
    tried = replay_visit("v", times, ratios, settings, threshold=threshold)
    if abs(held - threshold) > 1e-9:
        assert any(each.proven_after is not None for each in tried) is (held > threshold)


def lived(bad: bool, *ratios: float, light: str = "day") -> Replayed:
    attempts = replay_visit("v", [0.3 * number for number in range(len(ratios))], ratios, MeterSettings())
    return Replayed("v", bad, "v", light, (), attempts, 30.0)


def test_the_lowest_threshold_lets_most_in_and_the_highest_nobody():
    visits = [lived(False, 2.0, 2.0), lived(False, 0.4), lived(True, 1.0), lived(True, -2.0)]
    steps = tradeoff(visits, "day")
    assert (steps[0].threshold, steps[0].locked_out, steps[0].let_in) == (LOWEST, 0, 1)
    assert (steps[-1].locked_out, steps[-1].clean, steps[-1].let_in, steps[-1].bad) == (2, 2, 0, 2)
    assert steps[-1].let_in_at_most == at_most(0, 2)
    assert [each.threshold for each in steps] == sorted({each.threshold for each in steps})
    assert tradeoff(visits, "infrared") == ()


def test_no_more_thresholds_are_told_than_a_page_can_show():
    visits = [lived(False, 0.5 + number / 400) for number in range(600)]
    assert len(tradeoff(visits, "day")) == MOST


def test_the_threshold_in_force_counts_as_the_table_of_visits_says(tmp_path: Path):
    with AlbumReader(visited(tmp_path / "state", clean=14, prey=9, apart=0.3)) as album:
        lesson = learn(album.dataset(), "prey", Terms())
    chosen = lesson.promises["day"].threshold
    step = max(
        (each for each in lesson.evaluation.tradeoffs["day"] if each.threshold <= chosen + 1e-3),
        key=lambda each: each.threshold,
    )
    rates = {each.what: each for each in lesson.evaluation.rates}
    assert (step.locked_out, step.clean) == (rates["clean visits never unlocked"].k, 14)
    assert (step.let_in, step.bad) == (rates["prey let in"].k, 9)
    told = as_document(lesson)
    assert sum(each["pictures"] for each in told["confusion"]) == lesson.evaluation.testing  # type: ignore[attr-defined]


def test_what_is_missing_is_counted_in_separate_visits(tmp_path: Path):
    with AlbumReader(visited(tmp_path / "state", clean=5, prey=7)) as album:
        dataset = album.dataset()
    prey, who = needs(dataset, ["mimi"], entered={"v000"})
    assert prey.labels == {"clean": 5, "prey": 7}
    assert prey.teachable
    cut = dataset.examples[0].labels["prey"] == "prey"
    day, infrared = prey.promises
    assert (day.n, day.missing, day.needed) == (7 - cut, 22 + cut, 29)
    assert (infrared.n, infrared.missing) == (0, 29)
    assert who.absent == ("mimi", "stranger")


@pytest.mark.parametrize(
    ("clean", "prey", "absent"), [(5, 1, ("prey",)), (5, 0, ("prey",)), (0, 3, ("clean",))]
)
def test_nothing_can_be_taught_of_a_label_seen_at_one_visit_only(tmp_path: Path, clean, prey, absent):
    with AlbumReader(visited(tmp_path / "state", clean=clean, prey=prey)) as album:
        assert needs(album.dataset(), ["mimi"], ())[0].absent == absent
