"""From the last frame that proves something to the pin that obeys: python -m benchmarks latency

The whole device at work: the rendered cat in ten frames a second, both models on each, two viewers of the
page, clips, and a broker, which is Debian's mosquitto (apt-get install mosquitto); then with that broker
hanging, and with the guard as a process of its own. The policy decides as it does; whether its decision
unlocks is taken from it, so that the bolt moves often enough to count: half a second open, half a second
shut. From the frame's time to the mock pin's own timestamp, less what the interpreters' `invoke()` took.
With the guard's process, whose pin nobody else sees, to the time of the step that drove it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from benchmarks.guard_line import PROJECT, answers
from benchmarks.report import Report, columns
from benchmarks.stages import rendered
from device import shipped
from device.act.link import Link
from device.clock import SystemClock
from device.config import Project, parse_project
from device.messages import BoltState, Frame, Lease
from device.web.caller import Scope
from device.web.tokens import Tokens
from simulator import measured
from simulator.figure import WARM_UP, Figure
from simulator.watched import VIEWERS, viewers
from tests.mosquitto import Mosquitto, program

PIN = 5
RATE = 10.0
PASSES = 5
"""Open for so many, then shut for as many."""
UNLOCKED = 200
PATIENCE_S = 2.0
WANTED_MS = {"p50": 5.0, "p99": 10.0}


class Fitful:
    """Stands for the bolt of a loop: whatever is decided, it is held and let go by turns."""

    def __init__(self, bolt: Any) -> None:
        self._bolt = bolt
        self._clock = SystemClock()
        self.passes = 0

    @property
    def opens(self) -> bool:
        """Whether this pass is the first of those that hold."""
        return self.passes % (2 * PASSES) == 1

    def inputs(self) -> Any:
        return self._bolt.inputs()

    def hold(self, lease: Lease | None) -> None:  # noqa: ARG002 - the decision itself is not measured
        self.passes += 1
        held = (self.passes - 1) % (2 * PASSES) < PASSES
        self._bolt.hold(Lease(self._clock.now(), PATIENCE_S, "measured") if held else None)


def paced(frames: Sequence[Frame]) -> Iterator[Frame]:
    """The frames again and again, as a camera brings them."""
    due = time.monotonic()
    for frame in cycle(frames):
        due = max(due + 1 / RATE, time.monotonic())
        time.sleep(max(due - time.monotonic(), 0.0))
        yield frame


def project(mqtt: str) -> Project:
    """The demonstration with a bolt on a single pin, and a broker."""
    text = shipped.project(measured.PROJECT).read_text(encoding="utf-8")
    servo = '[bolt]\nkind = "servo"\npin = 18\n'
    assert servo in text
    bolt = PROJECT.split("[bolt]", 1)[1]
    return parse_project(f"{text.replace(servo, f'[bolt]{bolt}')}\n{mqtt}", "bench")


def unlocking(
    measured_: measured.Measured, bolt: Fitful, moved: Callable[[], float | None], count: int
) -> list[float]:
    """Seconds from the frame to the bolt's moving, less inference, for each of `count` times."""
    found: list[float] = []
    loop, models = measured_.loop, measured_.sight.models
    taken: list[Frame] = []
    camera = loop.camera
    loop.camera = _Noting(camera, taken)
    loop.bolt = bolt
    while len(found) < count:
        before = sum(model.invoke_seconds for model in models)
        loop.step()
        if bolt.opens:
            inside = sum(model.invoke_seconds for model in models) - before
            if (when := moved()) is not None:
                found.append(when - taken[-1].time - inside)
        del taken[:-1]
    return found


class _Noting:
    """Stands for the camera and keeps its frames in a list."""

    def __init__(self, camera: Any, taken: list[Frame]) -> None:
        self._camera = camera
        self._taken = taken

    def next(self, timeout: float) -> Frame | None:
        frame: Frame | None = self._camera.next(timeout)
        if frame is not None:
            self._taken.append(frame)
        return frame

    def close(self) -> None:
        self._camera.close()


def pin_moved(pin: Any) -> Callable[[], float | None]:
    """When a mock pin, which is about to, goes high, in the loop's time; None if it does not."""
    ahead = SystemClock().now() - time.monotonic()

    def moved() -> float | None:
        if not until(lambda: bool(pin.state)):
            return None
        return float(pin._last_change) + ahead

    return moved


def report_moved(link: Link) -> Callable[[], float | None]:
    """When the guard's process stepped to move the bolt; None if it does not."""

    def moved() -> float | None:
        seen: list[float] = []

        def moves() -> bool:
            inputs = link.inputs()
            if inputs.bolt in (BoltState.UNLOCKING, BoltState.UNLOCKED):
                seen.append(inputs.time)
            return bool(seen)

        return seen[0] if until(moves) else None

    return moved


def until(happened: Callable[[], bool]) -> bool:
    """Whether something happens soon; looks often."""
    ends = time.monotonic() + 0.4
    while not happened():
        if time.monotonic() > ends:
            return False
        time.sleep(0.0002)
    return True


@contextmanager
def guard_process(folder: Path) -> Iterator[Link]:
    """A guard as a process of its own, and the line to it."""
    (folder / "door.toml").write_text(PROJECT)
    path = folder / "line"
    command = [sys.executable, "-m", "device.guarding", "--project", folder / "door.toml", "--socket", path]
    process = subprocess.Popen(list(map(str, command)), stderr=subprocess.DEVNULL)
    clock = SystemClock()
    link = Link(path, clock)
    try:
        while not answers(path):
            time.sleep(0.05)
        link.start(clock)
        yield link
    finally:
        link.stop()
        process.terminate()
        process.wait()


def report(quick: bool) -> Report:
    """Median and 99th percentile, with the guard as a thread, beside a hanging broker, and as a process."""
    try:
        program()
    except pytest.skip.Exception as why:
        return Report(skipped=str(why))
    count = 3 if quick else UNLOCKED
    frames = rendered(40)
    found: dict[str, list[float]] = {}
    with TemporaryDirectory(prefix="latchlens-bench-") as name, ExitStack() as parts:
        folder = Path(name)
        broker = Mosquitto(folder / "broker").start()
        parts.callback(broker.kill)
        parts.callback(broker.go_on)
        mqtt = f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n'
        loop = parts.enter_context(
            measured.real_loop(paced(frames), page=True, project=project(mqtt), full=True)
        )
        token = Tokens(loop.folder).create("viewer", Scope.READ)
        for _ in range(WARM_UP):
            loop.loop.step()
        parts.enter_context(viewers(loop, token, VIEWERS))
        guard, pin = loop.loop.bolt, loop.pins.pin(PIN)
        found["page, clips, broker"] = unlocking(loop, Fitful(guard), pin_moved(pin), count)
        broker.hang()
        found["the same, the broker hangs"] = unlocking(loop, Fitful(guard), pin_moved(pin), count)
        broker.go_on()
        with guard_process(folder) as link:
            found["the guard a process of its own"] = unlocking(loop, Fitful(link), report_moved(link), count)
            loop.loop.bolt = guard
    return Report(_figures(found), _table(found))


def _figures(found: dict[str, list[float]]) -> list[Figure]:
    return [
        Figure(f"frame to pin besides inference, {name}, {which}", value, "ms", WANTED_MS[which])
        for name, seconds in found.items()
        for which, value in (("p50", _ms(seconds, 49)), ("p99", _ms(seconds, 98)))
    ]


def _table(found: dict[str, list[float]]) -> str:
    head = ("frame to pin besides inference", "times", "p50 ms", "p95 ms", "p99 ms", "longest ms")
    rows = [
        (
            name,
            len(seconds),
            *(f"{_ms(seconds, cut):.2f}" for cut in (49, 94, 98)),
            f"{max(seconds) * 1e3:.2f}",
        )
        for name, seconds in found.items()
    ]
    return columns(head, rows)


def _ms(seconds: Sequence[float], cut: int) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[cut] * 1e3
