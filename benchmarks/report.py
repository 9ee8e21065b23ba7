"""What a benchmark found: figures with what they may be at most, a table for people, and what it ran on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from simulator.figure import Figure

PACKAGES = ("latchlens", "numpy", "opencv-python-headless", "ai-edge-litert")


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one benchmark."""

    figures: Sequence[Figure] = ()
    table: str = ""
    """Whatever figures alone would tell badly, in columns."""
    skipped: str = ""
    """Why it could not be measured, and what to do."""


@dataclass(frozen=True, slots=True)
class Run:
    """A report with its benchmark's name, how long it took and how busy the machine was."""

    name: str
    report: Report
    seconds: float
    load: tuple[float, float]
    """Load average over a minute, before and after."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures hold for."""

    processor: str
    cores: int
    memory_mb: int
    system: str
    python: str
    packages: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        packages = ", ".join(f"{name} {number}" for name, number in self.packages.items())
        return (
            f"{self.processor}, {self.cores} cores, {self.memory_mb} MB; {self.system}, "
            f"Python {self.python}; {packages}"
        )


def this_machine() -> Machine:
    """The machine that is measured on, and what is installed."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 10**6
    found = {name: _version(name) for name in PACKAGES}
    return Machine(
        _processor(), os.cpu_count() or 1, memory, platform.system(), platform.python_version(), found
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith(("model name", "Model"))]
    return f"{named[-1] if named else platform.processor()} ({platform.machine()})"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def verdict(figure: Figure) -> str:
    """Whether a figure is within what it may be, and if not, by how much it misses."""
    if figure.budget is None:
        return ""
    if figure.value <= figure.budget:
        return f"at most {figure.budget:g}: met"
    return f"at most {figure.budget:g}: missed by {figure.value - figure.budget:.3g} {figure.unit}".rstrip()


def as_text(run: Run) -> str:
    """The report for a terminal."""
    load = "{:.1f} and {:.1f}".format(*run.load)
    lines = [f"== {run.name}   ({run.seconds:.0f} s; load {load})"]
    if run.report.skipped:
        lines.append(f"SKIPPED: {run.report.skipped}")
    for each in run.report.figures:
        lines.append(f"{each.name:64} {number(each.value):>10} {each.unit:5} {verdict(each)}".rstrip())
    if run.report.table:
        lines += ["", run.report.table]
    return "\n".join(lines)


def as_markdown(run: Run, machine: Machine) -> str:
    """The report for docs/benchmarks.md."""
    parts = [f"Measured on {machine}; load average {run.load[0]:.1f} before, {run.load[1]:.1f} after."]
    if run.load[0] > machine.cores / 2:
        parts.append("**The machine was busy with other things:** times are too long, ratios hold roughly.")
    if run.report.skipped:
        parts.append(f"Skipped: {run.report.skipped}")
    if run.report.figures:
        rows = [
            f"| {each.name} | {number(each.value)} {each.unit} | {verdict(each)} |"
            for each in run.report.figures
        ]
        parts.append("\n".join(["| what | figure | wanted |", "|---|---|---|", *rows]))
    if run.report.table:
        parts.append(f"```\n{run.report.table}\n```")
    return "\n\n".join(parts)


def as_document(runs: Iterable[Run], machine: Machine) -> dict[str, Any]:
    """Everything for JSON."""
    return {"machine": asdict(machine), "benchmarks": [asdict(run) for run in runs]}


def number(value: float) -> str:
    """Three digits that mean something."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def columns(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table whose first column is words and whose others are figures."""
    cells = [list(head), *([_cell(each) for each in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    lines = (
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def _cell(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)
