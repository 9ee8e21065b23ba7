"""Scenes may ask for a picture of whoever was refused, and when it must be there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device.tell.snapshots import Snapshots
from simulator.expectations import Expectation, measure
from simulator.performance import play_scene
from simulator.record import Record
from simulator.refusals import Refusals
from simulator.scene import find_scene, read_scene
from simulator.world import Happening

WANTED = Expectation("picture", who="mimi", within=5.0)


def until_the_lockout():
    scene = read_scene(find_scene("s2"))
    wanted = tuple(each for each in scene.expectations if each.that == "picture")
    return replace(scene, seconds=20.0, visitors=scene.visitors[:1], expectations=wanted)


def outcome(result):
    (found,) = [each for each in result.outcomes if each.expectation.that == "picture"]
    return found.met, found.measured


def test_a_picture_of_a_refused_cat_lies_on_the_disk_when_she_is_refused(tmp_path):
    met, measured = outcome(play_scene(until_the_lockout(), tmp_path))
    assert met and measured.endswith("s after the refusal")


def test_pictures_that_are_not_kept_or_cannot_be_read_are_missed(tmp_path, monkeypatch):
    monkeypatch.setattr("device.tell.snapshots.write_whole", lambda path, *_, **__: _half(path))
    assert outcome(play_scene(until_the_lockout(), tmp_path / "half"))[0] is False
    monkeypatch.setattr(Snapshots, "_keep", lambda *_: None)
    met, measured = outcome(play_scene(until_the_lockout(), tmp_path / "none"))
    assert (met, measured.endswith("no picture")) == (False, True)


def _half(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xff\xd8\xff\xe0")


@pytest.mark.parametrize(
    ("times", "pictured", "met", "measured"),
    [
        ({"v1": 6.0}, {"v1": 5.5}, True, "0.0 s after the refusal"),
        ({"v1": 6.0}, {"v1": 10.5}, True, "4.5 s after the refusal"),
        ({"v1": 6.0}, {"v1": 11.5}, False, "5.5 s after the refusal"),
        ({"v1": 6.0}, {"v2": 6.0}, False, "refused at 6.0 s, no picture"),
        ({"v0": 2.0, "v1": 6.0}, {"v0": 2.0}, False, "refused at 6.0 s, no picture"),
        ({"v0": 2.0}, {"v0": 2.0}, False, "nobody was refused"),
    ],
)
def test_the_picture_is_that_of_the_first_visit_refused_since_she_came(times, pictured, met, measured):
    came = Happening(3.0, "arrives", "mimi", False)
    record = Record(happenings=[came], refusals=Refusals(times, pictured))
    found = measure(record, WANTED)
    assert (found.met, found.measured) == (met, measured)
