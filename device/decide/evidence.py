"""How much the frames of one attempt prove: a leaky meter that does not depend on the frame rate.

Each usable frame brings one natural-log likelihood ratio l. The meter follows

    S <- S * exp(-dt/tau) + (tau/0.2 s) * (1 - exp(-min(dt, 0.4 s)/tau)) * clip(l, -c, c)

which is the exact solution of a leaky integrator fed the ratio l for the time since the last
processed frame, so 3 and 15 frames a second give the same curve. Its ceiling is tau*c/0.2 s.
A frame that shows nothing usable only lets the meter leak: time alone proves nothing.

Proof needs the meter above its threshold on at least three usable frames in a row that span at
least 0.4 s; one frame, however sure, is never enough. A proof is remembered for a while, because a
head that enters the tunnel is no longer seen, but any frame that argues against it withdraws it once
the meter has sunk to half its threshold: from the ceiling that takes about 0.6 s of contrary frames at
any frame rate. A single frame withdraws no strong proof, or a good cat would lose it by chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from device.errors import ConfigError
from device.messages import MeterReading

REFERENCE_INTERVAL = 0.2
"""Seconds between frames at which one frame's ratio enters the meter nearly one to one."""

LONGEST_INTERVAL = 0.4
"""A frame vouches for at most this many seconds, however long the camera was away."""

WITHDRAWN = 0.5
"""Ratio of the threshold at or below which a contrary frame withdraws a proof."""

ROUNDING = 1e-6
"""Seconds by which times that were added up may differ."""

Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, slots=True)
class MeterSettings:
    """One meter of the project file, `[evidence.who]` or `[evidence.prey]`."""

    prove: Positive = 4.0
    """Threshold A: proof above it."""
    refute: Positive = 4.0
    """Threshold B: the opposite is proven below -B."""
    leak: Positive = 1.0
    """Time constant tau in seconds."""
    clip: Positive = 2.5
    """The most that one frame's log ratio may count."""
    frames: Annotated[int, Field(ge=1)] = 3
    span: Annotated[float, Field(ge=0)] = 0.4
    remember: Annotated[float, Field(ge=0)] = 10.0
    """Seconds for which a proof holds after the meter last stood above the threshold."""

    def __post_init__(self) -> None:
        ceiling = self.leak * self.clip / REFERENCE_INTERVAL
        for key, threshold in (("prove", self.prove), ("refute", self.refute)):
            if threshold >= ceiling:
                raise ConfigError(
                    f"[evidence] {key} = {threshold:g} can never be reached: the meter's ceiling is "
                    f"leak * clip / 0.2 = {ceiling:g}; lower {key} or raise leak or clip"
                )


class Meter:
    """The evidence for one statement about one animal in one attempt."""

    def __init__(self, name: str, settings: MeterSettings) -> None:
        self.name = name
        self.settings = settings
        self.value = 0.0
        self.usable_frames = 0
        self._time: float | None = None
        self._above: list[float] = []
        """Times of the usable frames since the meter rose above its threshold."""
        self._required: float | None = None
        self._proven_at: float | None = None
        self._refuted_at: float | None = None

    def update(self, time: float, ratio: float | None) -> None:
        """Take the frame at `time`; `ratio` is its natural-log likelihood ratio, None if unusable."""
        passed = REFERENCE_INTERVAL if self._time is None else max(time - self._time, 0.0)
        self._time = latest = time if self._time is None else max(time, self._time)
        if passed > LONGEST_INTERVAL:
            self._sink(passed - LONGEST_INTERVAL)
        self._rise(latest, min(passed, LONGEST_INTERVAL), ratio)

    def _sink(self, seconds: float) -> None:
        """Leak for a time that no frame vouches for; frames before and after it are not in a row."""
        self.value *= math.exp(-seconds / self.settings.leak)
        if self.value <= self.needed:
            self._above.clear()

    def _rise(self, time: float, seconds: float, ratio: float | None) -> None:
        """Take a frame that vouches for the last `seconds`; one that took no time proves nothing new."""
        leak, clip = self.settings.leak, self.settings.clip
        kept = math.exp(-seconds / leak)
        self.value *= kept
        if ratio is not None and math.isfinite(ratio) and seconds > 0:
            clipped = min(max(ratio, -clip), clip)
            self.value += leak / REFERENCE_INTERVAL * (1 - kept) * clipped
            self.usable_frames += 1
            self._weigh(time, clipped)
        elif self.value <= self.needed:
            self._above.clear()

    def _weigh(self, time: float, clipped: float) -> None:
        settings = self.settings
        if self.value > self.needed:
            self._above.append(time)
            long_enough = time - self._above[0] >= settings.span - ROUNDING
            if len(self._above) >= settings.frames and long_enough:
                self._proven_at, self._refuted_at = time, None
        else:
            self._above.clear()
        if clipped < 0 and self.value <= WITHDRAWN * self.needed:
            self._proven_at = None
        if self.value > 0:
            self._refuted_at = None
        if self.value < -settings.refute:
            self._refuted_at = time

    def require(self, threshold: float) -> None:
        """Ask for a head's own `threshold` instead of the project's.

        In one attempt it only rises: evidence from two kinds of light must satisfy the stricter one. One that
        the meter can never reach keeps it from proving anything.
        """
        if self._required is None or threshold > self._required:
            self._required = threshold
            self._above.clear()

    @property
    def needed(self) -> float:
        """The threshold A in force."""
        return self.settings.prove if self._required is None else self._required

    def proven(self, now: float) -> bool | None:
        """True if the statement is proven at `now`, False if refuted, None while undecided."""
        if self._fresh(self._refuted_at, now):
            return False
        return True if self._fresh(self._proven_at, now) else None

    def _fresh(self, since: float | None, now: float) -> bool:
        return since is not None and now - since <= self.settings.remember + ROUNDING

    def reading(self, now: float) -> MeterReading:
        """The meter as it stands, for people."""
        settings = self.settings
        return MeterReading(
            name=self.name,
            value=round(self.value, 4),
            needed=self.needed,
            refuted=-settings.refute,
            usable_frames=self.usable_frames,
            proven=self.proven(now),
        )
