"""Every project that is shipped builds with the real models, and decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from device import shipped
from device.act.pins import factory
from device.building.guard import build_guard
from device.config import read_project
from device.decide.policy import DoorPolicy
from device.messages import Outcome
from tests.command_line import Latchlens
from tests.making import frames, play, species
from tests.recordings import Recordings

PROJECTS = sorted(shipped.project("cat-flap").parent.glob("*.toml"))
DECIDED = {
    "cat-flap": "waiting: no own animal has been taught",
    "demo": "waiting: ",
    "greeter": "no rule",
}
"""What each says of a cat that no head was taught."""


def test_every_shipped_project_is_tried_here() -> None:
    assert {path.stem for path in PROJECTS} == set(DECIDED)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.stem)
def test_a_shipped_project_sees_a_cat_and_gives_its_reason(
    latchlens: Latchlens, recordings: Recordings, tmp_path: Path, project: Path
) -> None:
    told = latchlens(
        "simulate", "--video", recordings.film, "--project", project, "--json", "--state", tmp_path
    )
    (played,) = told.went_well().objects
    assert played["frames"] == 15
    (visit,) = played["visits"]
    assert visit["species"] == "cat"
    assert DECIDED[project.stem] in visit["reason"], visit["reason"]
    assert not played["unlocked"]
    journals = [json.loads(line) for path in tmp_path.glob("journal/*.jsonl") for line in path.open()]
    assert len(journals) > 15


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.stem)
def test_a_shipped_project_s_bolt_rests_once_the_flap_is_closed(project: Path) -> None:
    pins, wiring = factory("mock"), read_project(project).wiring
    guard = build_guard(wiring, pins)
    for part in wiring.inputs:
        if part.kind == "reed":
            pins.pin(part.settings.pin).drive_low()
    try:
        for number in range(200):
            guard.step(number / 50)
        assert guard.resting
    finally:
        guard.stop()


def test_the_greeter_s_lamp_shines_for_a_person_and_for_no_cat() -> None:
    settings = read_project(shipped.project("greeter")).policy
    person = play(DoorPolicy(settings), frames(0, 3, species("person"), of_track={"label": "person"}))
    assert person[-1].outcome is Outcome.UNLOCK
    cat = play(DoorPolicy(settings), frames(0, 3, species("cat")))
    assert all(each.outcome is not Outcome.UNLOCK for each in cat)
