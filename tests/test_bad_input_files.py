"""Wrong files on the command line, be they projects, pictures or videos: one line with the fix."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from device.see.pictures import read_picture
from tests.command_line import Latchlens
from tests.recordings import Recordings

Spoil = Callable[[Path], object]
"""Writes something wrong to a path."""


def leave_absent(_: Path) -> None:
    """Writes nothing."""


MISTAKES = {
    "an unknown key": ("hold = 5.0", "hodl = 5.0", ["[door] hodl", "did you mean hold?"]),
    "a wrong type": ("hold = 5.0", 'hold = "long"', ["[door] hold = 'long'", "number"]),
    "a pin that does not exist": ("pin = 18", "pin = 40", ["[bolt] pin", "pin 40", "use 0-27"]),
    "a pin used twice": ("pin = 17", "pin = 18", ['[[input]] "door"', "18", "used twice", "[bolt]"]),
    "an unknown kind": ('kind = "servo"', 'kind = "sevro"', ["[bolt] kind = 'sevro'", "did you mean servo?"]),
    "a broken line": ("[bolt]", "[bolt", ["not valid TOML", "line"]),
}


@pytest.mark.parametrize(
    "command",
    [
        ["run"],
        ["simulate"],
        ["check"],
        ["analyze", "."],
        ["visits", "list"],
        ["teach", "x", ".", "--others", "."],
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_project_is_told_by_every_command(
    latchlens, tmp_path, demo, recordings, command, mistake
):
    right, wrong, parts = MISTAKES[mistake]
    assert right in demo
    project = tmp_path / "mine.toml"
    project.write_text(demo.replace(right, wrong, 1))
    places = [recordings.pictures if part == "." else part for part in command]
    answer = latchlens(
        *places, "--project", project, *([] if command == ["simulate"] else ["--state", tmp_path / "state"])
    )
    if command == ["check"]:
        assert answer.status == 1
        (line,) = answer.out.splitlines()
        assert line.startswith("FAULT  project")
        assert all(part in line for part in [str(project), *parts])
    else:
        answer.refused(str(project), *parts, status=2)
    assert not (tmp_path / "state").exists()


@pytest.fixture
def demo() -> str:
    from device import shipped

    return shipped.project("demo").read_text()


@pytest.mark.parametrize(
    ("write", "parts"),
    [
        (leave_absent, ["no such project file", "cat-flap"]),
        (Path.mkdir, ["cannot be read"]),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), ["cannot be read"]),
        (lambda path: path.write_text(""), ["[bolt] kind is missing", "servo"]),
    ],
    ids=["absent", "a folder", "not text", "empty"],
)
def test_a_project_that_cannot_be_read_is_named(latchlens: Latchlens, tmp_path: Path, write: Spoil, parts):
    project = tmp_path / "mine.toml"
    write(project)
    latchlens("run", "--project", project, "--state", tmp_path / "state").refused(
        str(project), *parts, status=2
    )


def spoilt(recordings: Recordings) -> dict[str, tuple[bytes, list[str]]]:
    """Bytes of picture and video files that cannot be read, with what is said of them."""
    jpeg, film = recordings.picture.read_bytes(), recordings.film.read_bytes()
    large = cv2.imencode(".png", np.zeros((9_000, 12_000), np.uint8))[1].tobytes()
    return {
        "cut.jpg": (jpeg[: len(jpeg) // 2], ["ends in the middle", "copy it again"]),
        "empty.jpg": (b"", ["is empty", "copy it again"]),
        "letter.jpg": (b"Dear cat, ...", ["is not a picture", "JPEG or PNG"]),
        "large.png": (large, ["12000 x 9000", "save it smaller"]),
        "empty.mp4": (b"", ["is empty", "copy it again"]),
        "letter.mp4": (b"Dear cat, ...", ["is text, not a video", "MP4"]),
        "noise.mp4": (np.random.default_rng(1).bytes(20_000), ["is not a video", "MP4"]),
        "head.avi": (film[:3000], ["is not a video", "cut short"]),
    }


def test_what_cannot_be_read_is_named_and_the_rest_is_answered(latchlens, recordings, tmp_path):
    files = spoilt(recordings)
    for name, (content, _) in files.items():
        (tmp_path / name).write_bytes(content)
    shutil.copy(recordings.picture, tmp_path / "right.jpg")
    answer = latchlens("analyze", tmp_path, "--json")
    assert answer.status == 1
    assert [each["File"] for each in answer.objects] == [str(tmp_path / "right.jpg")]
    told = [line for line in answer.err.splitlines() if line.startswith("latchlens: ")]
    assert len(told) == len(files)
    for name, (_, parts) in files.items():
        (line,) = (line for line in told if name in line)
        assert all(part in line for part in parts), line


def test_odd_pictures_are_answered_like_others(latchlens: Latchlens, recordings: Recordings, tmp_path: Path):
    image = read_picture(recordings.picture)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    odd = {
        "alpha.png": cv2.cvtColor(image, cv2.COLOR_BGR2BGRA),
        "deep.png": image.astype(np.uint16) * 257,
        "grey.png": grey,
        "large.jpg": cv2.resize(grey, (12_000, 9_000), interpolation=cv2.INTER_NEAREST),
        "pixel.png": image[:1, :1],
    }
    for name, picture in odd.items():
        cv2.imwrite(str(tmp_path / name), picture)
    answers = latchlens("analyze", tmp_path, "--json").went_well().objects
    assert [Path(each["File"]).name for each in answers] == list(odd)
    labels = [{label["Name"] for label in each["Labels"]} for each in answers]
    assert all("Cat" in each for each in labels[:4])
    assert labels[4] == set()


def test_a_film_that_is_cut_short_is_answered_as_far_as_it_goes(latchlens: Latchlens, recordings: Recordings):
    answer = latchlens("analyze", recordings.cut_film, "--json", "--every", 1)
    answer.refused("cut.avi ends in the middle", "copy it again")
    (found,) = answer.objects
    assert found["JobStatus"] == "FAILED"
    assert "cut.avi ends in the middle" in found["StatusMessage"]
    assert {each["Label"]["Name"] for each in found["Labels"]} >= {"Cat"}


def test_a_film_that_is_cut_short_is_played_as_far_as_it_goes(latchlens: Latchlens, recordings: Recordings):
    answer = latchlens("simulate", "--video", recordings.cut_film, "--json")
    answer.refused("cut.avi ends in the middle", "copy it again")
    (played,) = answer.objects
    assert played["frames"] >= 8
    assert len(played["visits"]) == 1


@pytest.mark.parametrize(
    "command",
    [
        ["analyze", "{}"],
        ["simulate", "--video", "{}"],
        ["teach", "mimi", "{}", "--others", "{}"],
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize(
    ("write", "part"),
    [
        (leave_absent, "does not exist"),
        (Path.mkdir, "holds no pictures"),
        (lambda path: path.write_bytes(b""), "is empty"),
    ],
    ids=["absent", "an empty folder", "an empty file"],
)
def test_a_place_without_pictures_is_named_by_every_command(
    latchlens: Latchlens, tmp_path: Path, command: list[str], write: Spoil, part: str
):
    place = tmp_path / "there"
    write(place)
    arguments = [argument.format(place) for argument in command]
    latchlens(*arguments, "--state", tmp_path / "state").refused(str(place), part, ";")


def test_a_part_of_a_film_without_pictures_is_named(latchlens: Latchlens, recordings: Recordings):
    latchlens("simulate", "--video", recordings.film, "--start", 90).refused("film.avi", "--start", "--end")


def test_a_damaged_picture_in_a_folder_ends_its_play_but_not_the_summary(latchlens, recordings, tmp_path):
    folder = shutil.copytree(recordings.pictures, tmp_path / "pictures")
    (folder / "012.jpg").write_bytes(b"Dear cat, ...")
    answer = latchlens("simulate", "--video", folder, "--json")
    answer.refused("012.jpg is not a picture", "JPEG or PNG")
    assert answer.objects[0]["frames"] == 12


def test_boxes_that_cannot_be_saved_are_named(latchlens: Latchlens, recordings: Recordings, tmp_path: Path):
    (tmp_path / "file").touch()
    for command in (["analyze", recordings.picture], ["simulate", "--video", recordings.film]):
        latchlens(*command, "--save", tmp_path / "file").refused(str(tmp_path / "file"), "--save")


def test_boxes_are_never_drawn_over_the_pictures_themselves(latchlens, recordings, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        shutil.copy(recordings.picture, tmp_path / folder / "cat.jpg")
    latchlens("analyze", tmp_path / "one", "--save", tmp_path / "one").refused(
        "--save", "choose another", status=2
    )
    assert (tmp_path / "one" / "cat.jpg").read_bytes() == recordings.picture.read_bytes()
    latchlens("analyze", tmp_path / "one", tmp_path / "two", "--save", tmp_path / "seen").went_well()
    assert {path.name for path in (tmp_path / "seen").iterdir()} == {"cat.jpg", "cat-2.jpg"}
