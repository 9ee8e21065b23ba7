"""What teaching over the web costs the loop: its frame rate with and without, turn by turn, in one run.

    python -m benchmarks.teaching [--visits 2000] [--rounds 3] [--seconds 20] [--rate 15]

A real `latchlens run` with the shipped models watches a rendered cat that never leaves. Every round counts
its frames for some seconds, then for as long while a head is taught again and again from so many visits.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import cv2

from device.tell.store import Store
from device.web.caller import Scope
from device.web.tokens import Tokens
from simulator.doorstep import Visitor
from tests.recordings import PROJECT, doorstep
from tests.test_cli_train import visited


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--visits", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--rate", type=float, default=15.0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place), given)


def measure(place: Path, given: argparse.Namespace) -> None:
    state, pictures = place / "state", place / "pictures"
    with closing(Store(state)):
        visited(state, clean=3 * given.visits // 4, prey=given.visits // 4)
    seconds = given.rounds * (2 * given.seconds + 30) + 60
    film(pictures, round(seconds * given.rate))
    project = place / "watch.toml"
    project.write_text(PROJECT.format(path=pictures).replace("[pins]", f"rate = {given.rate}\n[pins]"))
    token = Tokens(state).create("bench", Scope.ADMIN)
    command = [sys.executable, "-m", "device", "run", "--project", str(project), "--state", str(state)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ})
    try:
        ask = Asking(address(process), token)
        alone, beside = [], []
        window(ask, given.seconds)
        for number in range(given.rounds):
            alone.append(window(ask, given.seconds))
            ask("POST", "/api/v1/learning/lessons", {"task": "prey", "keep": False})
            beside.append(window(ask, given.seconds, again=True))
            ask("POST", "/api/v1/learning/errand/stop")
            print(
                f"round {number + 1}: {alone[-1]:.2f} frames a second alone, {beside[-1]:.2f} while teaching"
            )
        print(f"median ratio {median(b / a for a, b in zip(alone, beside, strict=True)):.3f}")
        peak = re.search(
            r"^latchlens_memory_peak_bytes (\S+)", ask("GET", "/metrics", plain=True), re.MULTILINE
        )
        print(f"most memory of the device itself: {float(peak[1]) / 1e6:.0f} MB" if peak else "")
    finally:
        process.terminate()
        process.wait()


def film(folder: Path, count: int) -> None:
    """A folder of so many pictures, of which all but the first second are links."""
    folder.mkdir(parents=True)
    images = doorstep(Visitor(arrives=-1.0, waits=60.0), seconds=3.0)
    for number in range(count):
        path = folder / f"{number:06}.jpg"
        if number < len(images):
            cv2.imwrite(str(path), images[number])
        else:
            os.link(folder / f"{number % len(images):06}.jpg", path)


class Asking:
    """A program with a token."""

    def __init__(self, at: str, token: str) -> None:
        self._at, self._token = at, token

    def __call__(self, method: str, path: str, body: Any = None, plain: bool = False) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._at + path, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            text = answer.read().decode()
        return text if plain else json.loads(text)


def address(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    for line in process.stderr:
        if found := re.search(r"the page is at (\S+)", line):
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return found[1]
    raise SystemExit("the device did not start")


def window(ask: Asking, seconds: float, again: bool = False) -> float:
    """Frames a second over a while; `again` begins the next lesson whenever one ends."""
    began, before = time.monotonic(), frames(ask)
    while time.monotonic() - began < seconds:
        time.sleep(0.5)
        errand = ask("GET", "/api/v1/learning/errand")["errand"]
        if again and errand["state"] != "running":
            ask("POST", "/api/v1/learning/lessons", {"task": "prey", "keep": False})
    return (frames(ask) - before) / (time.monotonic() - began)


def frames(ask: Asking) -> float:
    found = re.search(r"^latchlens_frames_total (\S+)", ask("GET", "/metrics", plain=True), re.MULTILINE)
    assert found
    return float(found[1])


if __name__ == "__main__":
    main()
