"""What the teller passes on, and the Protocol of those that it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from device.messages import Decision, MeterReading, Observation, Pixels
from device.tell.journal import State


@dataclass(frozen=True, slots=True)
class Told:
    """One pass of the loop on its way to whoever is told."""

    observation: Observation
    decision: Decision
    image: Pixels | None = None
    """The frame, a copy of one's own, if it may become a picture of a visit."""
    state: State | None = None
    """The policy's state after this pass, if it was asked for and can be said."""
    meters: Mapping[int, Sequence[MeterReading]] = field(default_factory=dict)
    """How the meters stand after this pass, by the track that they speak of."""
    missed: int = 0
    """How many passes just before this one were lost because there was no room."""


class Sink(Protocol):
    """Someone who is told everything, in order, by one thread."""

    def tell(self, passes: Sequence[Told]) -> None:
        """Take passes; there may be none, which is the time for what was put off.

        Raises:
            StoreError: something could not be kept; the next call is made all the same.
        """
        ...

    def close(self) -> None: ...
