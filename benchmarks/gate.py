"""The motion gate beside MOG2, KNN and a recorder's running average: python -m benchmarks gate

What is shown and how the methods are stated is said in gates.py, which does the work.
"""

from __future__ import annotations

import statistics

from benchmarks import gates
from benchmarks.report import Report
from simulator.figure import Figure

MINUTES = 60.0


def report(quick: bool) -> Report:
    """Recall on animals that move, false openings an hour, and time a frame."""
    found = gates.measure(0.5 if quick else MINUTES)
    ours, *others = gates.METHODS
    recall = {method: _recall(found, method) for method in gates.METHODS}
    false = {method: _false(found, method) for method in gates.METHODS}
    times = [seconds for scene in found.values() for seconds in scene[ours].times]
    figures = [
        Figure("motion gate, median time a frame", statistics.median(times) * 1e3, "ms", 0.3),
        Figure("motion gate, frames with movement it sleeps through", (1 - recall[ours]) * 100, "%"),
        Figure("motion gate, openings without cause", false[ours], "an hour"),
    ]
    for method in others:
        short = (recall[method] - recall[ours]) * 100
        figures.append(Figure(f"motion gate, recall below that of {method}", short, "%", 0))
        more = false[ours] - false[method]
        figures.append(Figure(f"motion gate, openings without cause beyond {method}'s", more, "an hour", 0))
    return Report(figures, gates.table(found))


def _recall(found: dict[str, dict[str, gates.Result]], method: str) -> float:
    results = [found[name][method] for name in gates.ANIMALS]
    return sum(each.seen for each in results) / max(sum(each.frames for each in results), 1)


def _false(found: dict[str, dict[str, gates.Result]], method: str) -> float:
    results = [found[name][method] for name in gates.OTHERS]
    seconds = sum(each.seconds for each in results)
    return sum(each.openings for each in results) / max(seconds, 1.0) * gates.HOUR_S
