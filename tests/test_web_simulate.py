"""The page beside a simulated day: it plays on until Ctrl-C, and what is asked on the page holds."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request

from simulator.attended import Repeated
from simulator.doorstep import Doorstep, Visitor
from tests.conftest import ROOT

PATIENCE_S = 60.0


def test_a_day_that_repeats_goes_on_in_time_and_number():
    def day() -> Doorstep:
        return Doorstep([Visitor(arrives=0.0)], seconds=0.5, rate=10.0)

    camera = Repeated(day)
    frames = [frame for frame in (camera.next(0) for _ in range(12)) if frame is not None]
    assert [frame.number for frame in frames] == list(range(1, 13))
    times = [frame.time for frame in frames]
    assert times == sorted(times)
    assert len(set(times)) == len(times)


def test_somebody_at_the_page_looks_asks_and_ends_the_day_with_ctrl_c(latchlens, recordings, tmp_path):
    token = (
        latchlens("tokens", "create", "me", "--scope", "admin", "--state", tmp_path).went_well().out.strip()
    )
    command = [sys.executable, "-m", "device", "simulate", "--web", "--state", tmp_path]
    command += ["--video", recordings.pictures, "--project", "demo"]
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    timer = threading.Timer(PATIENCE_S, process.kill)
    timer.start()
    try:
        assert process.stderr
        address = next(line for line in process.stderr if "the page is at" in line).split()[-1]

        def ask(path: str, method: str = "GET", body: object = None) -> dict:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(f"{address}{path}", data, headers, method=method)
            with urllib.request.urlopen(request) as answer:
                found: dict = json.load(answer)
                return found

        ask("/api/v1/mode", "PUT", {"mode": "locked"})
        while _mode(ask) != "locked":
            pass
        ask("/api/v1/panic", "POST")
        while not ask("/api/v1/state")["visits"]:
            pass
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
        timer.cancel()
    assert process.returncode == 0, err
    assert "frames" in out
    assert list(tmp_path.glob("pictures/*/*.webm")), "the page shows clips as beside the door"


def _mode(ask: object) -> str | None:
    """The mode of the latest pass; None before the first."""
    try:
        return str(ask("/api/v1/state")["mode"])  # type: ignore[operator]
    except urllib.error.HTTPError:
        return None
