"""Splitting by visit and forward in time: nothing alike is on both sides, and what is a guess is said."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import DatasetError
from device.learn.dataset import Dataset, Example, Picture
from device.learn.formats.table import read_table
from device.learn.kcentre import k_centre
from device.learn.split import ENOUGH, grouped, refuse_torn, split, with_visits

DAY = 86_400.0
CODES = np.ones(2, np.int8)


def example(number, visit, wall, label="clean", who=None):
    labels = {"prey": label} | ({"who": who} if who else {})
    return Example(str(number), visit, wall, CODES, labels)


def dataset(*rows):
    return Dataset(tuple(example(number, *row) for number, row in enumerate(rows)))


def days(count, per_day=4, frames=3):
    """Visits an hour apart on `count` days; every fourth brings prey."""
    rows = [
        (f"{day}-{visit}", day * DAY + visit * 3600 + frame, "prey" if visit == 0 else "clean")
        for day in range(count)
        for visit in range(per_day)
        for frame in range(frames)
    ]
    return dataset(*rows)


def test_the_newest_fifth_of_the_days_is_the_test():
    data = days(20)
    parts = split(data, "prey")
    assert not parts.approximate and not parts.remarks
    assert {data.examples[number].wall // DAY for number in parts.test} == {16, 17, 18, 19}
    assert len(parts.train) + len(parts.test) == len(data)


def test_fewer_than_sixty_visits_are_judged_by_folds_and_that_is_said():
    few, enough = days(14), days(15)
    parts = split(few, "prey")
    assert parts.approximate and len(parts.train) == len(few)
    assert parts.remarks[0].startswith(f"approximate: only 56 separate visits, {ENOUGH} are needed")
    assert not split(enough, "prey").approximate


def test_sixty_visits_of_one_day_have_no_newer_day_to_be_judged_by():
    rows = [(str(n), n * 700.0, "prey" if n % 2 else "clean") for n in range(70)]
    parts = split(dataset(*rows), "prey")
    assert parts.approximate and "all of one day" in parts.remarks[0]


def test_a_visit_over_midnight_stays_whole():
    data = dataset(
        *[(f"{n}", n * DAY - 20 + f * 30, "prey" if n % 3 else "clean") for n in range(70) for f in (0, 1)]
    )
    parts = split(data, "prey")
    assert parts.test
    assert {data.examples[n].visit for n in parts.test}.isdisjoint(
        data.examples[n].visit for n in parts.train
    )


def test_a_split_by_frame_is_refused_with_an_explanation():
    with pytest.raises(DatasetError, match=r"nearly copies.*split by visit"):
        split(days(3), "prey", by="frame")
    with pytest.raises(DatasetError, match="cannot split by 'moon'"):
        split(days(3), "prey", by="moon")


def test_a_split_from_elsewhere_that_tears_a_visit_apart_is_refused():
    data = days(3)
    with pytest.raises(DatasetError, match=r"visit 0-0 is in training and in the test"):
        refuse_torn(data, train=[0], test=[1])
    refuse_torn(data, train=[0, 1, 2], test=[3, 4, 5])


def test_one_visit_or_one_class_cannot_be_split():
    with pytest.raises(DatasetError, match="all 2 labelled pictures are of one visit"):
        split(dataset(("a", 0.0, "clean"), ("a", 1.0, "prey")), "prey")
    with pytest.raises(DatasetError, match="all 'clean'"):
        split(dataset(("a", 0.0), ("b", 1e6)), "prey")


def test_visits_less_than_a_minute_apart_are_one_group():
    data = dataset(("a", 0.0, "x", "mimi"), ("b", 59.0, "x", "tom"), ("c", 119.0, "x", "fred"))
    assert grouped(data) == (0, 0, 1)


def test_the_same_animal_within_ten_minutes_is_one_group_though_another_came_between():
    data = dataset(
        ("a", 0.0, "x", "mimi"),
        ("b", 300.0, "x", "tom"),
        ("c", 599.0, "x", "mimi"),
        ("d", 1199.0, "x", "mimi"),
    )
    assert grouped(data) == (0, 1, 0, 2)


def test_an_animal_whose_name_is_not_known_may_be_any():
    data = dataset(("a", 0.0, "x", "mimi"), ("b", 300.0), ("c", 1000.0, "x", "tom"))
    assert grouped(data) == (0, 0, 1)


def test_visits_without_a_time_are_groups_by_themselves_and_only_train():
    rows = [(f"u{n}", None, "prey" if n % 2 else "clean") for n in range(5)]
    data = Dataset(days(20).examples + dataset(*rows).examples)
    parts = split(data, "prey")
    assert all(data.examples[number].wall is not None for number in parts.test)
    assert parts.remarks[-2:] == (
        "5 pictures without a time only train",
        "5 pictures tell neither visit nor time: each counts as a visit, so copies may be on both sides",
    )


def test_what_the_test_cannot_tell_is_said():
    rows = [(f"{n}", n * DAY, "prey" if n < 10 else "clean") for n in range(100)]
    assert "the test has no 'prey': nothing can be said of it" in split(dataset(*rows), "prey").remarks
    rows = [(f"{n}", n * DAY, "prey" if n > 90 else "clean") for n in range(100)]
    assert "nothing older teaches 'prey', which the test has" in split(dataset(*rows), "prey").remarks


def test_folds_share_the_rare_class():
    parts = split(days(10), "prey")
    data = days(10)
    for _, held in parts.out_of_fold():
        assert 4 <= [data.examples[number].labels["prey"] for number in held].count("prey") <= 8


rows_at_a_door = st.lists(
    st.tuples(
        st.integers(0, 30).map(str),
        st.one_of(st.none(), st.floats(0, 5 * DAY)),
        st.sampled_from(["clean", "prey"]),
        st.sampled_from([None, "mimi", "tom", "stranger"]),
    ),
    min_size=2,
    max_size=60,
)


@given(rows_at_a_door, st.sampled_from([2, 5, 60]))
def test_no_split_ever_tears_apart_what_belongs_together(rows, enough):
    data = dataset(*rows)
    groups = grouped(data)
    for (one, a), (other, b) in combinations(enumerate(data.examples), 2):
        near = a.wall is not None and b.wall is not None and abs(a.wall - b.wall) < 60
        assert groups[one] == groups[other] or not (a.visit == b.visit or near)
    try:
        parts = split(data, "prey", enough=enough)
    except DatasetError:
        return
    assert sorted(parts.train + parts.test) == list(range(len(data)))
    assert sorted(number for fold in parts.folds for number in fold) == sorted(parts.train)
    sides = [{groups[number] for number in side} for side in (parts.test, *parts.folds)]
    assert all(one.isdisjoint(other) for one, other in combinations(sides, 2))
    assert all(held and not set(held) & set(taught) for taught, held in parts.out_of_fold())


@given(st.lists(st.floats(0, 2000), min_size=1, max_size=40))
def test_pictures_with_gaps_under_a_minute_are_one_visit(walls):
    found = with_visits([Picture(str(number), wall=wall) for number, wall in enumerate(walls)])
    assert [each.source for each in found] == [str(number) for number in range(len(walls))]
    for one, other in pairwise(sorted(found, key=lambda each: each.wall)):
        assert (one.visit == other.visit) == (other.wall - one.wall < 60)


def test_a_visit_that_a_picture_names_itself_is_believed():
    known, dated, undated = with_visits([Picture("a", visit="v", wall=0), Picture("b", wall=0), Picture("c")])
    assert (known.visit, dated.visit, undated.visit) == ("v", "19700101T000000Z", "c")


def test_the_real_flap_is_split_forward_in_time_by_visit(shared_data):
    pictures = with_visits(read_table(shared_data / "flap" / "frames.csv", {"label": "mouth"}))
    data = Dataset(tuple(Example(p.source, p.visit, p.wall, CODES, p.labels) for p in pictures))
    parts = split(data, "mouth")
    assert not parts.approximate and len(parts.train) + len(parts.test) == 2730
    newest = max(data.examples[number].wall for number in parts.train)
    assert newest < min(data.examples[number].wall for number in parts.test)


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(1, 8))
def test_k_centre_covers_within_twice_the_best_possible_radius(seed, count, wanted):
    points = np.random.default_rng(seed).normal(size=(count, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    chosen = k_centre(points, wanted)
    assert len(set(chosen)) == min(wanted, count) and chosen[0] == 0
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    radius = distances[:, chosen].min(axis=1).max()
    best = min(
        distances[:, list(few)].min(axis=1).max()
        for few in combinations(range(min(count, 9)), min(wanted, count, 2))
    )
    if count <= 9 and wanted <= 2:
        assert radius <= 2 * best + 1e-9


def test_k_centre_leaves_what_is_known_for_last():
    points = np.eye(3)
    assert k_centre(points, 2, known=points[[0]]) == [1, 2]
    assert k_centre(points, 9, first=1) == [1, 0, 2]
    assert k_centre(np.zeros((0, 3)), 2) == []
