"""The lives of the device's process in a scene: it begins, may die in many ways, and is begun again.

A killed process closes nothing: what it had not handed to the operating system is lost, and its pins stay as
they were.
"""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from device.act.local import LocalGuard
from device.act.pins import factory
from device.act.unenforced import LeftOpen
from device.building.guard import build_guard
from device.building.memory import Memory, build_memory
from device.config import Project
from device.decide.policy import DoorPolicy
from device.errors import StoreError
from device.interfaces import EndOfVideo
from device.loop import Eyes, Loop
from device.messages import Settings
from device.see import sight, tracker
from device.tell import database
from device.tell.mqtt_documents import Announcements
from device.tell.records import Records
from device.tell.settings import StoredSettings
from device.tell.store import Store
from simulator import pins
from simulator.afflicted import Line, Outward, SlowDetector, Untaught, Watched
from simulator.computer import Computer
from simulator.faults import DeviceFault
from simulator.idle import Idle
from simulator.mechanics import iron_bolt
from simulator.owner import CHOSEN
from simulator.pins import House
from simulator.play import Witness
from simulator.post import open_post
from simulator.record import Record
from simulator.stage import Stage
from simulator.supervision import Killed
from simulator.vision import Seeing


def choose_settings(state: Path, chosen: Settings = CHOSEN) -> None:
    """Let the owner set the door once, before the scene begins."""
    Store(state).close()
    settings = StoredSettings(state)
    settings.set_mode(chosen.mode)
    settings.set_enforce(chosen.enforce)
    settings.close()


def take_the_pins(project: Project, stage: Stage) -> LocalGuard:
    """A guard of the project on pins of its own, with the door of the stage behind them."""
    houses: list[House] = []

    def furnished(pin_factory: object, inputs: object) -> House:
        houses.append(pins.build(pin_factory, inputs))  # type: ignore[arg-type]
        return houses[0]

    pin_factory = factory("mock")
    guard = build_guard(project.wiring, pin_factory, furnished)
    stage.furnish(guard, houses[0], iron_bolt(project, pin_factory))
    return guard


@dataclass(frozen=True, slots=True)
class Life:
    """One process of the device, from its start to its end."""

    project: Project
    stage: Stage
    seeing: Seeing
    state: Path
    digest: Any
    leaps: bool
    """What is idle is left out."""

    def live(self) -> bool:
        """Run to the end of the scene (true) or to the end of the process (false)."""
        guard = take_the_pins(self.project, self.stage)
        with ExitStack() as files:
            try:
                self._run(guard, files)
            except Killed as death:
                self._drop_dead(files, death.fault)
                return False
            except EndOfVideo:
                over = True
            except (RuntimeError, StoreError):
                self.stage.died()
                over = False
        guard.stop(self.stage.pace)
        return over

    def _run(self, guard: LocalGuard, files: ExitStack) -> None:
        stage = self.stage
        stage.load()
        hashes = self.seeing.hashes
        computer = Computer(self.state.with_name(f"{self.state.name}-computer"))
        memory = build_memory(
            self.project,
            self.state,
            "visit",
            hashes,
            threaded=False,
            wall=stage.clock.wall(),
            backbone=self.seeing.backbone,
            announce=Announcements(hashes).letters,
            machine=computer.machine,
        )
        stage.idle = self._idle(guard, memory.policy)
        post = open_post(self.state, stage.broker, stage.scene.network_faults, stage.clock.now())
        publisher = Outward(memory.teller, post, stage, self.state / "pictures", memory.health, computer)
        witness = Witness(publisher, stage.watch, digest=self.digest)
        files.callback(post.outbox.close)
        files.callback(self._tell_the_record, memory, witness)
        settings = StoredSettings(self.state)
        files.callback(settings.close)
        chosen = Watched(settings, stage)
        stage.owner.take()  # what was asked while no process was there reached nobody
        leaves_open = self.project.section("door").unenforced == "unlocked"
        line = Line(guard, stage)
        bolt = LeftOpen(line, chosen, stage.clock) if leaves_open else line
        eyes, policy, clock = self._new_eyes(), memory.policy, stage.clock
        loop = Loop(stage, eyes, policy, bolt, chosen, witness, clock, stage.owner, memory.health)
        while True:
            loop.step()
            stage.revived()

    def _idle(self, guard: LocalGuard, policy: DoorPolicy) -> Idle | None:
        stage, stirs_after = self.stage, self.seeing.stirs_after
        if not self.leaps or stirs_after is None:
            return None
        return Idle(stage.scene, stage.world, stirs_after, guard, policy, stage.rate, stage.booted)

    def _new_eyes(self) -> Eyes:
        """The eyes with what a new process has not seen yet."""
        eyes, section = self.seeing.eyes, self.project.section
        return replace(
            eyes,
            blind=Untaught(sight.build(section("blind")), self.stage),
            detector=SlowDetector(eyes.detector, self.stage),
            tracker=tracker.build(section("tracker")),
        )

    def _tell_the_record(self, memory: Memory, witness: Witness) -> None:
        """Close the books of this process; its times are counted from when the computer started."""
        memory.teller.close()
        record, began = self.stage.record, self.stage.booted
        for visit in witness.visits.values():
            record.visits.append(replace(visit, started=visit.started + began, ended=visit.ended + began))
        record.final = memory.policy.state()
        record.events += [replace(event, time=event.time + began) for event in witness.events]

    def _drop_dead(self, files: ExitStack, fault: DeviceFault) -> None:
        """End without closing anything: what the files hold now is what the next process finds."""
        aside = self.state.with_name(f"{self.state.name}-as-it-was")
        shutil.copytree(self.state, aside)
        self.stage.let_go()
        files.close()
        shutil.rmtree(self.state)
        aside.rename(self.state)
        damage(self.state, fault, np.random.default_rng([int(fault.begins), 3]))


def damage(state: Path, fault: DeviceFault, random: np.random.Generator) -> None:
    """Do to the files what a power cut may do to what was just being written."""
    if fault.damage == "torn write":
        for journal in sorted((state / "journal").glob("*.jsonl"))[-1:]:
            with journal.open("r+b") as file:
                file.truncate(max(journal.stat().st_size - int(random.integers(1, 200)), 0))
        with (state / f"{database.NAME}-wal").open("ab") as file:
            file.write(random.bytes(int(random.integers(100, 4000))))
    if fault.damage == "database":
        with (state / database.NAME).open("r+b") as file:
            file.write(random.bytes(1000))


def lost(state: Path, record: Record) -> list[str]:
    """What was told in a scene of visits that ended and of events, and is not in its store."""
    with Records(state) as records:
        visits = {visit.id for visit in records.visits(limit=100_000) if visit.kind}
        events = Counter(event.kind for event in records.events(limit=100_000))
    told = Counter(event.kind for event in record.events)
    gone = [f"visit {each.id}" for each in record.visits if each.kind and each.id not in visits]
    return gone + [f"{number} x {kind}" for kind, number in (told - events).items()]
