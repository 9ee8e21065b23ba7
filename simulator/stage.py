"""Plays a scene: the world and the guard live in steps of 20 ms, the loop looks at the camera's rate."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from device.act.local import PERIOD_S, LocalGuard
from device.act.pins import factory
from device.app import build_guard, build_memory
from device.interfaces import EndOfVideo
from device.loop import Eyes, Loop
from device.messages import BoltState, Decision, Frame, Mode, Observation, Settings
from device.see import sight, tracker
from device.see.luma import make_frame
from simulator import pins
from simulator.expectations import SAFETY, Expectation, Outcome, Record, measure
from simulator.oracle import Oracle
from simulator.pins import House
from simulator.play import FixedSettings, Witness
from simulator.recording import RecordingClock
from simulator.scene import Scene
from simulator.world import World

SIZE_PX = (48, 64)
"""Height and width of the pictures that only the blindness check looks at."""
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

    @property
    def passed(self) -> bool:
        return all(outcome.met for outcome in self.outcomes)

    @property
    def safe(self) -> bool:
        """Whether the expectations of safety were met."""
        return all(outcome.met for outcome in self.outcomes if outcome.expectation.that in SAFETY)


class Stage:
    """Implements interfaces.Camera over a world, and lets that world and the guard live meanwhile."""

    def __init__(self, scene: Scene, world: World, rate: float, seed: int) -> None:
        self.clock = RecordingClock()
        self.record = Record(happenings=world.happenings)
        self.blind: str | None = None
        self._scene, self._world, self._rate = scene, world, rate
        self._random = np.random.default_rng([seed, 1])
        self._number = 0
        self._still: Frame | None = None
        self._guard: LocalGuard | None = None
        self._house: House | None = None

    def furnish(self, guard: LocalGuard, house: House) -> None:
        """Give the stage its door."""
        self._guard, self._house = guard, house

    def next(self, timeout: float) -> Frame | None:  # noqa: ARG002 - the stage waits in its own time
        """The frame that is due next, None while the camera is gone; raises EndOfVideo after the scene."""
        due = self._number / self._rate
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
        self._still = make_frame(self._picture(level), due, self._number - 1)
        return self._still

    def close(self) -> None:
        """Nothing to give back."""

    def watch(self, frame: Frame, observation: Observation, decision: Decision) -> None:  # noqa: ARG002
        """Remember whether the camera was blind when the bolt moves next."""
        self.blind = observation.blind

    def _picture(self, level: int | None) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        shape = (*SIZE_PX, 3)
        if level is not None:
            return np.full(shape, level, np.uint8)
        return self._random.integers(90, 160, size=shape, dtype=np.uint8)

    def _pass_time(self, until: float) -> None:
        while self.clock.time + PERIOD_S / 2 < until:
            self._tick()

    def _tick(self) -> None:
        assert self._guard is not None and self._house is not None
        self.clock.time = round(self.clock.time + PERIOD_S, 6)
        was_open, bolt = self._world.flap_open, self._guard.inputs().bolt
        self._world.advance(PERIOD_S, bolt is BoltState.UNLOCKED)
        is_open = self._world.flap_open
        if is_open is not was_open:
            self._house.set("door", not is_open)
            if was_open:
                self.record.flap_closed.append(self.clock.time)
        for press in self._scene.presses:
            self._house.set(press.input, press.at <= self.clock.time < press.at + press.seconds)
        self._note(bolt, self._guard.step(self.clock.time).bolt)

    def _note(self, before: BoltState, now: BoltState) -> None:
        if before is now:
            return
        self.record.bolt.append((self.clock.time, now))
        # A bolt that is caught by an opening flap on its way goes back; one that arrives has hit somebody.
        if now is BoltState.LOCKED and before is BoltState.LOCKING and self._world.flap_open:
            self.record.bolted_on_a_body.append(self.clock.time)
        if now in OPENING and before not in OPENING and self.blind is not None:
            self.record.opened_blind.append(self.clock.time)


def play_scene(scene: Scene, state: Path, seed: int = 0, rate: float = 10.0) -> Result:
    """Play a scene with the oracle; the same seed gives the same decisions.

    The loop, tracker, decisions, guard and everything that keeps are the device's own; `state` is
    the state directory that they write.
    """
    world = World.of(scene.visitors)
    stage = Stage(scene, world, rate, seed)
    project = scene.project
    own = [animal.name for animal in project.policy.animals]
    oracle = Oracle(world, scene.oracle, own, seed)
    with ExitStack() as parts:
        houses: list[House] = []

        def furnished(pin_factory: object, inputs: object) -> House:
            houses.append(pins.build(pin_factory, inputs))  # type: ignore[arg-type]
            return houses[0]

        guard = build_guard(project, factory("mock"), furnished)
        parts.callback(guard.stop)
        stage.furnish(guard, houses[0])
        memory = build_memory(project, state, "visit", {}, threaded=False)
        parts.callback(memory.teller.close)
        witness = Witness(memory.teller, stage.watch)
        eyes = Eyes(
            blind=sight.build(project.section("blind")),
            gate=oracle,
            detector=oracle,
            tracker=tracker.build(project.section("tracker")),
            classifier=oracle,
        )
        settings = FixedSettings(Settings(Mode.NORMAL, enforce=True))
        loop = Loop(stage, eyes, memory.policy, guard, settings, witness, stage.clock)
        with suppress(EndOfVideo):
            while True:
                loop.step()
    stage.record.visits = list(witness.visits.values())
    stage.record.events = witness.events
    asked = [Expectation(that) for that in SAFETY]
    outcomes = tuple(measure(stage.record, each) for each in (*asked, *scene.expectations))
    return Result(scene, seed, rate, outcomes, stage.record, witness.digest.hexdigest())
