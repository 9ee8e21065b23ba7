"""How long the loop takes for a decision, beside brokers in every state: python -m benchmarks.broker

The same rendered cat before the same door, real models, one state of the broker after the other in
several rounds. Of each state the quietest round counts, for what else the machine does falls on some.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from device import shipped
from device.act.pins import factory
from device.building.eyes import Sight, build_sight
from device.building.guard import build_guard
from device.building.memory import build_memory
from device.clock import SystemClock
from device.config import Project, parse_project
from device.interfaces import EndOfVideo
from device.loop import Loop
from device.messages import Frame, Mode, Settings
from device.tell.requests import Requests
from device.tell.settings import StoredSettings
from device.tell.statistics import Statistics
from device.telling import build_broker
from simulator import pins
from simulator.doorstep import Doorstep, Visitor
from simulator.play import FixedSettings
from tests.mosquitto import Mosquitto, free_port

T = TypeVar("T")

ROUNDS, FRAMES, WARM_UP = 5, 100, 20
PATIENCE_S = 1.0
"""For the courier to find its broker, or not to."""


class Film:
    """Implements interfaces.Camera: frames in memory, each as if it were taken now."""

    def __init__(self, frames: list[Frame], clock: SystemClock) -> None:
        self._frames = iter(frames)
        self._clock = clock

    def next(self, timeout: float) -> Frame:  # noqa: ARG002
        frame = next(self._frames, None)
        if frame is None:
            raise EndOfVideo
        return replace(frame, time=self._clock.now())

    def close(self) -> None:
        """Nothing to give back."""


def rendered(count: int) -> list[Frame]:
    """A cat that waits before the door."""
    camera = Doorstep([Visitor(arrives=-3.0, waits=count)], seconds=count / 10)
    return [camera.next(0) for _ in range(count)]  # type: ignore[misc]


def project(mqtt: str) -> Project:
    text = shipped.project("demo").read_text(encoding="utf-8")
    return parse_project(f"{text}\n{mqtt}", "bench")


@contextmanager
def nobody(_: Path) -> Iterator[str]:
    yield ""


@contextmanager
def absent(_: Path) -> Iterator[str]:
    yield address(free_port())


def present(*lines: str, hang: bool = False) -> Callable[[Path], object]:
    """A broker that runs, with more lines in its configuration, or that hangs as soon as it has started."""

    @contextmanager
    def running(folder: Path) -> Iterator[str]:
        broker = Mosquitto(folder / "broker", *lines).start()
        if hang:
            broker.hang()
        try:
            yield address(broker.port)
        finally:
            broker.go_on()
            broker.kill()

    return running


def address(port: int) -> str:
    return f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\n'


STATES = {
    "none in the project": nobody,
    "connected": present(),
    "absent": absent,
    "refusing the device": present("password_file /dev/null", "allow_anonymous false"),
    "hanging": present(hang=True),
}


def measure(frames: list[Frame], sight: Sight, mqtt: str, folder: Path) -> list[float]:
    """Seconds of each pass, from the frame to the lease and the hand-over."""
    chosen, clock = project(mqtt), SystemClock()
    with ExitStack() as parts:
        figures = Statistics(clock)
        broker = build_broker(chosen, sight.hashes, figures)
        parts.callback(broker.close)
        guard = build_guard(chosen, factory("mock"), pins.build)
        parts.callback(guard.stop)
        memory = build_memory(
            chosen,
            folder,
            "bench",
            sight.hashes,
            threaded=True,
            others=lambda health: broker.sinks(folder / "pictures", health),
            announce=broker.announce,
        )
        parts.callback(memory.teller.close)
        settings = StoredSettings(folder)
        parts.callback(settings.close)
        broker.start(folder, Requests(), settings, memory.health, clock)
        guard.start(clock)
        time.sleep(PATIENCE_S)
        owner = FixedSettings(Settings(Mode.NORMAL, enforce=True))
        loop = Loop(Film(frames, clock), sight.eyes, memory.policy, guard, owner, memory.teller, clock)
        return [timed(loop) for _ in frames][WARM_UP:]


def timed(loop: Loop) -> float:
    began = time.perf_counter()
    loop.step()
    return time.perf_counter() - began


def main() -> None:
    """Print a line for each state of the broker."""
    frames = rendered(FRAMES + WARM_UP)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in STATES}
    with TemporaryDirectory(prefix="latchlens-bench-") as place:
        sight = build_sight(project(""), Path(place))
        measure(frames, sight, "", Path(place))
        for number in range(ROUNDS):
            for name, state in rotated(list(STATES.items()), number):
                folder = Path(place) / f"{name}-{number}"
                folder.mkdir()
                with state(folder) as mqtt:  # type: ignore[attr-defined]
                    found[name].append(quantiles(measure(frames, sight, mqtt, folder)))
    first = quietest(found["none in the project"])
    print(f"{'broker':22} {'median':>9} {'ratio':>6} {'95 %':>9} {'ratio':>6}")
    for name, rounds in found.items():
        median, high = quietest(rounds)
        row = f"{name:22} {median:6.2f} ms {median / first[0]:6.2f} {high:6.2f} ms {high / first[1]:6.2f}"
        sys.stdout.write(row + "\n")


def rotated(states: list[T], by: int) -> list[T]:
    """The same in another order, so that none always comes first."""
    return states[by % len(states) :] + states[: by % len(states)]


def quietest(rounds: list[tuple[float, float]]) -> tuple[float, float]:
    """The smallest median, and the smallest 95th percentile."""
    return min(median for median, _ in rounds), min(high for _, high in rounds)


def quantiles(times: list[float]) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds."""
    cuts = statistics.quantiles(times, n=20)
    return cuts[9] * 1e3, cuts[18] * 1e3


if __name__ == "__main__":
    main()
