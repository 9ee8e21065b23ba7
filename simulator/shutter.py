"""The camera of a scene: when its next frame comes, and what the scene's faults make of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from device.act.local import PERIOD_S
from device.messages import Frame, Pixels
from device.see.luma import make_frame
from simulator.faults import in_force
from simulator.recording import RecordingClock
from simulator.scene import Scene


class Shutter:
    """Takes frames at a steady rate; all seconds are those of the scene."""

    def __init__(
        self, scene: Scene, rate: float, picture: Callable[[], Pixels], clock: RecordingClock
    ) -> None:
        self._scene, self._rate = scene, rate
        self.faults = list(scene.faults)
        """What is wrong with the camera, and when."""
        self._picture = picture
        """Shows the world as it stands."""
        self._clock = clock
        self.number = 0
        """How many frames have come, taken or not: the number of the one that comes next."""
        self._missed = 0
        """How many of them went by just now that nobody took."""
        self._last = 0.0
        self._still: Frame | None = None

    def due(self, now: float) -> float:
        """When the next frame comes; those are left out that came too late, or that a fault swallowed."""
        before = self.number
        self.skip_what_is_over(now)
        self._missed = self.number - before
        for fault in in_force(self.faults, self.number / self._rate):
            if fault.what == "slow" and self.number:
                self.number = max(self.number, round((self._last + fault.every) * self._rate))
            elif fault.what == "gone":
                self.number = math.ceil(min(fault.ends, self._scene.seconds) * self._rate)
        return self.number / self._rate

    def skip_what_is_over(self, now: float) -> None:
        """Go on with the frame that is due now or next."""
        self.number = max(self.number, math.ceil((now - PERIOD_S / 2) * self._rate))

    def take(self, due: float) -> Frame:
        """The frame that was due, at the time of the device's clock."""
        number, self.number, self._last = self.number, self.number + 1, due
        faults = [fault.what for fault in in_force(self.faults, due)]
        time, wall = self._clock.now(), self._clock.wall()
        if self._still is None or "frozen" not in faults:
            level = 0 if "black" in faults else 255 if "saturated" in faults else None
            image = self._picture()
            image = image if level is None else np.full_like(image, level)
            self._still = make_frame(image, time, number, wall)
        return replace(self._still, time=time, number=number, wall=wall, dropped=self._missed)
