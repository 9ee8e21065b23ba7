"""Pictures of visits: the best views, nobody recognisable, never more than their share of the disk."""

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import StoreError
from device.messages import View, VisitPhase
from device.tell.quota import Picture, Quota, expendable
from device.tell.sink import Told
from device.tell.snapshots import PICTURES, BestViews, Snapshots, goodness, picture_path, pictures_of
from tests.test_journal import idle_pass, seen, visit

GREY = 128


def image(value=GREY):
    return np.full((48, 64, 3), value, np.uint8)


def untouched(picture, observation):  # noqa: ARG001
    return picture.copy()


def view(time, sharpness, track=1, was_seen=True):
    sighting = seen(time)
    return replace(
        sighting, track=replace(sighting.track, id=track, seen=was_seen), view=View(sharpness, 0.5, 0.5)
    )


def passed(time, *visits, sharpness=None, value=GREY):
    observation, decision = idle_pass(time)
    decision = replace(decision, visits=visits)
    if sharpness is None:
        return Told(observation, decision)
    return Told(replace(observation, looked=True, sightings=(view(time, sharpness),)), decision, image(value))


@pytest.fixture
def snapshots(tmp_path):
    return Snapshots(tmp_path, untouched, Quota(tmp_path, 10**7, 0))


def shade(path):
    return round(float(cv2.imread(str(path)).mean()) / 10) * 10


def test_the_best_views_of_a_visit_are_kept_the_best_first(snapshots, tmp_path):
    told = visit(tracks=(1,), phase=VisitPhase.END)
    for time, sharpness in enumerate([100, 400, 200, 50, 300]):
        snapshots.tell([passed(float(time), sharpness=sharpness, value=40 * (time + 1))])
    snapshots.tell([passed(6.0, told)])
    kept = pictures_of(tmp_path, told)
    assert [path.name for path in kept] == ["a-1-1.jpg", "a-1-2.jpg", "a-1-3.jpg"]
    assert [shade(path) for path in kept] == [80, 200, 120]
    assert kept[0].parent.name == "2023-11-14"


def test_pictures_are_there_as_soon_as_a_visit_is_told_and_get_better(snapshots, tmp_path):
    snapshots.tell([passed(1.0, visit(tracks=(1,)), sharpness=50, value=50)])
    assert shade(picture_path(tmp_path, visit(), 1)) == 50
    snapshots.tell([passed(2.0, visit(tracks=(1,), phase=VisitPhase.END), sharpness=500, value=200)])
    assert [shade(path) for path in pictures_of(tmp_path, visit())] == [200, 50]


def test_before_the_clock_is_set_pictures_lie_under_undated(tmp_path):
    assert picture_path(tmp_path, visit(started_wall=None), 2) == tmp_path / "undated" / "a-1-2.jpg"


def test_a_picture_never_leaves_its_folder(tmp_path):
    path = picture_path(tmp_path, visit(id="../../etc/x"), 1)
    assert path.parent == tmp_path / "2023-11-14"


def test_what_is_written_went_through_the_redaction(tmp_path):
    def hide(picture, observation):
        assert observation.sightings
        return np.zeros_like(picture)

    snapshots = Snapshots(tmp_path, hide, Quota(tmp_path, 10**7, 0))
    snapshots.tell([passed(1.0, visit(tracks=(1,)), sharpness=50, value=255)])
    assert [shade(path) for path in pictures_of(tmp_path, visit())] == [0]


def test_another_animals_views_are_not_taken(snapshots, tmp_path):
    snapshots.tell([passed(1.0, visit(tracks=(2,)), sharpness=50)])
    assert pictures_of(tmp_path, visit()) == []


def test_views_are_let_go_with_their_visit_or_when_they_come_to_nothing(snapshots):
    snapshots.tell([passed(1.0, visit(tracks=(1,), phase=VisitPhase.END), sharpness=50)])
    assert (snapshots._views, snapshots._open, snapshots._written) == ({}, {}, {})
    snapshots.tell([passed(2.0, sharpness=50), passed(100.0)])
    assert snapshots._views == {}


def test_only_a_clearly_better_view_is_worth_another_picture():
    best = BestViews()

    def wanted(time, sharpness, **changes):
        sighting = view(time, sharpness, **changes)
        return best(replace(idle_pass(time)[0], looked=True, sightings=(sighting,)))

    assert wanted(1.0, 100)
    assert not wanted(2.0, 110)
    assert wanted(3.0, 1000)
    assert not wanted(4.0, 5000, was_seen=False)
    assert wanted(5.0, 100, track=2)
    assert wanted(6.0, 100)  # track 1 was gone in between and is another visitor


@pytest.mark.parametrize("brightness", [0.0, 1.0])
def test_a_black_or_glaring_view_is_worth_nothing(brightness):
    assert goodness(replace(seen(), view=View(100.0, brightness, 0.5))) == 0


def test_a_picture_that_cannot_be_kept_is_an_error_and_the_visit_is_let_go(tmp_path):
    snapshots = Snapshots(tmp_path, untouched, Quota(tmp_path, 10, 0))
    with pytest.raises(StoreError, match="no room for pictures"):
        snapshots.tell([passed(1.0, visit(tracks=(1,), phase=VisitPhase.END), sharpness=50)])
    assert snapshots._open == {}


def fill(folder, visits, size=1000):
    (folder / "day").mkdir()
    for order in range(visits):
        for number in (1, 2):
            path = folder / "day" / f"v-{order}-{number}.jpg"
            path.write_bytes(bytes(size))
            os.utime(path, ns=(order, order))


def left(folder):
    return sorted(path.name for path in folder.glob("*/*.jpg"))


def test_the_oldest_pictures_make_room_within_the_quota(tmp_path):
    fill(tmp_path, 3)
    Quota(tmp_path, 4500, 0).make_room(1000)
    assert left(tmp_path) == ["v-1-2.jpg", "v-2-1.jpg", "v-2-2.jpg"]


def test_the_oldest_pictures_keep_the_floor_of_the_disk_free(tmp_path):
    fill(tmp_path, 3)
    Quota(tmp_path, 10**6, 5000, free=lambda _: 4500).make_room(1000)
    assert left(tmp_path) == ["v-1-1.jpg", "v-1-2.jpg", "v-2-1.jpg", "v-2-2.jpg"]


def test_the_newest_visit_is_never_given_up(tmp_path):
    fill(tmp_path, 3)
    with pytest.raises(StoreError, match="no room for pictures; free some space"):
        Quota(tmp_path, 10**6, 10**6, free=lambda _: 0).make_room(1000)
    assert left(tmp_path) == ["v-2-1.jpg", "v-2-2.jpg"]


def test_labelled_visits_are_given_up_last_and_a_clip_before_its_pictures(tmp_path):
    fill(tmp_path, 3)
    day = next(tmp_path.iterdir())
    clip = day / "v-1.webm"
    clip.write_bytes(bytes(1000))
    os.utime(clip, ns=(1, 1))
    Quota(tmp_path, 6000, 0, precious=lambda: {"v-0"}).make_room(1000)
    assert not clip.exists()
    assert left(tmp_path) == ["v-0-1.jpg", "v-0-2.jpg", "v-1-2.jpg", "v-2-1.jpg", "v-2-2.jpg"]


pictures = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, PICTURES), st.integers(1, 1000), st.integers(0, 99)),
    max_size=20,
)


@given(pictures, st.integers(-100, 5000))
def test_no_more_is_given_up_than_is_needed(drawn, short):
    found = [Picture(Path(f"day/v-{order}-{number}.jpg"), size, age) for order, number, size, age in drawn]
    chosen = expendable(found, short)
    assert sum(each.size for each in chosen[:-1]) < max(short, 1)
    if chosen:
        newest = max(found, key=lambda each: (each.written, each.path))
        assert newest.visit not in {each.visit for each in chosen}
