"""From real frames to a moved bolt: clips and photos through the real models, loop and guard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from device import shipped
from device.building.eyes import Sight, build_sight
from device.config import Project, parse_project
from device.decide.subject import STRANGER
from device.messages import Outcome, Pixels
from device.see import video
from device.see.pictures import read_picture
from device.teaching import Examples, animal_crops, embed_all, save
from simulator.play import Played, play
from simulator.recording import RecordingClock
from tests.command_line import Latchlens

RULES = """
[[rule]]
name = "my cat"
who = "own"
direction = "in"
then = "unlock"
"""
IDENTITY_ONLY = f"""
[door]
require_prey_proof = false
[camera]
kind = "usb"
[tracker]
inward = "up"
[[animal]]
name = "ginger"
{RULES}
[bolt]
kind = "servo"
pin = 18
"""
HALF = 4.45
"""Seconds: the cat clip is taught up to here and played from here on."""


@dataclass(frozen=True, slots=True)
class School:
    """A state directory in which the cat of the clip's first half has been taught."""

    project: Project
    state: Path
    sight: Sight


def recorded(path: Path, start: float = 0.0, end: float | None = None, every: int = 1) -> video.Camera:
    return video.build(video.Settings(str(path), start=start, end=end, every=every), RecordingClock())


def pictures(camera: video.Camera) -> Iterator[Pixels]:
    return (frame.image for frame in video.every_frame(camera))


@pytest.fixture(scope="module")
def school(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> School:
    state = tmp_path_factory.mktemp("state")
    project = parse_project(IDENTITY_ONLY)
    untaught = build_sight(project, state)
    own = recorded(shared_data / "video" / "cat_jumps_on_chair.mp4", end=HALF, every=4)
    others = [
        *sorted((shared_data / "photos" / "cat").iterdir())[:40],
        *sorted((shared_data / "photos" / "dog").iterdir())[:40],
    ]
    examples = Examples()
    examples.add("ginger", embed_all(animal_crops(pictures(own), untaught.eyes.detector), untaught.embedder))
    crops = animal_crops(map(read_picture, others), untaught.eyes.detector)
    examples.add(STRANGER, embed_all(crops, untaught.embedder))
    save(examples, "household", untaught.embedder.model.card, state / "models")
    return School(project, state, untaught)


def second_half(school: School, shared_data: Path, project: Project | None = None) -> Played:
    camera = recorded(shared_data / "video" / "cat_jumps_on_chair.mp4", start=HALF)
    return play(project or school.project, camera, "second half", school.state)


def test_the_cat_clip_is_one_visit_of_a_cat_undecided_because_no_own_animal_is_taught(
    latchlens: Latchlens, shared_data: Path
):
    clip = shared_data / "video" / "cat_jumps_on_chair.mp4"
    result = latchlens("simulate", "--video", clip, "--headless", "--json")
    assert result.status == 0
    (played,) = result.objects
    (visit,) = played["visits"]
    assert (visit["species"], visit["outcome"], visit["who"]) == ("cat", "undecided", None)
    assert "no own animal has been taught" in visit["reason"]
    assert visit["tracks"] == [1]
    assert visit["ended"] > visit["started"]
    assert {reading["name"] for reading in visit["evidence"]} >= {"who", "mouth empty"}
    assert not played["unlocked"]


def test_the_cat_that_was_taught_in_the_first_half_unlocks_in_the_second(school: School, shared_data: Path):
    played = second_half(school, shared_data)
    assert played.unlocked
    (visit,) = played.visits
    assert (visit.who, visit.species, visit.outcome) == ("ginger", "cat", Outcome.UNLOCK)


def test_the_dog_never_unlocks(school: School, shared_data: Path):
    played = play(school.project, recorded(shared_data / "video" / "dog_in_meadow.mp4"), "dog", school.state)
    assert played.visits
    assert not played.unlocked


def test_no_raccoon_ever_unlocks(school: School, shared_data: Path):
    played = play(school.project, recorded(shared_data / "photos" / "raccoon"), "raccoons", school.state)
    assert played.frames == 67
    assert not played.unlocked


def test_the_cat_stays_out_when_prey_proof_is_required_and_prey_was_never_taught(
    school: School, shared_data: Path
):
    careful = parse_project(IDENTITY_ONLY.replace("require_prey_proof = false", "require_prey_proof = true"))
    played = second_half(school, shared_data, careful)
    assert not played.unlocked
    (visit,) = played.visits
    assert (visit.who, visit.outcome) == ("ginger", Outcome.UNDECIDED)
    assert "prey has never been taught" in visit.reason


def test_the_same_file_twice_gives_identical_decisions(school: School, shared_data: Path):
    first, again = (second_half(school, shared_data) for _ in range(2))
    assert first.bolt == again.bolt
    (one,), (two,) = first.visits, again.visits
    assert one.id != two.id, "both are kept in the same state directory"
    assert replace(one, id=two.id) == two


def test_a_replay_finds_no_difference_and_with_another_threshold_prints_the_differences(
    latchlens: Latchlens, school: School, shared_data: Path, tmp_path: Path
):
    journal = second_half(school, shared_data).journal
    assert journal is not None
    same = latchlens("replay", journal)
    assert (same.status, "no differences" in same.out) == (0, True)
    stricter = tmp_path / "stricter.toml"
    stricter.write_text(IDENTITY_ONLY + "[evidence.who]\nprove = 11.0\n", encoding="utf-8")
    other = latchlens("replay", journal, "--project", stricter)
    assert other.status == 1
    assert "- " in other.out
    assert "needed 11.0" in other.out


def test_a_wall_clock_or_none_decides_alike(school: School, shared_data: Path):
    settings = video.Settings(str(shared_data / "video" / "cat_jumps_on_chair.mp4"), start=HALF, wall=1.8e9)
    dated = play(school.project, video.build(settings, RecordingClock()), "dated", school.state)
    undated = second_half(school, shared_data)
    (one,), (two,) = dated.visits, undated.visits
    assert replace(one, started_wall=None, id=two.id) == two


def test_shipped_projects_can_be_named(latchlens: Latchlens, shared_data: Path):
    clip = shared_data / "video" / "dog_in_meadow.mp4"
    assert latchlens("simulate", "--video", clip, "--end", 1, "--project", "demo", "--json").status == 0
    assert shipped.project("demo").is_file()
