"""Megabytes, processor time of a day, and an estimate for a Pi: python -m benchmarks cost

The wheel is built and installed without extras into a fresh environment from the package index;
everything in its site-packages that pip did not bring is counted. The processor time of a day is
extrapolated: that of a pass with the gate open (real models, a rendered cat) and with the gate shut, ten
passes a second, 2 % of them open.
"""

from __future__ import annotations

import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import boards
from benchmarks.report import Report, columns
from benchmarks.stages import rendered
from device.messages import Frame
from simulator.doorstep import Doorstep
from simulator.figure import WARM_UP, Figure
from simulator.measured import real_loop

ROOT = Path(__file__).parent.parent
PATIENCE_S = 1800
OPEN, RATE, DAY_S = 0.02, 10.0, 86_400.0
NOT_OURS = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence.pth")


def installed() -> tuple[list[tuple[str, float]], int]:
    """Megabytes of each part of a fresh environment with the wheel, and the number of wheels in it.

    Raises:
        OSError, subprocess.SubprocessError: it cannot be built or installed.
    """
    with TemporaryDirectory(prefix="latchlens-bench-") as name:
        folder = Path(name)
        _quietly(
            sys.executable,
            "-m",
            "hatchling",
            "build",
            "--target",
            "wheel",
            "--directory",
            str(folder),
            cwd=ROOT,
        )
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / "bin" / "python"
        _quietly(
            str(python),
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-compile",
            str(wheel),
            cwd=folder,
        )
        (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
        parts = [each for each in site.iterdir() if not each.name.startswith(NOT_OURS)]
        wheels = sum(each.name.endswith(".dist-info") for each in parts)
        sizes = [(each.name, _megabytes(each)) for each in parts]
    return sorted(sizes, key=lambda each: -each[1]), wheels


def _quietly(*command: str, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, timeout=PATIENCE_S)


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files) / 1e6


def passes(frames: Sequence[Frame], looks: bool, count: int) -> tuple[float, float, float]:
    """Processor seconds a pass, all threads counted; and the medians of detector and embedding in ms."""
    with real_loop(cycle(frames), looks=looks) as measured:
        for _ in range(WARM_UP):
            measured.loop.step()
        models = measured.sight.models
        before = [(each.invoke_seconds, each.invocations) for each in models]
        began = time.process_time()
        for _ in range(count):
            measured.loop.step()
        used = time.process_time() - began
        took = [
            (each.invoke_seconds - seconds) / max(each.invocations - times, 1) * 1e3
            for each, (seconds, times) in zip(models, before, strict=True)
        ]
    return used / count, took[0], took[1]


def report(quick: bool) -> Report:
    """Size, a day's processor time, and the estimate."""
    count = 20 if quick else 300
    open_s, detector_ms, embedding_ms = passes(rendered(40), True, count)
    empty = [camera.next(0) for camera in [Doorstep([], seconds=4.0)] for _ in range(40)]
    shut_s, *_ = passes([each for each in empty if each is not None], False, count * 5)
    day = DAY_S * RATE * (OPEN * open_s + (1 - OPEN) * shut_s)
    share = embedding_ms / detector_ms
    figures = [
        Figure("a day of 2 % motion at 10 frames a second, extrapolated", day, "s"),
        Figure("the same, part of one core", day / DAY_S * 100, "%"),
    ]
    tables = [
        "ESTIMATE from published figures, one animal in view, two threads of the interpreter:\n"
        + columns(("board", "detector ms", "a pass ms", "passes/s"), boards.estimate(share, 0.1))
        + f"\nembedding taken as {share:.2f} of the detector (here), the rest as 10 % of a pass\n"
        + boards.sources()
    ]
    if quick:
        return Report(figures, tables[0])
    try:
        sizes, wheels = installed()
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
        return Report(figures, tables[0], f"the wheel cannot be installed here: {said}")
    figures += [
        Figure("installed, without extras and byte code", sum(mb for _, mb in sizes), "MB"),
        Figure("wheels in it, ours among them", wheels, "wheels"),
    ]
    largest = [(name, f"{mb:.1f}") for name, mb in sizes[:10]]
    return Report(figures, "\n\n".join([columns(("largest parts", "MB"), largest), *tables]))
