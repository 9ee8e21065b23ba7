"""Where the loop's time goes, stage by stage, beside bare inference: python -m benchmarks stages

Every part of the loop is stopped by its own watch while the real loop runs over frames in memory, the
detector and the embedding on each. What no watch covers is the loop itself and the watches. Interpreters of
one thread, two and so on take turns; so do a loop before an empty doorstep, whose gate is shut, and one
whose interpreters are not invoked, which shows what the other parts cost with the caches to themselves.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from benchmarks.report import Report, columns
from device import shipped
from device.config import Project, parse_project
from device.messages import Frame
from simulator.doorstep import Doorstep, Visitor
from simulator.figure import WARM_UP, Figure
from simulator.measured import PROJECT, Measured, real_loop

FRAMES = 300
ROUND = 25
"""Passes of one loop before the next has its turn."""
USUAL = 2
"""Threads of an interpreter unless a project says otherwise."""
TRACED = 40

DETECTOR, EMBEDDING = "detector: invoke", "embedding: invoke"
INFERENCE = (DETECTOR, EMBEDDING)


@dataclass(slots=True)
class Sheet:
    """Seconds by stage and frame; a stage within another is taken out of the outer one."""

    frames: list[dict[str, float]] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)
    _now: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _open: list[str] = field(default_factory=list)

    def watched(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, timed as `stage`."""

        def timed(*args: Any, **named: Any) -> Any:
            self._open.append(stage)
            began = time.perf_counter()
            try:
                return function(*args, **named)
            finally:
                passed = time.perf_counter() - began
                self._open.pop()
                self._now[stage] += passed
                if self._open:
                    self._now[self._open[-1]] -= passed

        return timed

    def pass_of(self, step: Callable[[], object]) -> None:
        """One pass of the loop."""
        self._now.clear()
        began = time.perf_counter()
        step()
        self.totals.append(time.perf_counter() - began)
        self.frames.append(dict(self._now))

    def stages(self) -> Mapping[str, list[float]]:
        """Of each stage, its seconds in every frame."""
        names = {name for frame in self.frames for name in frame}
        return {name: [frame.get(name, 0.0) for frame in self.frames] for name in sorted(names)}


class _StandIn:
    """Stands for a part of the loop, some of whose methods are others."""

    def __init__(self, part: Any, **methods: Callable[..., Any]) -> None:
        self._part = part
        vars(self).update(methods)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)


def _timed(part: Any, sheet: Sheet, **stages: str) -> _StandIn:
    """The part with some methods stopped by a watch."""
    return _StandIn(
        part, **{method: sheet.watched(stage, getattr(part, method)) for method, stage in stages.items()}
    )


def watch(measured: Measured) -> Sheet:
    """Stop every stage of the loop by a watch."""
    sheet, loop, sight = Sheet(), measured.loop, measured.sight
    eyes = loop.eyes
    names = ("detector", "embedding")
    for name, model in zip(names, sight.models, strict=True):
        model._interpreter = _timed(model._interpreter, sheet, invoke=f"{name}: invoke")
        model.show = sheet.watched(f"{name}: input", model.show)
        model.invoke = sheet.watched(f"{name}: tensors in and out", model.invoke)
    loop.camera = _timed(loop.camera, sheet, next="camera")
    loop.policy = _timed(loop.policy, sheet, decide="decide")
    loop.bolt = _timed(loop.bolt, sheet, hold="bolt", inputs="bolt")
    loop.publisher = _timed(loop.publisher, sheet, publish="publish")
    loop.eyes = type(eyes)(
        blind=_timed(eyes.blind, sheet, check="blindness"),
        gate=_timed(eyes.gate, sheet, open="motion gate"),
        detector=_timed(eyes.detector, sheet, detect="detector: boxes"),
        tracker=_timed(eyes.tracker, sheet, update="tracker"),
        classifier=_timed(eyes.classifier, sheet, classify="view, crop, heads"),
    )
    return sheet


def rendered(count: int) -> list[Frame]:
    """A cat that waits before the door."""
    camera = Doorstep([Visitor(arrives=-3.0, waits=count)], seconds=count / 10)
    return [camera.next(0) for _ in range(count)]


def measure(frames: Sequence[Frame]) -> Sheet:
    with real_loop(frames) as measured:
        for _ in range(WARM_UP):
            measured.loop.step()
        sheet = watch(measured)
        for _ in range(len(frames) - WARM_UP):
            sheet.pass_of(measured.loop.step)
    return sheet


def shares(sheet: Sheet) -> list[float]:
    """Of each frame, the part of its time that is not an `invoke()`."""
    return [
        1 - sum(frame.get(name, 0.0) for name in INFERENCE) / total
        for frame, total in zip(sheet.frames, sheet.totals, strict=True)
    ]


def table(sheet: Sheet) -> str:
    """Every stage of one loop, the longest first."""
    stages = {**sheet.stages(), "all": sheet.totals}
    covered = [sum(frame.values()) for frame in sheet.frames]
    stages["the loop itself"] = [all_ - sum_ for all_, sum_ in zip(sheet.totals, covered, strict=True)]
    median = statistics.median(sheet.totals)
    rows = [
        (name, *(f"{each * 1e3:.3f}" for each in figures), f"{figures[0] / median * 100:.1f}")
        for name, figures in sorted(
            ((name, _quantiles(seconds)) for name, seconds in stages.items()), key=lambda row: -row[1][0]
        )
    ]
    return columns(("stage", "p50 ms", "p95 ms", "p99 ms", "share %"), rows)


def _quantiles(seconds: Sequence[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(seconds, n=100)
    return statistics.median(seconds), cuts[94], cuts[98]


def project(threads: int) -> Project:
    """The demonstration with interpreters of so many threads."""
    text = shipped.project(PROJECT).read_text(encoding="utf-8")
    more = f'[detector]\nkind = "ssd"\nthreads = {threads}\n[embedding]\nthreads = {threads}\n'
    return parse_project(f"{text}\n{more}", "bench")


@dataclass(frozen=True, slots=True)
class Turns:
    """What loops took that ran by turns."""

    by_threads: Mapping[int, Sheet]
    shut: Sheet
    """The motion gate stayed shut."""
    idle: Sheet
    """The interpreters were not invoked: their last answers stood."""


def in_turns(frames: Sequence[Frame], counts: Sequence[int], passes: int) -> Turns:
    """The loop with interpreters of `counts` threads, one whose gate is shut, and one without inference."""
    with ExitStack() as parts:
        loops = [parts.enter_context(real_loop(cycle(frames), project=project(count))) for count in counts]
        empty = [camera.next(0) for camera in [Doorstep([], seconds=4.0)] for _ in range(40)]
        loops.append(parts.enter_context(real_loop(cycle(empty), looks=False)))
        loops.append(idle := parts.enter_context(real_loop(cycle(frames), project=project(counts[-1]))))
        for measured in loops:
            for _ in range(WARM_UP):
                measured.loop.step()
        for model in idle.sight.models:
            model._interpreter = _StandIn(model._interpreter, invoke=lambda: None)
        sheets = [watch(measured) for measured in loops]
        for _ in range(max(passes // ROUND, 1)):
            for sheet, measured in zip(sheets, loops, strict=True):
                for _ in range(ROUND):
                    sheet.pass_of(measured.loop.step)
    *by_threads, shut, without = sheets
    return Turns(dict(zip(counts, by_threads, strict=True)), shut, without)


def allocated(frames: Sequence[Frame]) -> tuple[float, float]:
    """Of a pass with detector and embedding: KB at its highest above its beginning, and blocks left after it.

    Both are medians; threads beside the loop count, too.
    """
    peaks, left = [], []
    with real_loop(cycle(frames)) as measured:
        for _ in range(WARM_UP):
            measured.loop.step()
        for _ in range(TRACED):
            blocks = sys.getallocatedblocks()
            measured.loop.step()
            left.append(sys.getallocatedblocks() - blocks)
        tracemalloc.start()
        for _ in range(TRACED):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            measured.loop.step()
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
        tracemalloc.stop()
    return statistics.median(peaks) / 1e3, statistics.median(left)


def report(quick: bool) -> Report:
    """The loop by threads, its stages with the gate open and shut, and what a pass allocates."""
    frames = rendered(40)
    counts = [count for count in (1, 2, 3, 4) if count <= (os.cpu_count() or 1)]
    turns = in_turns(frames, counts, ROUND if quick else FRAMES)
    usual = turns.by_threads[min(USUAL, counts[-1])]
    rows = [
        (
            f"{count} threads" if count > 1 else "1 thread",
            *(f"{each * 1e3:.2f}" for each in _quantiles(sheet.totals)),
            f"{statistics.median(inference(sheet)) * 1e3:.2f}",
            f"{statistics.median(shares(sheet)) * 100:.1f}",
        )
        for count, sheet in turns.by_threads.items()
    ]
    head = ("loop, gate open", "p50 ms", "p95 ms", "p99 ms", "invoke ms", "rest %")
    highest, left = allocated(frames)
    rest = [total - inside for total, inside in zip(usual.totals, inference(usual), strict=True)]
    figures = [
        Figure("not inference, share of the loop", statistics.median(shares(usual)) * 100, "%", 10),
        Figure("not inference, a frame", statistics.median(rest) * 1e3, "ms"),
        Figure("the same with no inference before it", statistics.median(turns.idle.totals) * 1e3, "ms"),
        Figure("a pass with the gate shut", statistics.median(turns.shut.totals) * 1e3, "ms"),
        Figure("memory that a pass takes and gives back", highest, "KB"),
        Figure("blocks of memory that a pass leaves", left, "blocks"),
    ]
    tables = (
        columns(head, rows),
        f"gate open:\n{table(usual)}",
        f"gate open, interpreters not invoked:\n{table(turns.idle)}",
        f"gate shut:\n{table(turns.shut)}",
    )
    return Report(figures, "\n\n".join(tables))


def inference(sheet: Sheet) -> list[float]:
    """Seconds within `invoke()`, of each frame."""
    return [sum(frame.get(name, 0.0) for name in INFERENCE) for frame in sheet.frames]


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FRAMES
    print(table(measure(rendered(count + WARM_UP))))
