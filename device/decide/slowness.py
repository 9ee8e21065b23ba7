"""Tells when seeing is too slow: what takes seconds a picture proves nothing of a cat that walks.

A look takes as long as it is until the next picture is taken, if the camera gave pictures meanwhile that
nobody took; who takes every picture of a camera that gives few is quick enough for it. A picture that was
old already when it was taken is as slow. Passes without a look are quick whatever is wrong, and tell nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from device.decide.notices import Notices
from device.messages import Observation

LASTING_S = 10.0
"""Seconds of slow looks in a row after which it is told; one slow look is no news."""


@dataclass(frozen=True, slots=True)
class SlownessState:
    """How long seeing has been slow; its time is that of the observations."""

    looked_at: float | None = None
    """Time of the pass before, if the detector ran in it."""
    seconds: float = 0.0
    """What the slow looks in a row took together."""
    told: bool = False


class Slowness:
    """Follows how long each look takes."""

    def __init__(self, limit: float, state: SlownessState) -> None:
        """A look that takes more than `limit` seconds is slow; 0: none ever is."""
        self._limit = limit
        self.state = state

    def shift(self, seconds: float) -> None:
        """Move its time: the clock it was taken from was set, or is another one."""
        if self.state.looked_at is not None:
            self.state = replace(self.state, looked_at=self.state.looked_at + seconds)

    def follow(self, observation: Observation, notices: Notices) -> None:
        """Take one observation; tell when looks have been slow for long, and when they are quick again."""
        took = self._took(observation)
        looked_at = observation.time if observation.looked else None
        if took is None or not self._limit:
            self.state = replace(self.state, looked_at=looked_at)
            return
        seconds = self.state.seconds + took if took > self._limit else 0.0
        told = seconds >= LASTING_S or (self.state.told and seconds > 0)
        if told and not self.state.told:
            text = (
                f"seeing is too slow: a picture takes {took:.1f} s, nobody is let in by sight so late; look"
                " whether the device is too hot, its power supply too weak, or something else keeps it busy"
            )
            notices.tell(observation, "slow", text, "warning")
        elif self.state.told and not told:
            notices.tell(observation, "slow-ended", f"seeing is quick again: a picture takes {took:.1f} s")
        self.state = replace(self.state, looked_at=looked_at, seconds=seconds, told=told)

    def _took(self, observation: Observation) -> float | None:
        """Seconds from the picture before, which was looked at, to where this one is taken; None: unknown."""
        before = self.state.looked_at
        if before is None or observation.frame is None or observation.time <= before:
            return None
        gap = observation.time - before
        return max(gap if observation.dropped else 0.0, observation.inputs.time - observation.time)
