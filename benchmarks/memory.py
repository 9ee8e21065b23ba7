"""Resident memory and start-up, phase by phase: python -m benchmarks memory

A fresh interpreter imports, loads the models, opens a store of 10,000 visits and turns the loop for the
first time; its resident memory (libraries that are shared with others count in full) and the time are
read after each. Then a real `latchlens run` watches with page, clips and that store. `soak` tells whether
it grows.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import Report, columns
from simulator import figures
from simulator.figure import Figure
from simulator.store_bench import fill

VISITS = 10_000
PHASES = """
import json, sys, time
from pathlib import Path
began, told = time.perf_counter(), []
def tell(phase):
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    told.append((phase, time.perf_counter() - began, pages * 4096 / 1e6))
tell("the interpreter")
import device.app, device.web.server
from device import shipped
from device.config import read_project
from device.building.eyes import build_sight
from device.building.memory import build_memory
from device.clock import SystemClock
tell("imports, page and all")
state, project = Path(sys.argv[1]), read_project(shipped.project("demo"))
tell("project file")
sight = build_sight(project, state)
tell("models")
memory = build_memory(project, state, "bench", sight.hashes, threaded=True)
from device.tell.records import Records
from device.tell.wanted import Wanted
with Records(state) as records:
    records.page(Wanted(), 50)
tell("store, a page of visits")
from device.act.pins import factory
from device.building.guard import build_guard
from device.loop import Loop
from device.messages import Mode, Settings
from simulator.doorstep import Doorstep, Visitor
from simulator.play import FixedSettings
clock = SystemClock()
camera = Doorstep([Visitor(arrives=-3.0, waits=9.0)], seconds=9.0)
guard = build_guard(project.wiring, factory("mock"))
guard.start(clock)
owner = FixedSettings(Settings(Mode.NORMAL, enforce=True))
loop = Loop(camera, sight.eyes, memory.policy, guard, owner, memory.teller, clock)
tell("a rendered doorstep")
loop.step()
tell("first decision")
for _ in range(20):
    loop.step()
tell("twenty more")
guard.stop()
memory.teller.close()
print(json.dumps(told))
"""


def report(quick: bool) -> Report:
    """Memory by phases of the start, and with everything on."""
    visits = 200 if quick else VISITS
    with TemporaryDirectory(prefix="latchlens-bench-") as folder:
        fill(Path(folder), visits)
        command = [sys.executable, "-c", PHASES, folder]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    told: list[tuple[str, float, float]] = json.loads(said.splitlines()[-1])
    if quick:
        figures.MEMORY_S = 3.0
    running = figures.memory_figure(list(figures._rendered(50)), visits)
    seconds, memory = ({name: each[place] for name, *each in told} for place in (0, 1))
    found = [
        Figure("memory after imports", memory["imports, page and all"], "MB"),
        Figure("memory after models", memory["models"], "MB"),
        Figure(f"memory after {visits} visits and a page of them", memory["store, a page of visits"], "MB"),
        running,
        Figure("from the start to the first decision", seconds["first decision"], "s"),
    ]
    before = [("", 0.0, 0.0), *told]
    rows = [
        (name, f"{now - earlier:.2f}", f"{now:.2f}", f"{mb:.0f}")
        for (_, earlier, _), (name, now, mb) in zip(before, told, strict=False)
    ]
    return Report(found, columns(("phase", "s", "s since start", "MB resident"), rows))
