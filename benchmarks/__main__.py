"""Runs the benchmarks: python -m benchmarks [NAME ...] [--quick] [--write docs/benchmarks.md]

Each in an interpreter of its own, so that none pays for what another has loaded. A limit that is missed is
told in the table and never by the exit status: figures are no test.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.figure import figure
from benchmarks.report import Report, Run, as_document, as_text, this_machine
from benchmarks.written import require_places, write
from device.errors import ConfigError
from simulator.figure import Figure

BENCHMARKS = {
    "loop": "the loop against bare inference, memory of run, two viewers",
    "stages": "where the loop's time goes, by threads of the interpreter, gate open and shut",
    "gate": "the motion gate beside MOG2, KNN and a recorder's running average",
    "trackers": "our tracker beside norfair and ByteTrack: time, identity switches, fragments, IDF1",
    "latency": "from the frame that proves to the pin, everything at work, the broker hanging, too",
    "memory": "resident memory and start-up by phases, with everything on",
    "growth": "visits, labelled pictures, rules and animals, from few to very many",
    "cost": "installed megabytes, processor time of a day, and an estimate for a Pi",
    "soak": "whether memory grows over simulated days and at full speed",
}
"""By name a module of this folder with `report(quick)`."""
LONG = ("soak",)
"""Run only when they are named."""
OUT = Path("build/benchmarks")


def main(given: Sequence[str] | None = None) -> int:
    """Exit status 0 unless a benchmark breaks down."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    listed = "\n".join(f"{name:12} {what}" for name, what in BENCHMARKS.items())
    options.add_argument(
        "name", nargs="*", help=f"which ones; all but {', '.join(LONG)}, if none is named:\n{listed}"
    )
    options.add_argument("--quick", action="store_true", help="seconds each: to see that it works")
    options.add_argument("--out", type=Path, default=OUT, help="a folder for results.json and figure.svg")
    options.add_argument("--write", type=Path, help="a page whose figures are to be replaced")
    options.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args(given)
    if unknown := [name for name in asked.name if name not in BENCHMARKS]:
        options.error(f"there is no benchmark {unknown[0]}; choose from {', '.join(BENCHMARKS)}")
    if asked.into is not None:
        asked.into.write_text(json.dumps(as_document([_here(asked.name[0], asked.quick)], this_machine())))
        return 0
    names = asked.name or [each for each in BENCHMARKS if each not in LONG]
    if asked.write is not None:
        try:
            require_places(asked.write, names)
        except ConfigError as error:  # told now, and not after half an hour of measuring
            options.error(str(error))
    return _all(names, asked.quick, asked.out, asked.write)


def _all(names: Sequence[str], quick: bool, out: Path, page: Path | None) -> int:
    machine, runs, broken = this_machine(), [], []
    print(machine, flush=True)
    for name in names:
        run = _apart(name, quick)
        if run is None:
            broken.append(name)
            continue
        runs.append(run)
        print(f"\n{as_text(run)}", flush=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(json.dumps(as_document(runs, machine), indent=1) + "\n")
    (out / "figure.svg").write_text(figure(runs), encoding="utf-8")
    print(f"\n{out}/results.json and {out}/figure.svg are written")
    if page is not None:
        write(page, runs, machine)
    if broken:
        print(f"broken down: {', '.join(broken)}; what they said stands above", file=sys.stderr)
    return int(bool(broken))


def _apart(name: str, quick: bool) -> Run | None:
    """One benchmark in an interpreter of its own; None if that breaks down."""
    with TemporaryDirectory(prefix="latchlens-bench-") as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-m", "benchmarks", name, "--into", str(result)]
        subprocess.run([*command, *(["--quick"] if quick else [])], check=False)
        if not result.exists():
            return None
        return _read(json.loads(result.read_text())["benchmarks"][0])


def _read(found: dict[str, Any]) -> Run:
    said = found["report"]
    figures = [Figure(**each) for each in said["figures"]]
    load = (found["load"][0], found["load"][1])
    return Run(found["name"], Report(figures, said["table"], said["skipped"]), found["seconds"], load)


def _here(name: str, quick: bool) -> Run:
    for logger in ("device", "latchlens.story"):  # the doings at the measured door are nobody's story
        logging.getLogger(logger).setLevel(logging.ERROR)
    before, began = os.getloadavg()[0], time.perf_counter()
    report = import_module(f"benchmarks.{name}").report(quick)
    return Run(name, report, time.perf_counter() - began, (before, os.getloadavg()[0]))


if __name__ == "__main__":
    sys.exit(main())
