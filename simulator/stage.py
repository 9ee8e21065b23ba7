"""Plays a scene: the world and the guard live in steps of 20 ms, the loop looks at the camera's rate."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from device.act.local import PERIOD_S, LocalGuard
from device.act.pins import factory
from device.app import build_guard, build_memory
from device.interfaces import EndOfVideo
from device.loop import Loop
from device.messages import BoltState, Decision, Frame, Mode, Observation, Pixels, Settings
from device.parts import Part
from device.see.luma import make_frame
from simulator import pins
from simulator.expectations import SAFETY, Expectation, Outcome, Record, measure
from simulator.mechanics import IronBolt, iron_bolt
from simulator.pins import House
from simulator.play import FixedSettings, Witness
from simulator.recording import RecordingClock
from simulator.scene import Scene
from simulator.sensors import Antenna, Motion
from simulator.vision import ORACLE, Vision
from simulator.world import World

OPENING = (BoltState.UNLOCKING, BoltState.UNLOCKED)


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


class Stage:
    """Implements interfaces.Camera over a world, and lets that world and the guard live meanwhile."""

    def __init__(
        self, scene: Scene, world: World, picture: Callable[[], Pixels], rate: float, seed: int
    ) -> None:
        self.clock = RecordingClock()
        self.record = Record(happenings=world.happenings)
        self.blind: str | None = None
        self._scene, self._world, self._rate = scene, world, rate
        self._picture = picture
        """Shows the world as it stands."""
        self._number = 0
        self._still: Frame | None = None
        self._guard: LocalGuard | None = None
        self._house: House | None = None
        self._bolt: IronBolt | None = None
        self._motion = {name: Motion(scene.sensors) for name in ("inside", "outside")}
        self.antenna = Antenna(scene.sensors, np.random.default_rng([seed, 2]))

    def furnish(self, guard: LocalGuard, house: House, bolt: IronBolt) -> None:
        """Give the stage its door."""
        self._guard, self._house, self._bolt = guard, house, bolt
        self.record.powered_limit = bolt.limit_s

    def next(self, timeout: float) -> Frame | None:  # noqa: ARG002 - the stage waits in its own time
        """The frame that is due next, None while the camera is gone; raises EndOfVideo after the scene."""
        due = self._due()
        self._pass_time(due)
        if due >= self._scene.seconds:
            raise EndOfVideo
        self._number += 1
        faults = [fault.what for fault in self._scene.faults if fault.begins <= due < fault.ends]
        if "gone" in faults:
            return None
        if "frozen" in faults and self._still is not None:
            still = self._still
            return Frame(due, still.image, still.luma, self._number - 1)
        level = 0 if "black" in faults else 255 if "saturated" in faults else None
        image = self._picture()
        image = image if level is None else np.full_like(image, level)
        self._still = make_frame(image, due, self._number - 1)
        return self._still

    def _due(self) -> float:
        """When the next frame comes; a slow camera leaves out those between."""
        due = self._number / self._rate
        for fault in self._scene.faults:
            if fault.what == "slow" and fault.begins <= due < fault.ends and self._number:
                self._number = max(self._number, round((self.clock.time + fault.every) * self._rate))
        return self._number / self._rate

    def close(self) -> None:
        """Nothing to give back."""

    def watch(self, frame: Frame, observation: Observation, decision: Decision) -> None:  # noqa: ARG002
        """Remember whether the camera was blind when the bolt moves next."""
        self.blind = observation.blind

    def _pass_time(self, until: float) -> None:
        while self.clock.time + PERIOD_S / 2 < until:
            self._tick()

    def _tick(self) -> None:
        assert self._guard is not None and self._house is not None and self._bolt is not None
        self.clock.time = round(self.clock.time + PERIOD_S, 6)
        was_open = self._world.flap.contact_open
        self._world.advance(PERIOD_S, self._bolt.open)
        is_open = self._world.flap.contact_open
        if is_open is not was_open:
            self._house.set("door", not is_open)
            if was_open:
                self.record.flap_closed.append(self.clock.time)
        self._feel(self._house)
        before = self._guard.inputs().bolt
        self._note(before, self._guard.step(self.clock.time).bolt)
        self._turn(self._bolt)

    def _feel(self, house: House) -> None:
        """Let the sensors feel what moves, and buttons be pressed."""
        now = self.clock.time
        for name, motion in self._motion.items():
            if name in house.inputs:
                indoors = name == "inside"
                moving = any(actor.about and actor.indoors is indoors for actor in self._world.actors)
                house.set(name, motion.feel(now, moving))
        for press in self._scene.presses:
            house.set(press.input, press.at <= now < press.at + press.seconds)
        if self._scene.project.chip is not None:
            self.antenna.feel(now, self._world.actors)

    def _turn(self, bolt: IronBolt) -> None:
        """Let the bolt move as it is driven."""
        if bolt.advance(PERIOD_S, self._world.flap.ajar):
            self.record.moved.append(self.clock.time)
        if bolt.struck and self._world.body_in_flap:
            self.record.bolted_on_a_body.append(self.clock.time)
        self.record.longest_powered = bolt.longest_s

    def _note(self, before: BoltState, now: BoltState) -> None:
        if before is now:
            return
        self.record.bolt.append((self.clock.time, now))
        if now in OPENING and before not in OPENING and self.blind is not None:
            self.record.opened_blind.append(self.clock.time)


def play_scene(
    scene: Scene, state: Path, seed: int = 0, rate: float = 10.0, vision: Vision = ORACLE
) -> Result:
    """Play a scene; the same seed and way of seeing give the same decisions.

    The loop, tracker, decisions, guard and everything that keeps are the device's own; `state` is
    the state directory that they write.
    """
    project = scene.project
    world = World.of(scene.visitors, project.section("guard").blocks)
    seeing = vision.begin(scene, world, seed)
    stage = Stage(scene, world, seeing.picture, rate, seed)
    if project.chip is not None:
        # The device's own driver, on the port of the antenna on the stage.
        project = replace(project, chip=Part("chip", "simulator.sensors", stage.antenna))
    with ExitStack() as parts:
        houses: list[House] = []

        def furnished(pins_of_door: object, inputs: object) -> House:
            houses.append(pins.build(pins_of_door, inputs))  # type: ignore[arg-type]
            return houses[0]

        pin_factory = factory("mock")
        guard = build_guard(project, pin_factory, furnished)
        parts.callback(guard.stop)
        stage.furnish(guard, houses[0], iron_bolt(project, pin_factory))
        memory = build_memory(project, state, "visit", seeing.hashes, threaded=False)
        parts.callback(memory.teller.close)
        witness = Witness(memory.teller, stage.watch)
        settings = FixedSettings(Settings(Mode.NORMAL, enforce=True))
        loop = Loop(stage, seeing.eyes, memory.policy, guard, settings, witness, stage.clock)
        with suppress(EndOfVideo):
            while True:
                loop.step()
    stage.record.visits = list(witness.visits.values())
    stage.record.events = witness.events
    stage.record.clear, stage.record.reads = seeing.clear, stage.antenna.reads
    asked = [Expectation(that) for that in SAFETY]
    outcomes = tuple(measure(stage.record, each) for each in (*asked, *scene.expectations))
    return Result(scene, seed, rate, outcomes, stage.record, witness.digest.hexdigest(), vision.name)
