"""What kind of animal a track is: the log-probabilities of its frames, added up and slowly forgotten."""

from __future__ import annotations

import math
from collections.abc import Mapping

FLOOR = 0.02
"""No single frame may claim more certainty than this against a class."""

LEAK = 8.0
"""Seconds after which a frame's say has fallen to a third."""

FRAMES = 3
"""From this frame on the sum is believed."""

LEAD = 1.0
"""Natural-log lead that the likeliest species needs over the next to be a fact."""

NOTHING = "nothing"
"""The head's class for crops that show neither an animal nor a person."""


class SpeciesVote:
    """The vote of a track's frames on its species."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._time: float | None = None
        self._frames = 0

    def update(self, time: float, scores: Mapping[str, float]) -> None:
        """Add the class probabilities of one frame at `time`; one with a score that is no number is void."""
        if not scores or not all(math.isfinite(score) for score in scores.values()):
            return
        passed = 0.0 if self._time is None else max(time - self._time, 0.0)
        kept = math.exp(-passed / LEAK)
        self._time, self._frames = time, self._frames + 1
        for label, score in scores.items():
            self._sums[label] = self._sums.get(label, 0.0) * kept + math.log(max(score, FLOOR))

    def species(self, fallback: str) -> str:
        """The likeliest species so far, `fallback` before any frame was judged."""
        return max(self._sums, key=lambda label: self._sums[label]) if self._sums else fallback

    @property
    def certain(self) -> bool:
        """Whether enough frames voted clearly enough for the species to be a fact."""
        best, *others = sorted(self._sums.values(), reverse=True) or [0.0]
        return self._frames >= FRAMES and (not others or best - others[0] >= LEAD)
