"""The system's clocks: CLOCK_BOOTTIME for everything, the wall only once it can be believed."""

from __future__ import annotations

import time
from pathlib import Path

EARLIEST = 1_735_689_600
"""UTC seconds of 2025-01-01: a clock before that has not been set since the power came."""

TIMESYNC = Path("/run/systemd/timesync")
"""Exists where systemd-timesyncd runs; it puts `synchronized` there once the time is right."""


class SystemClock:
    """Implements interfaces.Clock on Linux; elsewhere the monotonic clock stands in."""

    def __init__(self, timesync: Path = TIMESYNC) -> None:
        self._timesync = timesync
        self._id = getattr(time, "CLOCK_BOOTTIME", None)

    def now(self) -> float:
        return time.monotonic() if self._id is None else time.clock_gettime(self._id)

    def wall(self) -> float | None:
        """A Pi has no clock battery: without a word from the time service its date is only a guess."""
        now = time.time()
        unsure = self._timesync.is_dir() and not (self._timesync / "synchronized").exists()
        return None if now < EARLIEST or unsure else now
