"""How the device itself does: frames a second, how long a decision takes, how warm the processor is."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

from device.interfaces import Clock
from device.messages import Decision, Frame, Observation
from device.tell.machine import held_back, temperature_c

WINDOW_S = 60.0
"""Figures are of so many last seconds."""
MOST = 4096
"""So many frames at most are looked back upon."""


@dataclass(frozen=True, slots=True)
class Report:
    """The figures; None where nothing measures them."""

    frames_per_s: float
    latency_p50_s: float | None
    """From a frame's exposure to the lease that came of it; half of the frames take less."""
    latency_p95_s: float | None
    temperature_c: float | None
    throttled: tuple[str, ...] | None
    """Why the processor is held back now; empty if it is not."""


class Statistics:
    """Implements interfaces.Publisher: looks at the clock once a frame; reports to any thread."""

    def __init__(self, clock: Clock, sys: Path = Path("/sys")) -> None:
        self._clock = clock
        self._sys = sys
        self._frames: deque[tuple[float, float]] = deque(maxlen=MOST)
        """When each was decided, and how long after its exposure."""

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:  # noqa: ARG002
        if frame is not None:
            now = self._clock.now()
            self._frames.append((now, now - frame.time))

    def report(self) -> Report:
        """How it stands now."""
        now = self._clock.now()
        frames = [each for each in list(self._frames) if now - each[0] <= WINDOW_S]
        latencies = sorted(latency for _, latency in frames)
        return Report(
            frames_per_s=rate([time for time, _ in frames], now),
            latency_p50_s=quantile(latencies, 0.5),
            latency_p95_s=quantile(latencies, 0.95),
            temperature_c=temperature_c(self._sys),
            throttled=held_back(self._sys),
        )

    @property
    def measures(self) -> tuple[bool, bool]:
        """Whether there is a temperature, and whether it is known when the processor is held back."""
        return temperature_c(self._sys) is not None, held_back(self._sys) is not None


def rate(times: list[float], now: float) -> float:
    """Frames a second over the time since the first of them; 0 if there are fewer than two."""
    return (len(times) - 1) / (now - times[0]) if len(times) > 1 and now > times[0] else 0.0


def quantile(ascending: list[float], share: float) -> float | None:
    """The value below or at which `share` of them lie, by the nearest rank; None of none."""
    return ascending[min(int(share * len(ascending)), len(ascending) - 1)] if ascending else None
