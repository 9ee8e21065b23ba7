"""What it costs the loop when two people watch the live picture."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from subprocess import DEVNULL, PIPE

from device.errors import StoreError
from device.messages import Frame
from device.web.caller import Scope
from device.web.tokens import Tokens
from simulator.figure import WARM_UP, Figure
from simulator.measured import Measured, real_loop

SEGMENT_S = 2.0
SEGMENTS = 4
"""With and without viewers by turns, so that whatever else the machine does falls on both."""
VIEWERS = 2
VIEWER = """
import sys, urllib.request
credentials = {"Authorization": "Bearer " + sys.stdin.readline().strip()}
with urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers=credentials)) as stream:
    print(stream.readline().decode(), flush=True)
    while stream.read(4096):
        pass
"""
"""A process of its own: what a viewer does with the pictures is not the device's work."""


def watched_figure(frames: Sequence[Frame]) -> Figure:
    """By how much two viewers lower the frame rate of a loop that never waits for its camera."""
    steps, seconds = {True: 0, False: 0}, {True: 0.0, False: 0.0}
    with real_loop(cycle(frames), page=True) as measured:
        token = Tokens(measured.folder).create("viewer", Scope.READ)
        for _ in range(WARM_UP):
            measured.loop.step()
        for turn in range(SEGMENTS * 2):
            watched = turn % 2 == 1
            with viewers(measured, token, VIEWERS if watched else 0):
                began = time.perf_counter()
                while (passed := time.perf_counter() - began) < SEGMENT_S:
                    measured.loop.step()
                    steps[watched] += 1
                seconds[watched] += passed
    rates = {watched: steps[watched] / seconds[watched] for watched in steps}
    return Figure(
        "two viewers of the live picture, loss of frame rate", (1 - rates[True] / rates[False]) * 100, "%", 5
    )


@contextmanager
def viewers(measured: Measured, token: str, count: int) -> Iterator[None]:
    """So many viewers, who see pictures already, until the block ends."""
    if measured.address is None:
        raise StoreError("the page could not be served, so nobody can watch; the log above says why")
    command = [sys.executable, "-c", VIEWER, f"{measured.address}/api/v1/live/stream"]
    with ExitStack() as parts:
        for _ in range(count):
            viewer = parts.enter_context(
                subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True)
            )
            parts.callback(viewer.kill)
            if viewer.stdin and viewer.stdout:
                print(token, file=viewer.stdin, flush=True)
                viewer.stdout.readline()
        yield
