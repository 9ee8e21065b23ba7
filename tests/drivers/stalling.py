"""A camera driver that gives some pictures and then hangs, as libcamera's are known to after half a day."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np

from device.errors import HardwareError
from device.interfaces import Camera, Clock
from device.messages import Frame
from device.see.live import LiveCamera
from device.see.luma import make_frame

FOR_EVER_S = 3600.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of [camera] with kind = "stalling"."""

    pictures: int = 5
    """How many it gives each time it is opened; 0: it is not there at all."""
    hangs_in: Literal["reading", "closing", "opening", "nothing"] = "reading"


def build(settings: Settings, clock: Clock) -> Camera:
    """The camera, or none."""
    if settings.hangs_in == "opening":
        time.sleep(FOR_EVER_S)
    if not settings.pictures:
        raise HardwareError("[camera] the stalling camera is not plugged in; plug it in")
    return LiveCamera("stalling", lambda: Source(settings, clock), hangs_s=0.5)


class Source:
    """Implements live.Source."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._given = 0
        self._random = np.random.default_rng(1)

    def read(self) -> Frame | None:
        if self._given == self._settings.pictures:
            if self._settings.hangs_in == "reading":
                time.sleep(FOR_EVER_S)
            return None
        self._given += 1
        time.sleep(0.1)
        image = self._random.integers(60, 190, (48, 64, 3)).astype(np.uint8)
        return make_frame(image, self._clock.now(), wall=self._clock.wall())

    def close(self) -> None:
        if self._settings.hangs_in == "closing":
            time.sleep(FOR_EVER_S)
