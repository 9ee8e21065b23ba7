"""The real loop over frames in memory, beside all the threads that `run` has, to be measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from device import shipped
from device.act.pins import factory
from device.building.eyes import Sight, build_sight
from device.building.guard import build_guard
from device.building.memory import build_memory
from device.clock import SystemClock
from device.config import Project, read_project
from device.interfaces import Clock, EndOfVideo, Publisher
from device.loop import Loop
from device.messages import Frame, Mode, Settings
from device.tell.fanout import Fanout
from simulator import pins
from simulator.attended import attended
from simulator.play import FixedSettings

PROJECT = "demo"


@dataclass(frozen=True, slots=True)
class Measured:
    """A loop to be stepped, its eyes, and where its page is, if it has one."""

    loop: Loop
    sight: Sight
    folder: Path
    address: str | None


@contextmanager
def real_loop(
    frames: Iterable[Frame], page: bool = False, project: Project | None = None, looks: bool = True
) -> Iterator[Measured]:
    """The loop over `frames`, the detector at work on each of them, until the block ends.

    `project`: another than the demonstration. `looks`: False leaves it to the motion gate whether the
    detector looks.
    """
    project, clock = project or read_project(shipped.project(PROJECT)), SystemClock()
    with ExitStack() as parts:
        folder = Path(parts.enter_context(TemporaryDirectory(prefix="latchlens-bench-")))
        sight = build_sight(project, folder)
        guard = build_guard(project.wiring, factory("mock"), pins.build)
        parts.callback(guard.stop)
        memory = build_memory(project, folder, "bench", sight.hashes, threaded=True)
        parts.callback(memory.teller.close)
        guard.start(clock)
        publisher: Publisher = memory.teller
        address = None
        if page:
            served = parts.enter_context(attended(project, folder, memory, guard, clock, sight.hashes))
            publisher, address = Fanout((memory.teller, served.latest)), served.address
        eyes = replace(sight.eyes, gate=_OpenGate(sight)) if looks else sight.eyes
        settings = FixedSettings(Settings(Mode.NORMAL, enforce=True))
        camera = _FilmCamera(frames, clock)
        loop = Loop(camera, eyes, memory.policy, guard, settings, publisher, clock)
        yield Measured(loop, sight, folder, address)


class _FilmCamera:
    """Implements interfaces.Camera over frames already in memory, each as if it were taken now."""

    def __init__(self, frames: Iterable[Frame], clock: Clock) -> None:
        self._frames = iter(frames)
        self._clock = clock

    def next(self, timeout: float) -> Frame | None:  # noqa: ARG002
        frame = next(self._frames, None)
        if frame is None:
            raise EndOfVideo
        return replace(frame, time=self._clock.now())

    def close(self) -> None:
        """Nothing to give back."""


class _OpenGate:
    """Implements interfaces.MotionGate: does the gate's work, then opens all the same."""

    def __init__(self, sight: Sight) -> None:
        self._gate = sight.eyes.gate

    def open(self, frame: Frame) -> bool:
        self._gate.open(frame)
        return True
