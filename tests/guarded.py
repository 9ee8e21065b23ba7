"""A guard in a process of its own whose pins are seen and pushed from outside, and a loop that holds it.

Run as `python -m tests.guarded guard ...` it is `latchlens-guard` on pins without hardware: each change of a
pin is a line "pin 5 1" of its output, and a line "low 22" or "high 22" of its input drives a pin. Run as
`python -m tests.guarded hold SOCKET SECONDS` it holds the bolt open under leases of so many seconds.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

from device.act.link import Link
from device.clock import SystemClock
from device.guarding import come_to_rest, run, users
from device.messages import BoltState, Lease

ROOT = Path(__file__).parent.parent
PATIENCE_S = 60.0
"""So long only on a machine that stands still."""

STRIKE = """
[pins]
kind = "mock"
[bolt]
kind = "relay"
pin = 5
[guard]
dwell_s = 0.1
[[input]]
kind = "button"
name = "panic"
pin = 22
"""
"""A bolt whose pin is high while the way is open."""


@dataclass
class Process:
    """One of both, and what it says."""

    process: subprocess.Popen[str]
    said: Queue[str] = field(default_factory=Queue)
    log: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, *arguments: object, cwd: Path = ROOT, **environment: str) -> Process:
        """Start this file with arguments."""
        return cls.run([sys.executable, "-m", "tests.guarded", *arguments], cwd, **environment)

    @classmethod
    def run(cls, command: Sequence[object], cwd: Path = ROOT, **environment: str) -> Process:
        """Start a command that finds the checkout's modules wherever it runs."""
        pipe = subprocess.PIPE
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("LATCHLENS")}
        process = subprocess.Popen(
            list(map(str, command)),
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=cwd,
            env=inherited | {"PYTHONPATH": str(ROOT)} | environment,
            bufsize=1,
        )
        started = cls(process)
        Thread(target=started._listen, daemon=True).start()
        return started

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.put(line.rstrip("\n"))
        self.said.put("the end")

    def until(self, text: str) -> str:
        """Listen until a line holds `text`, and return it."""
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            try:
                line = self.said.get(timeout=1.0)
            except Empty:
                continue
            self.log.append(line)
            if text in line:
                return line
            if line == "the end":
                break
        raise AssertionError(f"never said {text!r}:\n" + "\n".join(self.log))

    def so_far(self) -> list[str]:
        """What was said since anybody listened."""
        new: list[str] = []
        while True:
            try:
                new.append(self.said.get_nowait())
            except Empty:
                self.log += new
                return new

    def tell(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; its exit status."""
        self.send(number)
        status = self.process.wait(PATIENCE_S)
        self.so_far()
        return status

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def eventually(is_so: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and return it."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        if answer := is_so():
            return answer
        time.sleep(0.02)
    raise AssertionError("that never came true")


def _guard(arguments: list[str]) -> None:
    from gpiozero.pins.mock import MockFactory, MockPWMPin

    class ToldPin(MockPWMPin):  # type: ignore[misc]
        def _change_state(self, value: float) -> bool:
            changed = bool(super()._change_state(value))
            if changed:
                print(f"pin {self.info.name.removeprefix('GPIO')} {value:g}", flush=True)
            return changed

    factory = MockFactory(pin_class=ToldPin)

    def push() -> None:
        for line in sys.stdin:
            level, number = line.split()
            pin = factory.pin(int(number))
            (pin.drive_low if level == "low" else pin.drive_high)()

    Thread(target=push, daemon=True).start()
    logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format="%(message)s")
    project, *rest = arguments
    if rest:
        run(Path(project), Path(rest[0]), users(rest[1:]), lambda _: factory)
    else:
        come_to_rest(Path(project), lambda _: factory)


def _hold(path: str, seconds: str) -> None:
    clock = SystemClock()
    link = Link(Path(path), clock)
    link.start(clock)
    while True:
        link.hold(Lease(clock.now(), float(seconds), "own cat"))
        if link.inputs().bolt is BoltState.UNLOCKED:
            print("it is open", flush=True)
        time.sleep(0.05)


if __name__ == "__main__":
    {"guard": lambda: _guard(sys.argv[2:]), "hold": lambda: _hold(*sys.argv[2:])}[sys.argv[1]]()
