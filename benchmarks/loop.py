"""The figures of `latchlens bench`, for the page with all the others: python -m benchmarks loop"""

from __future__ import annotations

from benchmarks.report import Report
from simulator.figures import measure


def report(quick: bool) -> Report:
    """The loop against bare inference, the motion gate's time, viewers and memory."""
    return Report(measure(None, 50 if quick else 600))
