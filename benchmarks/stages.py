"""Where the loop's time goes, stage by stage, beside bare inference: python -m benchmarks.stages

Every part of the loop is stopped by its own watch while the real loop runs over frames in memory, the
detector and the embedding on each. What no watch covers is the loop itself and the watches.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from device.messages import Frame
from simulator.doorstep import Doorstep, Visitor
from simulator.figure import WARM_UP
from simulator.measured import Measured, real_loop

FRAMES = 300

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


class _Part:
    """Stands for a part of the loop of which some methods are timed."""

    def __init__(self, part: Any, sheet: Sheet, **stages: str) -> None:
        self._part = part
        for method, stage in stages.items():
            setattr(self, method, sheet.watched(stage, getattr(part, method)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)


def watch(measured: Measured) -> Sheet:
    """Stop every stage of the loop by a watch."""
    sheet, loop, sight = Sheet(), measured.loop, measured.sight
    eyes = loop._eyes
    names = ("detector", "embedding")
    for name, model in zip(names, sight.models, strict=True):
        model._interpreter = _Part(model._interpreter, sheet, invoke=f"{name}: invoke")
        model.show = sheet.watched(f"{name}: input", model.show)
        model.invoke = sheet.watched(f"{name}: tensors in and out", model.invoke)
    loop._camera = _Part(loop._camera, sheet, next="camera")
    loop._policy = _Part(loop._policy, sheet, decide="decide")
    loop._bolt = _Part(loop._bolt, sheet, hold="bolt", inputs="bolt")
    loop._publisher = _Part(loop._publisher, sheet, publish="publish")
    loop._eyes = type(eyes)(
        blind=_Part(eyes.blind, sheet, check="blindness"),
        gate=_Part(eyes.gate, sheet, open="motion gate"),
        detector=_Part(eyes.detector, sheet, detect="detector: boxes"),
        tracker=_Part(eyes.tracker, sheet, update="tracker"),
        classifier=_Part(eyes.classifier, sheet, classify="view, crop, heads"),
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


def table(sheet: Sheet) -> str:
    stages = {**sheet.stages(), "all": sheet.totals}
    covered = [sum(frame.values()) for frame in sheet.frames]
    stages["the loop itself"] = [all_ - sum_ for all_, sum_ in zip(sheet.totals, covered, strict=True)]
    median = statistics.median(sheet.totals)
    lines = [f"{'stage':28} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'share %':>8}"]
    for name, seconds in sorted(stages.items(), key=lambda each: -statistics.median(each[1])):
        quantiles = statistics.quantiles(seconds, n=100)
        figures = (statistics.median(seconds), quantiles[94], quantiles[98])
        share = figures[0] / median * 100
        lines.append(f"{name:28} " + " ".join(f"{each * 1e3:8.3f}" for each in figures) + f" {share:8.1f}")
    rests = [
        1 - sum(frame.get(name, 0.0) for name in INFERENCE) / total
        for frame, total in zip(sheet.frames, sheet.totals, strict=True)
    ]
    lines.append(f"not inference: {statistics.median(rests) * 100:.1f} % (median of frames)")
    return "\n".join(lines)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FRAMES
    print(table(measure(rendered(count + WARM_UP))))
