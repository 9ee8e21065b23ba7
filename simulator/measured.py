"""The real loop over frames in memory, beside those threads of `run` that are asked for, to be measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from device import shipped
from device.act.pins import Factory, factory
from device.building.eyes import Sight, build_sight
from device.building.guard import build_guard
from device.building.memory import build_memory
from device.clock import SystemClock
from device.config import Project, read_project
from device.interfaces import Clock, EndOfVideo, Publisher
from device.loop import Loop
from device.messages import Frame, Mode, Settings
from device.tell.broker import NoBroker
from device.tell.fanout import Fanout
from device.tell.requests import Requests
from device.tell.settings import StoredSettings
from device.tell.statistics import Statistics
from device.telling import build_broker, build_clips
from simulator import pins
from simulator.attended import attended
from simulator.play import FixedSettings

PROJECT = "demo"


@dataclass(frozen=True, slots=True)
class Measured:
    """A loop to be stepped, its eyes, where its page is, if it has one, and the pins without hardware."""

    loop: Loop
    sight: Sight
    folder: Path
    address: str | None
    pins: Factory


@contextmanager
def real_loop(
    frames: Iterable[Frame],
    page: bool = False,
    project: Project | None = None,
    looks: bool = True,
    full: bool = False,
) -> Iterator[Measured]:
    """The loop over `frames`, the detector at work on each of them, until the block ends.

    `project`: another than the demonstration. `looks`: False leaves it to the motion gate whether the
    detector looks. `full`: clips are recorded, too, and the project's broker is told everything.
    """
    project, clock = project or read_project(shipped.project(PROJECT)), SystemClock()
    with ExitStack() as parts:
        folder = Path(parts.enter_context(TemporaryDirectory(prefix="latchlens-bench-")))
        sight = build_sight(project, folder)
        mock = factory("mock")
        guard = build_guard(project.wiring, mock, pins.build)
        parts.callback(guard.stop)
        statistics = Statistics(clock)
        broker = build_broker(project, sight.hashes, statistics) if full else NoBroker()
        parts.callback(broker.close)
        memory = build_memory(
            project,
            folder,
            "bench",
            sight.hashes,
            threaded=True,
            others=lambda health: broker.sinks(folder / "pictures", health),
            announce=broker.announce,
        )
        parts.callback(memory.teller.close)
        guard.start(clock)
        tellers: list[Publisher] = [memory.teller]
        address = None
        if full:
            recorders = build_clips(project, folder, memory.quota, memory.health, threaded=True)
            for recorder in recorders:
                parts.callback(recorder.close)
            stored = parts.enter_context(closing(StoredSettings(folder)))
            broker.start(folder, Requests(), stored, memory.health, clock)
            tellers = [statistics, memory.teller, *recorders]
        if page:
            served = parts.enter_context(attended(project, folder, memory, guard, clock, sight.hashes))
            tellers, address = [*tellers, served.latest], served.address
        eyes = replace(sight.eyes, gate=_OpenGate(sight)) if looks else sight.eyes
        settings = FixedSettings(Settings(Mode.NORMAL, enforce=True))
        camera = _FilmCamera(frames, clock)
        loop = Loop(camera, eyes, memory.policy, guard, settings, Fanout(tellers), clock)
        yield Measured(loop, sight, folder, address, mock)


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
