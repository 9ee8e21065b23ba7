"""What is collected of visits: few views, unlike each other, nobody recognisable, and only with consent."""

from contextlib import closing
from dataclasses import replace

import cv2
import numpy as np
import pytest

from device.config import parse_project
from device.errors import ConfigError, StoreError
from device.learn.album import Album, Said
from device.learn.album_reader import AlbumReader
from device.learn.collect import DAY_S, HELD, Collector, EverySoOften, Settings, teaches
from device.messages import Box, Sighting, Verdict, View, VisitPhase
from device.see.crops import crop
from device.see.privacy import without_persons
from device.tell.quota import Quota
from device.tell.sink import Told
from device.tell.store import Store
from device.tell.wire import document, read, written
from tests.test_journal import idle_pass, seen, visit

WALL = 1.7e9


def embedding(angle):
    return np.array([np.cos(angle), np.sin(angle), 0.0], np.float32)


def sighting(time, angle=0.0, track=1, sharpness=100.0, **of_track):
    found = seen(time)
    box = Box(0.25, 0.25, 0.5, 0.5)
    followed = replace(found.track, id=track, box=box, **({"seen": True} | of_track))
    return Sighting(followed, View(sharpness, 0.5, 0.5), (), embedding(angle))


def passed(time, *sightings, visits=(), image=None, **changes):
    observation, decision = idle_pass(time, looked=True, sightings=sightings, wall=WALL + time, **changes)
    image = np.full((48, 64, 3), 90, np.uint8) if image is None and sightings else image
    return Told(observation, replace(decision, visits=visits), image)


def ended(**changes):
    return visit(
        **({"tracks": (1,), "phase": VisitPhase.END, "started": 0.0, "started_wall": WALL} | changes)
    )


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path)) as store:
        yield store


def collector(store, quota=None, **settings):
    quota = quota or Quota(store.folder / "crops", 10**7, 0)
    return Collector(
        Settings(**settings), store.folder, "backbone", Album(store), without_persons, crop, quota
    )


def kept(store):
    with AlbumReader(store.folder) as reader:
        return list(reader.views())


def test_of_a_visit_the_views_least_like_each_other_are_kept_with_crop_and_embedding(store):
    collects = collector(store, per_visit=3)
    for time, angle in enumerate([0.0, 0.01, 0.02, 0.8, 0.81, 1.5, 1.51]):
        collects.tell([passed(float(time), sighting(float(time), angle))])
    collects.tell([passed(9.0, visits=(ended(),))])
    views = kept(store)
    assert [round(each.wall - WALL) for each in views] == [0, 3, 6]
    assert all(each.visit == "a-1" and each.backbone == "backbone" for each in views)
    assert views[0].codes.tolist() == [127, 0, 0]
    assert cv2.imread(str(store.folder / views[0].file)).shape == (35, 35, 3)


def test_a_visit_that_lasts_for_hours_waits_in_little_memory_and_keeps_its_rarest_view(store):
    collects = collector(store, per_visit=2)
    for time in range(500):
        collects.tell([passed(float(time), sighting(float(time), 1.5 if time == 40 else 0.001 * (time % 7)))])
    assert len(collects._seen[1]) <= HELD
    collects.tell([passed(500.0, visits=(ended(),))])
    assert 40 in [round(each.wall - WALL) for each in kept(store)]


def test_persons_animals_not_seen_and_what_was_not_embedded_teach_nothing():
    assert teaches(sighting(0.0))
    assert not teaches(sighting(0.0, label="person"))
    assert not teaches(sighting(0.0, seen=False))
    assert not teaches(replace(sighting(0.0), embedding=None))
    assert not teaches(replace(sighting(0.0), verdicts=(Verdict("species", {"person": 0.6, "cat": 0.4}),)))


def test_a_person_behind_the_animal_is_blurred_in_the_crop(store):
    image = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
    person = replace(sighting(0.0, track=2, label="person"), embedding=None)
    collects = collector(store)
    collects.tell([passed(0.0, sighting(0.0), person, image=image)])
    collects.tell([passed(1.0, visits=(ended(),))])
    (view,) = kept(store)
    before = crop(image, sighting(0.0).track.box)
    after = cv2.imread(str(store.folder / view.file))
    assert after.std() < before.std() / 3


def test_a_frame_now_and_then_is_looked_at_for_learning():
    often = EverySoOften(0.5)
    times = [round(number / 10, 1) for number in range(20)]
    assert [t for t in times if often(passed(t, sighting(t)).observation)] == [0.0, 0.5, 1.0, 1.5]
    assert not often(passed(9.0, replace(sighting(9.0), embedding=None)).observation)
    assert often(passed(0.0, sighting(0.0)).observation)  # the monotonic clock began anew


def test_a_full_disk_keeps_nothing_half_and_the_visit_is_kept_when_there_is_room(store):
    free = 0
    quota = Quota(store.folder / "crops", 10**7, 1000, free=lambda _: free)
    collects = collector(store, quota)
    collects.tell([passed(0.0, sighting(0.0))])
    with pytest.raises(StoreError, match="no room"):
        collects.tell([passed(1.0, visits=(ended(),))])
    assert kept(store) == [] and not list(store.folder.rglob("*.jpg"))
    free = 10**9
    collects.tell([])
    assert len(kept(store)) == 1


def test_no_crop_stays_where_its_row_cannot_be_written(store):
    collects = collector(store)
    collects.tell([passed(0.0, sighting(0.0))])
    store.write(lambda connection: connection.execute("ALTER TABLE examples RENAME TO gone"))
    with pytest.raises(StoreError):
        collects.tell([passed(1.0, visits=(ended(),))])
    assert not list(store.folder.rglob("*.jpg"))


def test_a_visit_told_again_replaces_its_views(store):
    for angle in (0.0, 1.0):
        collects = collector(store)
        collects.tell([passed(0.0, sighting(0.0, angle))])
        collects.tell([passed(1.0, visits=(ended(),))])
    (view,) = kept(store)
    assert view.codes[1] > 100


def test_unlabelled_views_are_forgotten_after_their_time_and_labelled_ones_never(store):
    collects = collector(store, keep_days=1.0)
    for number in (1, 2):
        collects.tell([passed(0.0, sighting(0.0, track=number))])
        collects.tell([passed(1.0, visits=(ended(id=f"a-{number}", tracks=(number,)),))])
    store.add([ended(id="a-1")])
    Album(store).say([Said("visit", "a-1", "prey", "clean", "anna", WALL)])
    collects.tell([passed(2 * DAY_S)])
    assert [each.visit for each in kept(store)] == ["a-1"]
    assert len(list(store.folder.rglob("*.jpg"))) == 1


def test_an_embedding_is_for_learning_only_and_in_no_journal():
    with_it = sighting(1.0)
    without = replace(with_it, embedding=None)
    assert "embedding" not in written(with_it) and "embedding" not in document(with_it)
    assert read(Sighting, written(with_it), "here") == with_it == without


def test_the_owner_may_refuse_collecting():
    project = parse_project(PROJECT + "[learning]\ncollect = false\n")
    assert not project.section("learning").collect
    with pytest.raises(ConfigError, match=r"\[learning\] per_visit"):
        parse_project(PROJECT + "[learning]\nper_visit = 0\n")


PROJECT = """
[camera]
kind = "usb"
[bolt]
kind = "servo"
pin = 18
"""


@pytest.mark.parametrize("consent", [True, False])
def test_the_real_loop_collects_views_of_a_visit_if_it_may(latchlens, recordings, tmp_path, consent):
    project = tmp_path / "p.toml"
    project.write_text(recordings.project.read_text() + f"[learning]\ncollect = {str(consent).lower()}\n")
    state = tmp_path / "state"
    latchlens("simulate", "--video", recordings.film, "--project", project, "--state", state).went_well()
    with AlbumReader(state) as reader:
        data = reader.dataset()
    if not consent:
        assert len(data) == 0
        return
    assert 1 <= len(data) <= 5 and data.embeddings().shape == (len(data), 1280)
    assert all((state / each.source).is_file() for each in data.examples)


def test_a_track_that_came_to_nothing_is_let_go(store):
    collects = collector(store)
    collects.tell([passed(0.0, sighting(0.0))])
    collects.tell([passed(61.0)])
    collects.tell([passed(62.0, visits=(ended(),))])
    assert kept(store) == [] and not collects._last
