"""Playing a recording: its frames set the time, so the same file gives the same decisions."""

from __future__ import annotations

from device.act.local import PERIOD_S, LocalGuard
from device.interfaces import Camera
from device.messages import Frame


class RecordingClock:
    """Implements interfaces.Clock: it is always as late as the last frame that was played."""

    def __init__(self, starts: float | None = None) -> None:
        self.time = 0.0
        self.starts = starts
        """UTC seconds at its second 0, None if that is not known."""
        self.unset = False
        """Nobody has told it the date."""

    def now(self) -> float:
        return self.time

    def wall(self) -> float | None:
        return None if self.starts is None or self.unset else self.starts + self.time


class PlayedCamera:
    """Implements interfaces.Camera over a recorded one and lets the guard's time pass between frames."""

    def __init__(self, camera: Camera, clock: RecordingClock, guard: LocalGuard) -> None:
        self._camera = camera
        self._clock = clock
        self._guard = guard

    def next(self, timeout: float) -> Frame | None:
        """The next frame of the recording, after the guard has lived through the time before it."""
        frame = self._camera.next(timeout)
        if frame is not None:
            self.pass_time(frame.time)
        return frame

    def pass_time(self, until: float) -> None:
        """Step the guard every 20 ms up to `until`, in the recording's seconds."""
        while self._clock.time + PERIOD_S < until:
            self._clock.time += PERIOD_S
            self._guard.step(self._clock.time)
        self._clock.time = until
        self._guard.step(until)

    def close(self) -> None:
        self._camera.close()
