"""The parts of a device that a scene's faults reach: each hands on to a real one, or fails as it would."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from device.act.local import LocalGuard
from device.interfaces import BlindCheck, Detector, Publisher
from device.messages import (
    Decision,
    Detection,
    Door,
    Fault,
    Frame,
    Inputs,
    Lease,
    Observation,
    Pixels,
    Settings,
)
from device.tell.health import Health, State
from device.tell.mqtt_settings import AWAY_S
from device.tell.settings import StoredSettings
from simulator.computer import Computer
from simulator.faults import in_force
from simulator.post import Post
from simulator.stage import Stage


@dataclass(slots=True)
class Watched:
    """Implements interfaces.SettingsSource: the device's own, and a note when they are not what was set."""

    stored: StoredSettings
    stage: Stage

    def current(self) -> Settings:
        """The settings in force."""
        settings = self.stored.current()
        if settings != self.stage.chosen and not settings.lost:
            self.stage.record.settings_changed.append(self.stage.world.time)
        return settings


@dataclass(frozen=True, slots=True)
class SlowDetector:
    """Implements interfaces.Detector: while inference is slow, what it finds is of a while ago."""

    detector: Detector
    stage: Stage

    def detect(self, image: Pixels) -> Sequence[Detection]:
        """The boxes in a picture of shape (height, width, 3)."""
        found = self.detector.detect(image)
        self.stage.think()
        return found


@dataclass(frozen=True, slots=True)
class Untaught:
    """Implements interfaces.BlindCheck: without models nothing is seen, whatever the camera shows."""

    blind: BlindCheck
    stage: Stage

    def check(self, frame: Frame | None, now: float) -> str | None:
        """Why the camera proves nothing."""
        seen = self.blind.check(frame, now)
        return "no model" if self.stage.device_fault("no model") else seen


@dataclass(slots=True)
class Line:
    """Implements interfaces.Bolt: a line to the guard that is cut while the guard counts as gone."""

    guard: LocalGuard
    stage: Stage

    def hold(self, lease: Lease | None) -> None:
        """Pass the word on, if there is a line."""
        if self._gone:
            return
        self.guard.hold(lease)

    def inputs(self) -> Inputs:
        """What the guard says, or how it was when it last said anything."""
        found = self.guard.inputs()
        if not self._gone:
            return found
        refusal = "the guard does not answer: the scene cut its line"
        return Inputs(found.time, Door.UNKNOWN, found.bolt, refusal=refusal, answers=False)

    @property
    def _gone(self) -> bool:
        return self.stage.device_fault("guard gone") is not None


@dataclass(slots=True)
class Outward:
    """Implements interfaces.Publisher: keeps what happened, and carries what waits to the broker.

    While the disk is full, the kernel refuses every write: a limit on the size of files does that for
    this one process, with the errors of a real disk.
    """

    publisher: Publisher
    post: Post
    stage: Stage
    pictures: Path
    """Where the device keeps them."""
    health: Health
    computer: Computer

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:
        """Hand the pass on."""
        self._suffer()
        with ExitStack() as limits:
            if self.stage.device_fault("disk full"):
                limits.enter_context(_no_room())
            self.publisher.publish(frame, observation, decision)
            self.stage.record.refusals.look(self.pictures, self.stage.world.time, decision)
            self.post.carry(self.stage.world.time, observation.time)

    def _suffer(self) -> None:
        """Let the faults be found that the device finds in files and on lines."""
        scene, now = self.stage.scene, self.stage.world.time
        networks = in_force(scene.network_faults, now)
        devices = {each.what for each in in_force(scene.device_faults, now)}
        self.computer.suffer({*devices, *(each.what for each in networks)})
        away = bool(networks) and now - min(each.begins for each in networks) >= AWAY_S
        self._say("broker", Fault.BROKER if away else None, "no answer" if networks else "connected")
        spoilt = Fault.CONFIGURATION if "project invalid" in devices else None
        self._say("project", spoilt, "the file is spoilt" if spoilt else scene.project.name)

    def _say(self, part: str, fault: Fault | None, text: str) -> None:
        now = self.stage.clock.now()
        self.health.set(part, State.FAULT if fault else State.OK, text, time=now, fault=fault)


@contextmanager
def _no_room() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
