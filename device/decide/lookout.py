"""Whether it is known that nobody stands outside, before a sensor may open for those on their way out.

An exit that is open lets in, too. A camera that is blind or does not look knows of nobody, an animal may be
missed in one frame, and one that has just been lost from sight is still there: so the outside must have been
looked at and found empty several times in a row.
"""

from __future__ import annotations

from dataclasses import dataclass

from device.messages import Observation

LOOKS = 4
SPAN_S = 0.8
"""The looks in a row must span as long; times that were added up may differ by a rounding."""
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class LookoutState:
    """How many looks in a row found nobody, up to those that are needed, and when the first was."""

    looks: int = 0
    since: float = 0.0


class Lookout:
    """The looks in a row that found nobody."""

    def __init__(self, state: LookoutState) -> None:
        self.state = state
        self._doubt: str | None = "nobody has looked yet"

    @property
    def doubt(self) -> str | None:
        """Why somebody may stand outside, None if nobody does."""
        return self._doubt

    def follow(self, observation: Observation, somebody: bool) -> None:
        """Take one observation; `somebody`: an animal is in sight, or was a moment ago."""
        self._doubt = self._obstacle(observation, somebody)
        if self._doubt is not None:
            self.state = LookoutState()
            return
        time, (looks, since) = observation.time, (self.state.looks, self.state.since)
        self.state = LookoutState(min(looks + 1, LOOKS), min(since, time) if looks else time)
        if self.state.looks < LOOKS or time - self.state.since < SPAN_S - ROUNDING:
            self._doubt = "it is still being looked whether somebody stands outside"

    def _obstacle(self, observation: Observation, somebody: bool) -> str | None:
        if observation.blind is not None:
            return f"the camera is blind ({observation.blind}): somebody may stand outside"
        if not observation.looked:
            return "nobody looked who stands outside"
        return "an animal not let in stands outside" if somebody else None
