"""The Raspberry Pi's camera through picamera2: pictures and a small luma plane from one request."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from device.errors import HardwareError
from device.interfaces import Camera, Clock
from device.messages import Frame, Luma
from device.see.live import LiveCamera
from device.see.luma import make_frame

LUMA_WIDTH_PX = 320
"""Width of the small stream: twice the luma plane's, which every Pi's ISP can make from any main stream."""

BUFFERS = 4
"""Requests under way: enough for an even rate, few enough for a Pi with 512 MB."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of [camera] with kind = "picamera"."""

    number: Annotated[int, Field(ge=0)] = 0
    """Which camera, as `rpicam-hello --list-cameras` counts them."""
    width: Annotated[int, Field(ge=64, le=8192, multiple_of=2)] = 1280
    height: Annotated[int, Field(ge=64, le=8192, multiple_of=2)] = 720
    rate: Annotated[float, Field(gt=0, le=240)] = 10.0
    """Frames a second."""
    upside_down: bool = False
    """The camera is mounted upside down."""
    stall: Annotated[float, Field(gt=0)] = 5.0
    """Seconds without a frame after which the camera is closed and opened again."""


def build(settings: Settings, clock: Clock) -> Camera:
    """The camera for `settings`, already delivering.

    Raises:
        HardwareError: picamera2 is not installed, or there is no such camera, or it is in use.
    """
    open_camera = _picamera2()
    return LiveCamera(
        f"picamera {settings.number}",
        lambda: PicameraSource(settings, clock, open_camera),
        first=PicameraSource(settings, clock, open_camera),
    )


def _picamera2() -> Callable[[int], Any]:
    """What opens a camera with the system's package: pip cannot install what it needs of libcamera."""
    try:
        picamera2 = import_module("picamera2").Picamera2
    except ImportError as error:
        raise HardwareError(
            f"[camera] kind = 'picamera' needs the package {error.name}; `sudo apt install python3-picamera2`"
            " and make the virtual environment with --system-site-packages"
        ) from None
    except ValueError as error:  # what an extension built for numpy 1 raises under numpy 2
        raise HardwareError(
            f"[camera] kind = 'picamera': the system's picamera2 does not fit this numpy ({error}); "
            "`pip install 'numpy<2'` in the virtual environment"
        ) from None

    def open_camera(number: int) -> Any:
        # Asked first, since each Picamera2 of a camera that is not there leaves a file open for good.
        connected = len(picamera2.global_camera_info())
        if number >= connected:
            raise IndexError(f"cameras connected: {connected}")
        return picamera2(number)

    return open_camera


class PicameraSource:
    """Implements live.Source over one open Picamera2."""

    def __init__(self, settings: Settings, clock: Clock, open_camera: Callable[[int], Any]) -> None:
        self._settings = settings
        self._clock = clock
        # A Picamera2 refers to itself: closed or failed, it keeps files open until it is collected, which
        # Python seldom does. A night of tries would use up all file descriptors.
        gc.collect()
        try:
            self._camera = open_camera(settings.number)
        except (RuntimeError, IndexError) as error:
            raise _unusable(settings, error) from None
        try:
            self._camera.configure(self._configuration())
            self._camera.start()
        except RuntimeError as error:
            self._camera.close()
            raise _unusable(settings, error) from None

    def read(self) -> Frame | None:
        """The next request's two streams, copied once out of the camera's uncached memory.

        A stalled sensor leaves the job waiting for ever, so it is cancelled before the camera is closed.
        """
        job = self._camera.capture_request(wait=False)
        try:
            request = self._camera.wait(job, timeout=self._settings.stall)
        except TimeoutError:
            self._camera.cancel_all_and_flush()
            return None
        try:
            image = request.make_array("main")
            luma = request.make_array("lores")
            stamp_ns = request.get_metadata().get("SensorTimestamp")
        finally:
            request.release()
        exposed = self._clock.now() if stamp_ns is None else stamp_ns / 1e9
        return make_frame(image, exposed, wall=self._clock.wall(), luma=self._crop(luma))

    def close(self) -> None:
        self._camera.close()

    def _configuration(self) -> Any:
        """Both streams show the same field of view; no raw stream, which would take 10 MB a buffer.

        picamera2 names formats by the order of bits in a word: "RGB888" is blue, green, red in memory.
        """
        settings = self._settings
        duration_us = round(1_000_000 / settings.rate)
        luma_width = min(LUMA_WIDTH_PX, settings.width)
        luma_height = round(luma_width * settings.height / settings.width / 2) * 2
        extra = {"transform": _half_turn()} if settings.upside_down else {}
        return self._camera.create_video_configuration(
            main={"size": (settings.width, settings.height), "format": "RGB888"},
            lores={"size": (luma_width, luma_height), "format": "YUV420"},
            raw=None,
            buffer_count=BUFFERS,
            controls={"FrameDurationLimits": (duration_us, duration_us)},
            **extra,
        )

    def _crop(self, planes: Luma) -> Luma:
        """The luma plane of a YUV420 array, (height x 3/2, stride) uint8, without colour and padding."""
        width_px, height_px = self._camera.camera_configuration()["lores"]["size"]
        return np.ascontiguousarray(planes[:height_px, :width_px])


def _half_turn() -> Any:
    return import_module("libcamera").Transform(hflip=1, vflip=1)


def _unusable(settings: Settings, error: Exception) -> HardwareError:
    """picamera2 wraps libcamera's own words in "Camera __init__ sequence did not complete."."""
    reason = error.__cause__ or error
    return HardwareError(
        f"[camera] number = {settings.number} cannot be used ({reason}); check its cable, end other programs "
        "that use it, and see `rpicam-hello --list-cameras`"
    )
