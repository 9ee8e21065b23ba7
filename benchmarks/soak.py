"""Whether memory grows: python -m benchmarks soak, or make soak

First simulated days in one process: the device's own tracker, decisions, guard and everything that keeps,
seen by the oracle, stretches in which nothing happens left out. Resident memory is read at each simulated
hour and a line laid through all but the first fifth; its slope is told in MB an hour of the *device's*
time. The simulator keeps a record of its own meanwhile, which counts, too. Then, because such days have
no threads, models and page, the real loop at full speed with all of them: its slope in MB an hour of the
*machine's* time, and for as many frames as an hour of the device has.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import Report, columns
from benchmarks.stages import rendered
from device.messages import Decision, Frame, Observation
from simulator.days import days
from simulator.figure import Figure
from simulator.measured import real_loop
from simulator.performance import play_scene
from simulator.play import Watch
from simulator.scene import Scene
from simulator.world import World

DAYS = int(os.environ.get("DAYS", "60"))
MINUTES = float(os.environ.get("MINUTES", "20"))
HOUR_S = 3600.0
SETTLED = 0.2
"""Of the samples so many are left out: caches fill, libraries load."""

Samples = list[tuple[float, float]]
"""Hours, and MB resident then."""


def resident_mb() -> float:
    """What this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def slope(samples: Samples) -> float:
    """MB an hour of the line of least squares through the samples after those in which it settles."""
    kept = samples[round(len(samples) * SETTLED) :]
    x = sum(hours for hours, _ in kept) / len(kept)
    y = sum(mb for _, mb in kept) / len(kept)
    spread = sum((hours - x) ** 2 for hours, _ in kept)
    return sum((hours - x) * (mb - y) for hours, mb in kept) / spread if spread else 0.0


def simulated(scene: Scene) -> tuple[Samples, float]:
    """Memory at each hour of a scene's days, and how many seconds all of it took."""
    samples: Samples = []

    def seat(_: Scene, world: World) -> Watch:
        def watch(frame: Frame, observation: Observation, decision: Decision) -> None:  # noqa: ARG001
            hour = world.time / HOUR_S
            if not samples or hour >= samples[-1][0] + 1:
                gc.collect()
                samples.append((hour, resident_mb()))

        return watch

    began = time.perf_counter()
    with TemporaryDirectory(prefix="latchlens-soak-") as folder:
        play_scene(scene, Path(folder) / "state", audience=seat)
    return samples, time.perf_counter() - began


def at_full_speed(seconds: float) -> tuple[Samples, int]:
    """Memory again and again over `seconds` of the real loop with models, clips and page; and its frames."""
    samples: Samples = []
    with real_loop(cycle(rendered(40)), page=True, full=True) as measured:
        began, frames, next_at = time.perf_counter(), 0, 0.0
        while (passed := time.perf_counter() - began) < seconds:
            measured.loop.step()
            frames += 1
            if passed >= next_at:
                samples.append((passed / HOUR_S, resident_mb()))
                next_at += seconds / 200
    return samples, frames


def report(quick: bool) -> Report:
    """The slopes, and memory on the way."""
    scene = days(1 if quick else DAYS, seed=1)
    if quick:
        scene = replace(scene, seconds=8 * HOUR_S)
    played, took = simulated(scene)
    turned, frames = at_full_speed(3.0 if quick else MINUTES * 60)
    span, rate = played[-1][0], slope(turned)
    found = [
        Figure(f"slope over {span:.0f} simulated hours, an hour of the device", slope(played), "MB", 1.0),
        Figure("the same, an hour of the machine", slope(played) * span * HOUR_S / took, "MB"),
        Figure(f"slope of the loop at full speed over {turned[-1][0] * 60:.1f} min, an hour", rate, "MB"),
        Figure(
            f"the same at ten frames a second ({frames} frames), an hour of the device",
            rate * turned[-1][0] / frames * 10 * HOUR_S,
            "MB",
            1.0,
        ),
    ]
    head = ("hours", "MB resident")
    tables = [
        f"{name}\n" + columns(head, [(f"{hours:.2f}", f"{mb:.1f}") for hours, mb in some(samples)])
        for name, samples in (("simulated days", played), ("the loop at full speed", turned))
    ]
    return Report(found, "\n\n".join(tables))


def some(samples: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """A dozen of the samples, the first and the last among them."""
    step = max((len(samples) - 1) / 11, 1)
    return [samples[min(round(place * step), len(samples) - 1)] for place in range(min(12, len(samples)))]
