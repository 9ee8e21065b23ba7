"""Plays a scene to its end, through as many lives of the device as it takes, and measures how it went."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from device.messages import Settings
from device.parts import Part
from simulator.expectations import SAFETY, Expectation, Outcome, measure
from simulator.lives import Life, choose_settings, lost
from simulator.owner import CHOSEN
from simulator.play import Watch
from simulator.record import Record
from simulator.scene import Scene
from simulator.stage import Stage
from simulator.vision import ORACLE, Vision
from simulator.weather import in_the_weather
from simulator.world import World

Audience = Callable[[Scene, World], Watch]
"""Takes its seat before a scene; what it answers is shown every frame with what was decided."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a scene went."""

    scene: Scene
    seed: int
    rate: float
    outcomes: tuple[Outcome, ...]
    record: Record
    decisions: str
    """sha256 of all decisions."""
    vision: str = "oracle"

    @property
    def passed(self) -> bool:
        return all(outcome.met for outcome in self.outcomes)

    @property
    def safe(self) -> bool:
        """Whether the expectations of safety were met."""
        return all(outcome.met for outcome in self.outcomes if outcome.expectation.that in SAFETY)


def play_scene(
    scene: Scene,
    state: Path,
    seed: int = 0,
    rate: float = 10.0,
    vision: Vision = ORACLE,
    *,
    audience: Audience | None = None,
    leaps: bool = True,
    chosen: Settings = CHOSEN,
) -> Result:
    """Play a scene; the same seed and way of seeing give the same decisions.

    The loop, tracker, decisions, guard and everything that keeps are the device's own; `state` is
    the state directory that they write. With `leaps` what is idle is left out, where the way of seeing
    allows that; see simulator/idle.py. `chosen` is what the owner has set before.
    """
    world = World.of(scene.visitors, scene.project.section("guard").blocks)
    project = in_the_weather(scene.project, scene.weather, world)
    seeing = vision.begin(scene, world, seed)
    stage = Stage(scene, world, seeing.picture, rate, seed, chosen)
    stage.audience = audience(scene, world) if audience else None
    if project.chip is not None:
        # The device's own driver, on the port of the antenna on the stage.
        project = replace(project, chip=Part("chip", "simulator.sensors", stage.antenna))
    choose_settings(state, chosen)
    digest = hashlib.sha256()
    while not Life(project, stage, seeing, state, digest, leaps).live():
        if not stage.wait_for_the_supervisor():
            break
    record = stage.record
    record.clear, record.reads = seeing.clear, stage.antenna.reads
    record.lost = lost(state, record)
    record.arrived = stage.broker.arrived
    record.undelivered = stage.broker.undelivered(record.visits, record.events)
    asked = [Expectation(that) for that in SAFETY]
    outcomes = tuple(measure(record, each) for each in (*asked, *scene.expectations))
    return Result(scene, seed, rate, outcomes, record, digest.hexdigest(), vision.name)
