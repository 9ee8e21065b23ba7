"""Our picamera driver over the real picamera2 on a virtual camera; run by test.sh within a Debian 13."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import pictures
import virtual
from report import Report

from device.clock import SystemClock
from device.errors import HardwareError
from device.messages import Frame
from device.see import picamera
from device.see.live import LiveCamera

FRAMES = 30
PATIENCE_S = 60.0
STALL_S = 2.0
ALIKE = 6.0
"""Of 255: what JPEG, scaling and colour may change of a pixel on average; another picture has over 12."""
SETTINGS = picamera.Settings(width=1280, height=720, rate=10.0, stall=STALL_S)
OPEN_FILES = Path("/proc/self/fd")


def frames_of(camera: LiveCamera, count: int) -> list[Frame]:
    """That many frames, whatever was dropped between."""
    found: list[Frame] = []
    end = time.monotonic() + PATIENCE_S
    while len(found) < count:
        assert time.monotonic() < end, f"{len(found)} of {count} frames within {PATIENCE_S:g} s"
        if frame := camera.next(1.0):
            found.append(frame)
    return found


def check_streams(report: Report, frames: Sequence[Frame]) -> None:
    with report.check("both streams of a frame show the same picture") as measured:
        numbers = []
        for frame in frames:
            main, difference = pictures.recognised(frame.image[..., 1], 1.0)
            assert difference < ALIKE, f"the main stream differs from every picture by {difference:.1f}"
            small, _ = pictures.recognised(frame.luma, pictures.SHOWN)
            assert main == small, f"main is picture {main}, lores is picture {small}"
            numbers.append(main)
        assert len(set(numbers)) > 3, f"only the pictures {set(numbers)} were seen"
        measured.append(f"{len(frames)} frames, {len(set(numbers))} different pictures")
    with report.check("the padding of the rows is cut off, and only it") as measured:
        shape = frames[0].luma.shape
        assert shape == (90, 160), f"the luma plane is {shape}"
        worst = max(pictures.recognised(frame.luma, pictures.SHOWN)[1] for frame in frames)
        brightest = max(int(frame.luma[:, -1].max()) for frame in frames)
        measured.append(f"rows of {virtual.STRIDE} bytes for 320 pixels; differs by {worst:.2f} of 255")
        assert worst < ALIKE, f"the small stream differs by {worst:.1f}"
        assert brightest < 250, "white padding shows at the right edge"


def check_times(report: Report, frames: Sequence[Frame], began: float, ended: float) -> None:
    with report.check("a frame's time is its SensorTimestamp, on CLOCK_BOOTTIME") as measured:
        times = [frame.time for frame in frames]
        assert all(earlier < later for earlier, later in pairwise(times)), "times repeat"
        assert began - 1 < times[0] <= times[-1] <= ended, f"{times[0]}-{times[-1]} not in {began}-{ended}"
        rate = len(times) / (times[-1] - times[0])
        measured.append(f"{rate:.0f} frames a second, the newest {ended - times[-1]:.3f} s old")


def check_stall(report: Report, camera: LiveCamera, stalled: Path) -> None:
    with report.check(
        "a stalled camera is opened again and delivers, by the driver's own thread"
    ) as measured:
        stalled.touch()
        while camera.next(STALL_S) is not None:
            pass
        silent = time.monotonic()
        time.sleep(STALL_S * 2)
        assert camera.next(0.1) is None, "frames came from a stalled camera"
        stalled.unlink()
        frames = frames_of(camera, 5)
        measured.append(f"frames again after {time.monotonic() - silent:.1f} s, limit {STALL_S:g} s")
        check_streams_quietly(frames)


def check_streams_quietly(frames: Sequence[Frame]) -> None:
    for frame in frames:
        assert pictures.recognised(frame.luma, pictures.SHOWN)[1] < ALIKE, "a wrong picture after the stall"


def check_stop(report: Report, camera: LiveCamera) -> None:
    with report.check("a stopped camera gives its files back and opens again") as measured:
        camera.close()
        counts = []
        for _ in range(4):
            again = picamera.build(SETTINGS, SystemClock())
            frames_of(again, 2)
            again.close()
            counts.append(len(list(OPEN_FILES.iterdir())))
        assert counts[-1] <= counts[1] + 2, f"open files grow: {counts}"
        measured.append(f"opened 4 times, open files {counts}")


def check_absent(report: Report) -> None:
    with report.check("a camera that is not there is told with its number and the fix") as measured:
        try:
            picamera.build(picamera.Settings(number=3), SystemClock())
        except HardwareError as error:
            assert "number = 3" in str(error), error
            measured.append(str(error))
        else:
            raise AssertionError("no error")


def main() -> int:
    virtual.install()
    clock, report = SystemClock(), Report()
    print(f"picamera2 {version('picamera2')}, Python {sys.version.split()[0]}", flush=True)
    began = clock.now()
    camera = picamera.build(SETTINGS, clock)
    assert isinstance(camera, LiveCamera)
    frames = frames_of(camera, FRAMES)
    ended = clock.now()
    check_streams(report, frames)
    check_times(report, frames, began, ended)
    check_stall(report, camera, Path(os.environ["STALLED"]))
    check_stop(report, camera)
    check_absent(report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
