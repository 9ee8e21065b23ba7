"""What `latchlens bench` measures: the loop against bare inference, the motion gate and the memory."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import cv2

from device.errors import LatchlensError, PictureError
from device.messages import Frame
from simulator.figure import WARM_UP, Figure

if TYPE_CHECKING:
    from device.building.eyes import Sight

PROJECT = "demo"
MEMORY_S = 12.0
"""How long `latchlens run` watches before its memory is read."""


def measure(video: Path | None, frames: int) -> list[Figure]:
    """Every figure, over `frames` frames of `video` or of a rendered doorstep.

    Raises:
        PictureError: the video cannot be read or is too short.
    """
    pictures = list(_recorded(video, frames + WARM_UP) if video else _rendered(frames + WARM_UP))
    if len(pictures) < frames + WARM_UP:
        raise PictureError(
            f"{video} has {len(pictures)} frames, {frames + WARM_UP} are needed; give a longer one"
        )
    from simulator.watched import watched_figure  # noqa: PLC0415

    watched = watched_figure(pictures)
    return [*loop_figures(pictures), *gate_figures(pictures), watched, memory_figure(pictures)]


def _rendered(count: int) -> Iterator[Frame]:
    """A cat that waits before the door, so that every frame needs detector and embedding."""
    from simulator.doorstep import Doorstep, Visitor  # noqa: PLC0415

    camera = Doorstep([Visitor(arrives=-3.0, waits=count)], seconds=count / 10)
    return (camera.next(0) for _ in range(count))  # type: ignore[misc]


def _recorded(video: Path, count: int) -> Iterator[Frame]:
    from device.see import video as recorded  # noqa: PLC0415
    from simulator.recording import RecordingClock  # noqa: PLC0415

    camera = recorded.build(recorded.Settings(str(video)), RecordingClock())
    return islice(recorded.every_frame(camera), count)


def loop_figures(frames: Sequence[Frame]) -> list[Figure]:
    """The loop's time a frame beside the threads that `run` has, and how much of it is not an `invoke()`."""
    from simulator.measured import real_loop  # noqa: PLC0415

    with real_loop(frames) as measured:
        for _ in range(WARM_UP):
            measured.loop.step()
        sight = measured.sight
        totals, inferences, embeddings = _measure(measured.loop.step, sight, len(frames) - WARM_UP)
    shares = [1 - inside / total for total, inside in zip(totals, inferences, strict=True)]
    return [
        Figure("loop, detector and embedding on every frame", statistics.median(totals) * 1e3, "ms"),
        Figure("of which invoke()", statistics.median(inferences) * 1e3, "ms"),
        Figure("everything else, share of the loop (median)", statistics.median(shares) * 100, "%", 10),
        Figure(
            "everything else, share of the loop (whole run)",
            (1 - sum(inferences) / sum(totals)) * 100,
            "%",
            10,
        ),
        Figure("frames with an embedding", embeddings / len(totals) * 100, "%"),
    ]


def _measure(step: Callable[[], object], sight: Sight, count: int) -> tuple[list[float], list[float], int]:
    totals, inferences = [], []
    before_embeddings = sight.embedder.model.invocations
    for _ in range(count):
        inside = sum(model.invoke_seconds for model in sight.models)
        began = time.perf_counter()
        step()
        totals.append(time.perf_counter() - began)
        inferences.append(sum(model.invoke_seconds for model in sight.models) - inside)
    return totals, inferences, sight.embedder.model.invocations - before_embeddings


def gate_figures(frames: Sequence[Frame]) -> list[Figure]:
    """The motion gate's time a frame."""
    from device.see import motion  # noqa: PLC0415

    gate = motion.build(motion.Settings())
    times = []
    for frame in frames:
        began = time.perf_counter()
        gate.open(frame)
        times.append(time.perf_counter() - began)
    height, width = frames[0].luma.shape
    name = f"motion gate on {width} x {height}"
    return [
        Figure(f"{name}, median", statistics.median(times) * 1e3, "ms", 0.3),
        Figure(f"{name}, 99th percentile", statistics.quantiles(times, n=100)[98] * 1e3, "ms"),
    ]


def memory_figure(frames: Sequence[Frame], visits: int = 0) -> Figure:
    """Resident memory of `latchlens run` while it watches the frames, with so many visits in its store."""
    from device import shipped  # noqa: PLC0415

    text = shipped.project(PROJECT).read_text(encoding="utf-8")
    with TemporaryDirectory(prefix="latchlens-bench-") as folder:
        pictures = Path(folder) / "pictures"
        pictures.mkdir()
        for frame in frames[:: max(len(frames) // 100, 1)]:
            cv2.imwrite(str(pictures / f"{frame.number:06}.jpg"), frame.image)
        camera = f'kind = "video"\npath = "{pictures}"\nspeed = "real-time"\n'
        project = Path(folder) / "bench.toml"
        project.write_text(text.replace('kind = "usb"\n', camera), encoding="utf-8")
        state = Path(folder) / "state"
        if visits:
            from simulator.store_bench import fill  # noqa: PLC0415

            state.mkdir()
            fill(state, visits)
        arguments = ["run", "--project", str(project), "--state", str(state)]
        name = "resident memory of run, models loaded" + (f", {visits} visits kept" if visits else "")
        return Figure(name, _resident_mb(arguments), "MB", 200)


def _resident_mb(arguments: Sequence[str]) -> float:
    """Megabytes resident in a `latchlens` process after a while of work."""
    command_line = [sys.executable, "-m", "device", *arguments]
    with subprocess.Popen(command_line, stderr=subprocess.PIPE, text=True) as process:
        try:
            process.wait(MEMORY_S)
        except subprocess.TimeoutExpired:
            status = Path(f"/proc/{process.pid}/status").read_text()
            process.terminate()
        else:
            told = process.stderr.read() if process.stderr else ""
            last = (told.splitlines() or [""])[-1]
            raise LatchlensError(f"latchlens run ended by itself, so its memory is not known: {last}")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6
