"""What the guard's process costs, and how long an order takes: `python benchmarks/guard_line.py`.

Starts `latchlens-guard` on pins without hardware. Processor time is per second of one core.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from device.act.link import Link, look
from device.clock import SystemClock
from device.errors import HardwareError
from device.messages import BoltState, Lease

PROJECT = """
[pins]
kind = "mock"
[bolt]
kind = "relay"
pin = 5
[bolt.coil]
limit_s = inf
duty = 1.0
[guard]
dwell_s = 0.0
"""
TIMES = 200


def main() -> None:
    """Print one line for each figure."""
    folder = Path(tempfile.mkdtemp(prefix="guard-"))
    (folder / "door.toml").write_text(PROJECT)
    path, began = folder / "line", time.perf_counter()
    command = [sys.executable, "-m", "device.guarding", "--project", folder / "door.toml", "--socket", path]
    process = subprocess.Popen(list(map(str, command)))
    try:
        while not answers(path):
            time.sleep(0.01)
        print(f"start to first report: {time.perf_counter() - began:.2f} s")
        print(f"resident: {resident_mb(process.pid):.0f} MB")
        print(f"with nobody calling: {share(process.pid, lambda: time.sleep(0.1)):.2%} of a core")
        link = Link(path, clock := SystemClock())
        link.start(clock)

        def a_pass() -> None:
            link.inputs()
            link.hold(None)
            time.sleep(0.1)

        print(f"with a loop of 10 passes a second: {share(process.pid, a_pass):.2%} of a core")
        orders = [order_ms(link, clock) for _ in range(TIMES)]
        print(
            f"an order, and the report that the bolt moves: {statistics.median(orders):.2f} ms median,",
            end=" ",
        )
        print(f"{sorted(orders)[TIMES * 99 // 100]:.2f} ms p99 of {TIMES}")
    finally:
        process.terminate()
        process.wait()


def answers(path: Path) -> bool:
    """Whether the guard is there."""
    try:
        return bool(look(path, 0.1))
    except HardwareError:
        return False


def resident_mb(pid: int) -> float:
    """Resident memory, shared libraries included."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def share(pid: int, do: object, seconds: float = 10.0) -> float:
    """Processor time of a process while `do` is done again and again."""
    before, ends = used_s(pid), time.monotonic() + seconds
    while time.monotonic() < ends:
        do()  # type: ignore[operator]
    return (used_s(pid) - before) / seconds


def used_s(pid: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def order_ms(link: Link, clock: SystemClock) -> float:
    """From a lease to the first report of a bolt that moves."""
    link.hold(None)
    while link.inputs().bolt is not BoltState.LOCKED:
        time.sleep(0.01)
    began = time.perf_counter()
    link.hold(Lease(clock.now(), 5.0, ""))
    while link.inputs().bolt not in (BoltState.UNLOCKING, BoltState.UNLOCKED):
        pass
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
