"""The album: what is kept to learn from, what people said of it, and that nothing said is ever lost."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from device.errors import DatasetError, StoreError
from device.learn.album import Album, Drawn, Import, Offer, Said, View
from device.learn.album_reader import AlbumReader
from device.learn.dataset import LabelledBox, Picture
from device.learn.vocabulary import implied, require_label
from device.messages import Box, Heading, MeterReading, Outcome
from device.tell.store import Store
from tests import making
from tests.test_journal import visit

CODES = np.arange(-2, 6, dtype=np.int8)


def view(number, of="a-1", **changes):
    given = {"wall": 10.0, "infrared": True, "backbone": "b", "codes": CODES, "file": f"crops/{number}.jpg"}
    return View(str(number), of, **(given | changes))


def said(subject, task, label, about="visit", by="owner", wall=5.0):
    return Said(about, subject, task, label, by, wall)


def add(album, *views):
    album.add(views, (), {}, Import("elsewhere", "csv", 1.0))


@pytest.fixture
def album(tmp_path):
    store = Store(tmp_path)
    store.add([visit(id="a-1"), visit(id="a-2")])
    yield Album(store)
    store.close()


@pytest.fixture
def reader(album, tmp_path):  # noqa: ARG001 - its store is what is read
    with AlbumReader(tmp_path) as reader:
        yield reader


def test_a_view_comes_back_as_an_example_with_the_labels_of_its_visit(album, reader):
    add(album, view(1), view(2, "a-2"))
    album.say(
        [said("a-1", "who", "mimi"), said("a-1", "decision", "wrong"), said("2", "prey", "clean", "example")]
    )
    first, second = reader.dataset().examples
    assert (first.id, first.visit, first.wall, first.infrared) == ("1", "a-1", 10.0, True)
    assert first.codes.tolist() == CODES.tolist()
    assert first.labels == {"who": "mimi"} and second.labels == {"prey": "clean"}
    assert reader.labelled() == {"a-1", "a-2"}


def test_a_label_of_one_view_overrules_that_of_its_visit(album, reader):
    add(album, view(1), view(2))
    album.say([said("a-1", "prey", "prey"), said("2", "prey", "clean", "example")])
    assert reader.dataset().labels("prey") == ("prey", "clean")


def test_what_was_said_before_stays_with_who_said_it_and_when(album, reader):
    album.say([said("a-1", "who", "tom", by="page", wall=1.0)])
    album.say([said("a-1", "who", "mimi", by="anna", wall=2.0)])
    album.say([said("a-1", "who", None, by="anna", wall=3.0)])
    assert [(each.label, each.by, each.wall) for each in reader.history("visit", "a-1")] == [
        ("tom", "page", 1.0),
        ("mimi", "anna", 2.0),
        (None, "anna", 3.0),
    ]
    assert reader.labels("visit", "a-1") == {}


def test_a_visit_or_view_without_a_usable_view_teaches_nothing(album, reader):
    add(album, view(1), view(2), view(3, "a-2"))
    album.say(
        [said("1", "view", "none", "example"), said("a-2", "view", "none"), said("a-1", "prey", "clean")]
    )
    assert [each.id for each in reader.dataset().examples] == ["2"]


def test_only_embeddings_of_one_backbone_are_given_out(album, reader):
    add(album, view(1), view(2), view(3, backbone="c"))
    assert len(reader.dataset()) == 2 and reader.dataset().backbone == "b"
    assert [each.id for each in reader.dataset("c").examples] == ["3"]


def test_a_label_of_something_that_is_not_there_is_refused_and_nothing_is_kept(album, reader):
    for about in ("visit", "example"):
        with pytest.raises(DatasetError, match=f"there is no {about} 'x'"):
            album.say([said("a-1", "who", "mimi"), said("x", "who", "mimi", about)])
    assert reader.history("visit", "a-1") == []


def test_a_view_is_kept_once_and_all_or_none_are(album, reader):
    add(album, view(1))
    with pytest.raises(DatasetError, match="example 1 is in the album already"):
        add(album, view(2), view(1))
    assert [each.id for each in reader.views()] == ["1"]


def test_an_imported_picture_keeps_its_boxes_and_what_its_file_said(album, reader):
    box = LabelledBox(Box(0.1, 0.2, 0.3, 0.4), "cat", 0.5, foreign={"x": [1]})
    picture = Picture("a.jpg", {"who": "mimi"}, (box,), (640, 480), foreign={"note": {"deep": None}})
    crop = Box(0.0, 0.0, 0.5, 0.5)
    album.add(
        [view(1, "elsewhere", picture=picture, crop=crop)],
        [said("1", "who", "mimi", "example")],
        {"1": picture.boxes},
        Import("in.json", "coco", 1.0, {"info": {"year": 1}}),
    )
    assert next(reader.views()).crop == crop
    (again,) = reader.pictures()
    assert again.boxes == (box,) and again.labels == {"who": "mimi"} and again.visit == "elsewhere"
    assert again.foreign == picture.foreign and again.size_px == (640, 480)
    assert reader.foreign("coco") == {"info": {"year": 1}} and reader.foreign("yolo") == {}


def test_boxes_drawn_later_hold_and_can_be_taken_away(album, reader, tmp_path):
    add(album, view(1))
    for boxes in [(LabelledBox(Box(0, 0, 1, 1), "cat"),), ()]:
        album.draw("1", boxes, "anna", 1.0)
        assert reader.pictures()[0].boxes == boxes
    with closing(sqlite3.connect(tmp_path / "latchlens.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM boxes").fetchone() == (2,)
    with pytest.raises(DatasetError, match="no example 'x'"):
        album.draw("x", Drawn().boxes, "anna", 1.0)


def test_a_visit_that_was_offered_weighs_by_its_probability(album, reader):
    add(album, view(1), view(2, "a-2"), view(3, "elsewhere"))
    album.offer([Offer("a-1", "random", 0.25), Offer("a-2", "near", 0.0), Offer("a-1", "near", 0.0)], 1.0)
    assert reader.dataset().weights().tolist() == [4.0, 0.0, 1.0]
    assert reader.offered() == [Offer("a-1", "random", 0.25), Offer("a-2", "near", 0.0)]


def test_an_album_that_is_not_there_is_said(tmp_path):
    with pytest.raises(StoreError, match="there is no database yet"):
        AlbumReader(tmp_path / "none")


@pytest.mark.parametrize(
    ("task", "label", "said"),
    [
        ("prey", "no_prey", "prey 'no_prey' does not exist; did you mean prey?"),
        ("who", "mimmi", "who 'mimmi' does not exist; did you mean mimi?"),
        ("decision", "maybe", "use one of right, wrong"),
        ("a/b", "x", "task 'a/b' is no name"),
        ("mouth", " ", "the label for 'mouth' is empty"),
    ],
)
def test_a_label_that_does_not_exist_is_refused_with_the_one_that_is_meant(task, label, said):
    with pytest.raises(DatasetError) as refused:
        require_label(task, label, ["mimi"])
    assert said in str(refused.value)


def test_other_projects_have_tasks_of_their_own():
    require_label("parcel", "there")
    require_label("who", "anybody")
    require_label("who", "stranger", ["mimi"])


def mouth(proven):
    return MeterReading("mouth empty", 1.0, 4.0, -4.0, 3, proven)


@pytest.mark.parametrize(
    ("outcome", "who", "proven", "labels"),
    [
        (Outcome.UNLOCK, "mimi", True, {"who": "mimi", "prey": "clean"}),
        (Outcome.LOCK_OUT, "mimi", False, {"who": "mimi", "prey": "prey"}),
        (Outcome.KEEP_LOCKED, "stranger", None, {"who": "stranger"}),
        (Outcome.UNDECIDED, None, None, {}),
    ],
)
def test_a_decision_that_was_right_says_what_was_proven(outcome, who, proven, labels):
    assert implied(visit(outcome=outcome, who=who, evidence=(mouth(proven),))) == labels


def test_what_a_right_decision_says_is_read_off_the_meters_of_the_real_policy():
    door = making.policy()
    decisions = making.play(door, making.frames(0, 3, *making.OWN_CLEAN), making.empty(3, 20))
    (ended,) = making.ended(decisions)
    assert implied(ended) == {"who": "mimi", "prey": "clean"}
    assert ended.direction is Heading.IN
