"""The USB camera: V4L2 through OpenCV, newest frame only, opened again when it stops."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from device.errors import HardwareError
from device.interfaces import Camera, Clock
from device.messages import Frame
from device.see.live import LiveCamera
from device.see.luma import make_frame

OLDEST_S = 1.0
"""A driver's time stamp that claims a frame to be older than this is on another clock."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of [camera] with kind = "usb"."""

    device: int | str = 0
    """Number of the camera, or its path: /dev/video0, or a name that stays the same in /dev/v4l/by-id/."""
    width: Annotated[int, Field(ge=16, le=8192)] = 1280
    height: Annotated[int, Field(ge=16, le=8192)] = 720
    """Size in pixels; the camera takes the nearest that it has."""
    rate: Annotated[float, Field(gt=0, le=240)] = 15.0
    """Frames a second; the camera takes the nearest that it has."""
    mjpg: bool = True
    """Ask for pictures compressed as JPEG: USB 2 carries hardly 10 others of 1280 x 720 a second."""


def build(settings: Settings, clock: Clock) -> Camera:
    """The camera for `settings`, already delivering.

    Raises:
        HardwareError: there is no such camera, or another program or its permissions keep it.
    """
    return LiveCamera(
        str(device_path(settings.device)),
        lambda: UsbSource(settings, clock),
        first=UsbSource(settings, clock),
    )


def device_path(device: int | str) -> Path:
    """Where a camera given by number or path is found."""
    return Path(f"/dev/video{device}") if isinstance(device, int) else Path(device)


class UsbSource:
    """Implements live.Source over one open V4L2 device."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        capture: Callable[[str, int], cv2.VideoCapture] = cv2.VideoCapture,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        path = device_path(settings.device)
        if not path.exists():
            raise HardwareError(
                f"[camera] device = {settings.device!r}: {path} does not exist; plug the camera in, or "
                "choose one that `v4l2-ctl --list-devices` names"
            )
        self._capture = capture(str(path), cv2.CAP_V4L2)
        self._clock = clock
        self._monotonic = monotonic
        if not self._capture.isOpened():
            self._capture.release()
            raise HardwareError(
                f"[camera] device = {settings.device!r}: {path} cannot be opened as a camera; end the "
                "program that uses it, add the user to the group `video`, or choose another device"
            )
        self._configure(settings)

    def read(self) -> Frame | None:
        taken, image = self._capture.read()
        if not taken:
            return None
        exposed = self._clock.now() - self._age()
        return make_frame(np.asarray(image, np.uint8), exposed, wall=self._clock.wall())

    def close(self) -> None:
        self._capture.release()

    def _configure(self, settings: Settings) -> None:
        """The format goes first: it decides which sizes and rates there are."""
        if settings.mjpg:
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
        self._capture.set(cv2.CAP_PROP_FPS, settings.rate)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)

    def _age(self) -> float:
        """Seconds since the driver stamped the frame, on CLOCK_MONOTONIC; 0 where it does not stamp."""
        age = self._monotonic() - self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return age if 0 <= age <= OLDEST_S else 0.0
