"""`latchlens dataset`: pictures in and out, split, counted and labelled; bad input changes nothing."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from device.errors import StoreError
from device.importing import Eyes, bring
from device.learn.album import Album, Import
from device.learn.album_reader import AlbumReader
from device.learn.dataset import Picture
from device.messages import Box, Detection, VisitKind, VisitPhase
from device.tell.store import Store
from tests.test_formats import BOXES, LABEL
from tests.test_journal import visit

OWN, STRANGER = "mimi", "stranger"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six small pictures in two folders that name their label, each of another day."""
    rng = np.random.default_rng(3)
    for number in range(6):
        place = tmp_path / "in" / (OWN if number % 2 else STRANGER)
        place.mkdir(parents=True, exist_ok=True)
        name = f"2026010{number + 1}_120000_0.jpg"
        cv2.imwrite(str(place / name), rng.integers(0, 255, (40, 60, 3), np.uint8))
    return tmp_path / "in"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def filled(latchlens, folder, state) -> Path:
    latchlens("dataset", "import", folder, "--task", "who", "--whole", "--state", state).went_well()
    return state


def kept(state: Path):
    with AlbumReader(state) as reader:
        return reader.dataset()


def test_a_folder_is_imported_and_counted(latchlens, folder, state):
    answer = latchlens("dataset", "import", folder, "--task", "who", "--whole", "--state", state).went_well()
    assert f"6 pictures and 6 labels imported from {folder} (folder)" in answer.out
    (found,) = latchlens("dataset", "stats", "--state", state, "--json").went_well().objects
    assert (found["views"], found["visits"], found["days"]) == (6, 6, 6)
    assert found["tasks"] == {"who": {OWN: {"views": 3, "visits": 3}, STRANGER: {"views": 3, "visits": 3}}}
    assert kept(state).embeddings().shape == (6, 1280)
    assert not [path for path in (state / "dataset").iterdir() if path.suffix != ".jpg"]


def test_importing_again_changes_nothing(latchlens, folder, filled):
    answer = latchlens("dataset", "import", folder, "--task", "who", "--whole", "--state", filled).went_well()
    assert "0 pictures and 0 labels" in answer.out and "6 pictures were there already" in answer.out
    assert len(kept(filled)) == 6


def test_a_label_that_says_otherwise_is_refused_unless_it_shall_overrule(latchlens, folder, filled):
    again = (
        "dataset",
        "import",
        folder / OWN,
        "--task",
        "who",
        "--label",
        "tom",
        "--whole",
        "--state",
        filled,
    )
    latchlens(*again).refused("is 'tom' for 'who' here and 'mimi' in the album", "--replace")
    assert kept(filled).labels("who").count("tom") == 0
    latchlens(*again, "--replace").went_well()
    assert kept(filled).labels("who").count("tom") == 3
    with AlbumReader(filled) as reader:
        example = next(each.id for each in reader.dataset().examples if each.labels["who"] == "tom")
        assert [each.label for each in reader.history("example", example)] == [OWN, "tom"]


@pytest.mark.parametrize("form", ["manifest", "coco", "yolo", "csv"])
def test_what_was_exported_can_be_imported_elsewhere(latchlens, filled, tmp_path, form):
    with AlbumReader(filled) as reader:
        example = next(reader.views()).id
    boxed = ("--box", "cat=0.25,0.25,0.5,0.5") if form != "csv" else ()
    latchlens("dataset", "label", example, "prey=clean", *boxed, "--state", filled).went_well()
    out, other = tmp_path / "out", tmp_path / "other"
    answer = latchlens("dataset", "export", out, "--format", form, "--state", filled).went_well()
    assert "6 pictures written" in answer.out
    source = {"manifest": "dataset.manifest", "coco": "annotations.json", "csv": "dataset.csv", "yolo": ""}[
        form
    ]
    latchlens("dataset", "import", out / source, "--whole", "--state", other).went_well()
    with AlbumReader(filled) as one, AlbumReader(other) as two:
        before, after = one.pictures(), {each.wall: each for each in two.pictures()}
    assert len(after) == 6
    for each in before:
        back = after[each.wall]
        assert (each.labels, each.visit) == (back.labels, back.visit)
        assert [(box.label, box.box) for box in each.boxes] == [(box.label, box.box) for box in back.boxes]


def test_an_export_never_writes_over_something(latchlens, filled, tmp_path):
    (tmp_path / "out").mkdir()
    latchlens("dataset", "export", tmp_path / "out", "--state", filled).refused(
        "is there already", "new folder"
    )
    latchlens("dataset", "export", tmp_path / "o", "--format", "xml", "--state", filled).refused(
        "'xml' is not known"
    )


def test_a_view_whose_picture_made_room_is_left_out_of_an_export(latchlens, filled, tmp_path):
    next((filled / "dataset").glob("*.jpg")).unlink()
    answer = latchlens("dataset", "export", tmp_path / "out", "--state", filled).went_well()
    assert "5 pictures" in answer.out and "1 whose picture had to make room" in answer.out


def write_manifest(folder: Path, *lines: object) -> Path:
    path = folder / "in.manifest"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def test_manifests_of_rekognition_load_with_pictures_from_a_folder(latchlens, tmp_path, state):
    for name, size in (("0001.jpg", (32, 32)), ("0002.png", (480, 640))):
        cv2.imwrite(str(tmp_path / name), np.full((*size, 3), len(name) * 9, np.uint8))
    path = write_manifest(tmp_path, LABEL, BOXES)
    latchlens("dataset", "import", path, "--task", "who", "--state", state).went_well()
    with AlbumReader(state) as reader:
        label, boxes = reader.pictures()
        assert label.labels == {"who": "mimi"}
        assert [box.label for box in boxes.boxes] == ["mouse", "cat"]
        assert list(reader.views())[1].crop == boxes.boxes[1].box


BROKEN = [
    ("{", "in.manifest, line 2: is not JSON"),
    ({"source-ref": 1}, "in.manifest, line 2: source-ref is 1"),
    ({"source-ref": "gone.jpg"}, "gone.jpg is not in"),
    ({"source-ref": "a.jpg"}, "a.jpg is there twice"),
    ({"source-ref": "torn.jpg"}, "torn.jpg"),
    (
        {"source-ref": "b.jpg", "prey": 1, "prey-metadata": LABEL["visitors-metadata"]},
        "prey 'mimi' does not exist; use one of clean, prey; --rename mimi=OURS calls it otherwise",
    ),
    (
        {
            "source-ref": "twin.jpg",
            "visitors": 1,
            "visitors-metadata": LABEL["visitors-metadata"] | {"class-name": "tom"},
        },
        "twin.jpg and a.jpg are the same picture, but 'tom' and 'mimi' for 'visitors'",
    ),
]


@pytest.mark.parametrize(("line", "said"), BROKEN)
def test_whatever_is_wrong_with_a_manifest_nothing_is_imported(latchlens, tmp_path, filled, line, said):
    picture = np.arange(32 * 32 * 3, dtype=np.uint8).reshape(32, 32, 3)
    for name in ("a.jpg", "twin.jpg", "torn.jpg"):
        cv2.imwrite(str(tmp_path / name), picture)
    cv2.imwrite(str(tmp_path / "b.jpg"), picture[::-1])
    (tmp_path / "torn.jpg").write_bytes((tmp_path / "torn.jpg").read_bytes()[:200])
    before = sorted(filled.rglob("*.jpg"))
    path = write_manifest(tmp_path, LABEL | {"source-ref": "a.jpg"}, line)
    latchlens("dataset", "import", path, "--whole", "--state", filled).refused(said)
    assert len(kept(filled)) == 6
    assert sorted(filled.rglob("*.jpg")) == before and not list((filled / "dataset").glob(".import*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "nowhere does not exist"),
        (("in",), "give --task, as --task prey"),
        (("in", "--task", "a/b"), "task 'a/b' is no name"),
        (("in/mimi", "--task", "who"), "lies in no folder that names its label; give --label"),
        (("in", "--format", "xml"), "format 'xml' is not known"),
    ],
)
def test_a_request_that_makes_no_sense_says_what_would(latchlens, folder, state, arguments, said):
    source, *rest = arguments
    latchlens("dataset", "import", folder.parent / source, *rest, "--state", state).refused(said)
    assert not (state / "dataset").exists()
    latchlens("dataset", "import", folder, "--rename", "x", "--state", state).refused("THEIRS=OURS", status=2)


class Embeds:
    """An embedder of three numbers."""

    sha256 = "three"

    def embed(self, crop):
        return np.array([crop.mean(), crop.std(), crop.shape[0]], np.float32)


class Boxes:
    """A detector that always finds the same cat, beside a person."""

    def detect(self, _image):
        return [Detection(Box(0, 0, 1, 1), "person", 0.9), Detection(Box(0.5, 0.5, 0.25, 0.25), "cat", 0.6)]


def brought(state, folder, detector=None, **changes):
    pictures = [Picture(path.name, {"who": OWN}) for path in sorted((folder / OWN).iterdir())]
    files = {each.source: folder / OWN / each.source for each in pictures}
    with closing(Store(state)) as store, AlbumReader(state) as reader:
        return bring(
            Album(store),
            reader,
            pictures,
            files,
            Eyes(Embeds(), detector),
            Import("x", "folder", 1.0),
            "me",
            **changes,
        )


def test_the_animal_is_cut_out_of_a_picture_without_boxes(folder, state):
    assert brought(state, folder, Boxes()).whole == 0
    with AlbumReader(state) as reader:
        assert {view.crop for view in reader.views()} == {Box(0.5, 0.5, 0.25, 0.25)}


def test_a_full_disk_in_the_middle_of_an_import_changes_nothing(folder, state):
    free = iter([10**9, 10**9, 5])
    with pytest.raises(StoreError, match="the disk is full; free some space"):
        brought(state, folder, floor=100, free=lambda _: next(free))
    assert len(kept(state)) == 0 and not list(state.rglob("*.jpg"))


def test_a_database_that_cannot_be_written_changes_nothing(folder, state, monkeypatch):
    def fails(*_):
        raise StoreError("full")

    monkeypatch.setattr(Album, "add", fails)
    with pytest.raises(StoreError, match="full"):
        brought(state, folder)
    assert len(kept(state)) == 0 and not list(state.rglob("*.jpg"))


def test_a_split_tells_both_sides_and_its_remarks(latchlens, filled, tmp_path):
    answer = latchlens(
        "dataset", "split", "who", "--to", tmp_path / "sides.csv", "--state", filled
    ).went_well()
    assert "train  6 pictures of 6 visits: 3 mimi, 3 stranger" in answer.out
    assert "approximate: only 6 separate visits, 60 are needed" in answer.out
    assert (tmp_path / "sides.csv").read_text().splitlines()[0] == "id,visit,group,side,fold"
    assert len((tmp_path / "sides.csv").read_text().splitlines()) == 7
    (found,) = latchlens("dataset", "split", "who", "--json", "--state", filled).went_well().objects
    assert found["test"]["pictures"] == 0 and found["folds"] == 5


def test_a_split_by_frame_is_refused_on_the_command_line(latchlens, filled):
    latchlens("dataset", "split", "who", "--by", "frame", "--state", filled).refused(
        "nearly copies", "split by visit"
    )
    latchlens("dataset", "split", "prey", "--state", filled).refused("labels for 'prey' are none at all")


def test_a_split_made_elsewhere_is_checked_for_visits_torn_apart(latchlens, tmp_path, state):
    rng = np.random.default_rng(5)
    for number in range(4):
        image = rng.integers(0, 255, (8, 8, 3), np.uint8)
        cv2.imwrite(str(tmp_path / f"20260101_12000{number}.png"), image)
    latchlens(
        "dataset", "import", tmp_path, "--task", "prey", "--label", "clean", "--whole", "--state", state
    )
    ids = [each.id for each in kept(state).examples]
    for sides, said in (
        (("train", "train", "test", "test"), "is in training and in the test"),
        (("train", "train", "moon", "test"), "line 4: needs an id of the album and the side"),
    ):
        rows = [f"{number},{side}" for number, side in zip(ids, sides, strict=True)]
        (tmp_path / "sides.csv").write_text("\n".join(["id,side", *rows]) + "\n")
        latchlens("dataset", "split", "prey", "--check", tmp_path / "sides.csv", "--state", state).refused(
            said
        )
    (tmp_path / "sides.csv").write_text("id,side\n" + "".join(f"{number},train\n" for number in ids))
    answer = latchlens("dataset", "split", "prey", "--check", tmp_path / "sides.csv", "--state", state)
    assert "no visit is on both sides" in answer.went_well().out


def test_one_label_only_is_said_to_teach_nothing(latchlens, folder, state):
    latchlens("dataset", "import", folder / OWN, "--task", "who", "--label", OWN, "--whole", "--state", state)
    assert "one label only teaches nothing" in latchlens("dataset", "stats", "--state", state).went_well().out
    latchlens("dataset", "split", "who", "--state", state).refused("all 'mimi'; at least two")


@pytest.fixture
def visited(state: Path) -> Path:
    with closing(Store(state)) as store:
        store.add([replace(visit(), phase=VisitPhase.END, kind=VisitKind.TRANSIT)])
    return state


def test_a_visit_is_labelled_with_one_word_and_its_history_is_told(latchlens, visited):
    latchlens("dataset", "label", "a-1", "right", "--by", "anna", "--state", visited).went_well()
    latchlens("dataset", "label", "a-1", "prey=", "--state", visited).went_well()
    said = latchlens("dataset", "label", "a-1", "--json", "--state", visited).went_well().objects
    assert [(each["task"], each["label"], each["by"]) for each in said] == [
        ("who", "mimi", "anna"),
        ("prey", "clean", "anna"),
        ("decision", "right", "anna"),
        ("prey", None, "owner"),
    ]
    assert "prey = (taken back)" in latchlens("dataset", "label", "a-1", "--state", visited).went_well().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a-9", "right"), "there is no visit or picture 'a-9'"),
        (("a-1", "good"), "'good' is no label; write right, wrong"),
        (("a-1", "prey=mouse"), "prey 'mouse' does not exist"),
        (
            ("a-1", "prey=clean", "prey=prey"),
            "prey is said to be 'clean' and 'prey' at once; say one of them",
        ),
        (("a-1", "right", "wrong"), "decision is said to be 'right' and 'wrong' at once; say one of them"),
        (("a-1", "who=garfield"), "who 'garfield' does not exist"),
        (("a-1", "--box", "cat=0,0,1,1"), "is a visit; boxes are drawn on one of its pictures"),
    ],
)
def test_a_label_that_makes_no_sense_changes_nothing(latchlens, visited, arguments, said):
    latchlens("dataset", "label", *arguments, "--state", visited).refused(said)
    with AlbumReader(visited) as reader:
        assert reader.history("visit", "a-1") == []


def test_boxes_outside_a_picture_are_refused(latchlens, filled):
    with AlbumReader(filled) as reader:
        example = next(reader.views()).id
    for box, said in (
        ("cat=0.5,0.5,0.6,0.1", "leaves the picture"),
        ("cat=1,2", "cat=LEFT,TOP,WIDTH,HEIGHT"),
        ("=0,0,1,1", "say what is in it"),
        ("cat=0,0,0,1", "is empty"),
    ):
        latchlens("dataset", "label", example, "--box", box, "--state", filled).refused(said)
    latchlens("dataset", "label", example, "right", "--state", filled).refused("is no visit of this door")


def test_the_album_needs_a_state_directory_that_is_there(latchlens, tmp_path):
    for command in (("stats",), ("split", "who"), ("export", tmp_path / "out"), ("queue",)):
        latchlens("dataset", *command, "--state", tmp_path / "none").refused("there is no database yet")
    assert not (tmp_path / "none").exists()


def test_what_a_killed_import_left_is_cleared_away_by_a_later_one(folder, state):
    for name, age in ((".import-old", 2 * 86400), (".import-running", 60)):
        (state / "dataset" / name).mkdir(parents=True)
        os.utime(state / "dataset" / name, (time.time() - age, time.time() - age))
    brought(state, folder)
    assert [path.name for path in (state / "dataset").iterdir() if path.is_dir()] == [".import-running"]


def test_a_manifest_cannot_reach_out_of_the_folder_of_its_pictures(latchlens, folder, state):
    path = write_manifest(folder / OWN, {"source-ref": "../../secret.jpg"})
    cv2.imwrite(str(folder.parent / "secret.jpg"), np.zeros((8, 8, 3), np.uint8))
    latchlens("dataset", "import", path, "--state", state).refused("../../secret.jpg is not in")


def test_two_names_of_one_picture_say_together_what_each_says(latchlens, tmp_path, state):
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), np.full((8, 8, 3), 77, np.uint8))
    (tmp_path / "t.csv").write_text("file,who,prey\na.png,mimi,\nb.png,,clean\n")
    answer = latchlens("dataset", "import", tmp_path / "t.csv", "--whole", "--state", state).went_well()
    assert "1 pictures and 2 labels" in answer.out
    assert [each.labels for each in kept(state).examples] == [{"who": "mimi", "prey": "clean"}]


def test_boxes_for_pictures_that_are_there_already_are_taken_over(latchlens, tmp_path, state):
    cv2.imwrite(str(tmp_path / "0002.png"), np.full((480, 640, 3), 77, np.uint8))
    (tmp_path / "t.csv").write_text("file,who\n0002.png,mimi\n")
    latchlens("dataset", "import", tmp_path / "t.csv", "--whole", "--state", state).went_well()
    path = write_manifest(tmp_path, BOXES)
    for _ in range(2):
        latchlens("dataset", "import", path, "--whole", "--state", state).went_well()
    with AlbumReader(state) as reader, closing(sqlite3.connect(state / "latchlens.sqlite")) as connection:
        assert [box.label for box in reader.pictures()[0].boxes] == ["mouse", "cat"]
        assert connection.execute("SELECT count(*), min(by) FROM boxes").fetchone() == (1, str(path))
