"""Reads a network camera's stream (RTSP or HTTP) through FFmpeg."""

from __future__ import annotations

from urllib.parse import urlsplit

import cv2
import numpy as np

from device.errors import HardwareError
from device.interfaces import Clock
from device.messages import Frame
from device.see.ffmpeg import open_capture
from device.see.luma import make_frame

TIMEOUT_MS = 5000
"""A camera that neither answers nor sends a frame for so long has stopped."""


class StreamSource:
    """Implements live.Source; a frame's time is when it arrived."""

    def __init__(self, address: str, clock: Clock) -> None:
        """Raises HardwareError if the camera does not answer."""
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS]
        self._capture = open_capture(address, limits)
        self._clock = clock
        if not self._capture.isOpened():
            raise HardwareError(
                f"[camera] path = {without_password(address)!r} does not answer; check address and password"
            )

    def read(self) -> Frame | None:
        taken, image = self._capture.read()
        if not taken:
            return None
        return make_frame(np.asarray(image, np.uint8), self._clock.now(), wall=self._clock.wall())

    def close(self) -> None:
        self._capture.release()


def is_address(path: str) -> bool:
    """Whether a path is a network address rather than a file or folder."""
    return urlsplit(path).scheme in ("rtsp", "rtsps", "http", "https")


def without_password(address: str) -> str:
    """An address fit for a log or an error message."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
