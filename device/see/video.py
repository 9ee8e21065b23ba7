"""The camera that plays a video file, a folder of pictures or a network camera's stream."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Annotated, Literal

import cv2
import numpy as np
from pydantic import Field

from device.errors import PictureError
from device.interfaces import Camera, Clock, EndOfVideo
from device.messages import Frame
from device.see.ffmpeg import is_cut_short, open_capture
from device.see.live import LiveCamera
from device.see.luma import make_frame
from device.see.pictures import PICTURES, read_picture
from device.see.stream import StreamSource, is_address, without_password

FOLDER_RATE = 5.0
"""Pictures of a folder a second, unless a rate is given."""

FALLBACK_RATE = 25.0
"""Frames a second of a video that does not say."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of [camera] with kind = "video"."""

    path: str
    """A video file, a folder of pictures (played in the order of their names), or an rtsp:// address."""
    rate: Annotated[float, Field(gt=0, le=1000)] | None = None
    """A file: at most so many frames a second (default all). A folder: pictures a second (default 5)."""
    speed: Literal["as-fast-as-possible", "real-time"] = "as-fast-as-possible"
    start: Annotated[float, Field(ge=0)] = 0.0
    """Seconds of the recording to pass over."""
    end: Annotated[float, Field(gt=0)] | None = None
    """Second of the recording to end at."""
    every: Annotated[int, Field(ge=1)] = 1
    """Only every so manieth frame."""
    wall: float | None = None
    """UTC seconds since 1970 at the recording's second 0; without it frames have no wall time."""


def build(settings: Settings, clock: Clock) -> Camera:
    """The camera for `settings`; a stream's frames are timed by `clock`, a recording's by the recording.

    In real time, frames are moved to begin at the clock's present, so that they are never stale.

    Raises:
        PictureError: the file or folder is missing, empty or cannot be read.
    """
    if is_address(settings.path):
        return LiveCamera(without_password(settings.path), lambda: StreamSource(settings.path, clock))
    path = Path(settings.path).expanduser()
    frames = _folder_frames(path, settings) if path.is_dir() else _file_frames(path, settings)
    if settings.speed == "real-time":
        return RealTimeCamera(frames, clock)
    return RecordedCamera(frames)


def every_frame(camera: Camera) -> Iterator[Frame]:
    """The frames of a recorded or rendered camera from here to its end; errors as the camera raises them."""
    while True:
        try:
            frame = camera.next(0)
        except EndOfVideo:
            return
        if frame is not None:
            yield frame


class RecordedCamera:
    """Implements interfaces.Camera: each frame of a recording, as fast as it is asked for."""

    def __init__(self, frames: Iterator[Frame]) -> None:
        self._frames = frames

    def next(self, timeout: float) -> Frame | None:  # noqa: ARG002 - a recording never keeps one waiting
        """The next frame; its time is its presentation time in the recording, from `start` on."""
        frame = next(self._frames, None)
        if frame is None:
            raise EndOfVideo
        return frame

    def close(self) -> None:
        self._frames = iter(())


class RealTimeCamera:
    """Implements interfaces.Camera: a recording as a live camera would show it, newest frame only."""

    def __init__(
        self,
        frames: Iterator[Frame],
        clock: Clock,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """`now` and `wait` pace the frames: the clock may be one that the frames themselves set."""
        self._frames = frames
        self._clock = clock
        self._now = now
        self._closed = Event()
        self._wait = wait or self._closed.wait
        self._ahead: Frame | None = None
        self._began: float | None = None
        self._shift = 0.0

    def next(self, timeout: float) -> Frame | None:
        """The newest frame that is due by now; None if none becomes due within `timeout` seconds."""
        if self._began is None:
            self._begin()
        if self._ahead is None:
            raise EndOfVideo
        patience = self._due(self._ahead) - self._now()
        self._wait(max(min(patience, timeout), 0.0))
        if patience > timeout or self._closed.is_set():
            return None
        return self._newest(self._now())

    def close(self) -> None:
        self._closed.set()
        self._frames = iter(())

    def _begin(self) -> None:
        self._ahead = next(self._frames, None)
        first = self._ahead.time if self._ahead else 0.0
        self._began = self._now() - first
        self._shift = max(self._clock.now() - first, 0.0)

    def _due(self, frame: Frame) -> float:
        return (self._began or 0.0) + frame.time

    def _newest(self, now: float) -> Frame:
        """Pass over frames whose successor is due too. `now` stands still: slow decoding cannot starve."""
        frame, dropped = self._ahead, 0
        assert frame is not None
        self._ahead = next(self._frames, None)
        while self._ahead is not None and self._due(self._ahead) <= now:
            frame, dropped = self._ahead, dropped + 1
            self._ahead = next(self._frames, None)
        wall = self._clock.wall() if frame.wall is None else frame.wall
        return replace(frame, time=frame.time + self._shift, wall=wall, dropped=dropped)


class _Choice:
    """Which moments of a recording are played: from start to end, every so manieth, at most at a rate."""

    def __init__(self, settings: Settings, rate: float | None) -> None:
        self._settings = settings
        self._period = 1 / rate if rate else 0.0
        self._due = settings.start

    def takes(self, number: int, time: float) -> bool:
        # Half a millisecond of grace: containers round their timestamps.
        if number % self._settings.every or time < self._due - 0.0005:
            return False
        self._due = max(self._due + self._period, time + self._period / 2)
        return True

    def is_over(self, time: float) -> bool:
        return self._settings.end is not None and time >= self._settings.end


def _wall(settings: Settings, time: float) -> float | None:
    return None if settings.wall is None else settings.wall + time


def _folder_frames(folder: Path, settings: Settings) -> Iterator[Frame]:
    try:
        pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
    except OSError as error:
        raise PictureError(f"{folder} cannot be read ({error.strerror}); check who may read it") from None
    if not pictures:
        raise PictureError(
            f"{folder} holds no pictures; put files there that end in {', '.join(sorted(PICTURES))}"
        )
    return _read_folder(pictures, settings, settings.rate or FOLDER_RATE)


def _read_folder(pictures: list[Path], settings: Settings, rate: float) -> Iterator[Frame]:
    choice = _Choice(settings, None)
    for number, path in enumerate(pictures):
        seconds = number / rate
        if choice.is_over(seconds):
            return
        if choice.takes(number, seconds):
            yield make_frame(read_picture(path), seconds, number, _wall(settings, seconds))


def _file_frames(path: Path, settings: Settings) -> Iterator[Frame]:
    """Open the file now, so that a bad one is refused before anything starts."""
    _refuse_what_is_no_video(path)
    capture = open_capture(str(path))
    if not capture.isOpened() or not capture.grab():
        capture.release()
        raise PictureError(f"{path} is not a video that can be read, or is cut short; save it as MP4 (H.264)")
    return _read_file(capture, settings)


def _refuse_what_is_no_video(path: Path) -> None:
    """FFmpeg would play a text file as a film of its letters and follow a playlist to other files."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise PictureError(
            f"{path} does not exist; give a video file, a folder of pictures or rtsp://..."
        ) from None
    except OSError as error:
        raise PictureError(f"{path} cannot be read ({error.strerror}); check who may read it") from None
    if not head:
        raise PictureError(f"{path} is empty; copy it again from where it came from")
    if b"\0" not in head:
        raise PictureError(f"{path} is text, not a video; save it as MP4 (H.264)")


def _read_file(capture: cv2.VideoCapture, settings: Settings) -> Iterator[Frame]:
    """The chosen frames of an open video, its first grabbed; PictureError after the last of one cut short."""
    choice = _Choice(settings, settings.rate)
    period = 1 / (_positive(capture.get(cv2.CAP_PROP_FPS)) or FALLBACK_RATE)
    promised = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    seconds = -period
    number = 0
    grabbed = True
    while grabbed:
        seconds = _presentation_time(capture, seconds, period)
        if choice.is_over(seconds):
            capture.release()
            return
        if choice.takes(number, seconds):
            taken, image = capture.retrieve()
            if not taken:
                break
            yield make_frame(np.asarray(image, np.uint8), seconds, number, _wall(settings, seconds))
        number += 1
        grabbed = capture.grab()
    capture.release()
    if is_cut_short(promised, number, (seconds + period) / period):
        raise PictureError(f"{settings.path} ends in the middle, after {seconds:.1f} s; copy it again")


def _presentation_time(capture: cv2.VideoCapture, last: float, period: float) -> float:
    """Seconds of the grabbed frame; where the container's stamps are broken, one period after the last."""
    stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
    return stamp if math.isfinite(stamp) and stamp > last and stamp >= 0 else last + period


def _positive(value: float) -> float | None:
    return value if math.isfinite(value) and value > 0 else None
