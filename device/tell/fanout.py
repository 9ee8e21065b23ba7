"""Hands every pass of the loop to several publishers, such as the teller, the live view and the clips."""

from __future__ import annotations

from collections.abc import Sequence

from device.interfaces import Publisher
from device.messages import Decision, Frame, Observation


class Fanout:
    """Implements interfaces.Publisher over others, told in their order; none of them may wait."""

    def __init__(self, publishers: Sequence[Publisher]) -> None:
        self._publishers = tuple(publishers)

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:
        for publisher in self._publishers:
            publisher.publish(frame, observation, decision)
