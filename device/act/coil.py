"""How long a bolt's coil may be powered: at a stretch, as a share of the time, and after it was cut off."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field


@dataclass(frozen=True, slots=True)
class CoilLimits:
    """What a coil stands without burning; its data sheet calls `duty` the relative duty cycle, % ED."""

    limit_s: Annotated[float, Field(gt=0, allow_inf_nan=True)] = 10.0
    """Longest time powered at a stretch; inf for a coil made for continuous duty."""
    duty: Annotated[float, Field(gt=0, le=1)] = 0.25
    """Largest share of `window_s` that the coil may be powered; 1 for continuous duty."""
    window_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
    cooldown_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 5.0
    """How long the coil stays off after it was cut off by a limit."""

    @property
    def budget_s(self) -> float:
        """Longest time powered within any `window_s`."""
        return self.duty * self.window_s


class Coil:
    """The heat account of one coil. Times are seconds that never run backwards."""

    __slots__ = ("_cool_at", "_limits", "_on_since", "_runs")

    def __init__(self, limits: CoilLimits) -> None:
        self._limits = limits
        self._on_since: float | None = None
        self._runs: deque[tuple[float, float]] = deque()
        self._cool_at = float("-inf")

    @property
    def powered(self) -> bool:
        return self._on_since is not None

    def refuses(self, time: float, seconds: float) -> str | None:
        """Why the coil may not be powered for `seconds` from `time` on, or None if it may."""
        if time <= self._cool_at:
            return f"the coil reached its limit and cools for {self._limits.cooldown_s:g} s"
        if self._limits.duty < 1 and self._spent(time) + seconds > self._limits.budget_s:
            return (
                f"the coil may be powered for {self._limits.budget_s:g} s "
                f"in {self._limits.window_s:g} s and has used them up"
            )
        return None

    def exhausted(self, time: float) -> bool:
        """Whether the coil is powered and must be cut off now."""
        if self._on_since is None:
            return False
        too_long = time - self._on_since >= self._limits.limit_s
        too_often = self._limits.duty < 1 and self._spent(time) >= self._limits.budget_s
        return too_long or too_often

    def power(self, time: float) -> None:
        if self._on_since is None:
            self._on_since = time

    def release(self, time: float) -> None:
        if self._on_since is not None:
            self._runs.append((self._on_since, time))
            self._on_since = None

    def cut(self, time: float) -> None:
        """Release the coil by force: it must cool before it is powered again."""
        self.release(time)
        self._cool_at = time + self._limits.cooldown_s

    def _spent(self, time: float) -> float:
        """Seconds powered within the window that ends at `time`."""
        opens = time - self._limits.window_s
        while self._runs and self._runs[0][1] <= opens:
            self._runs.popleft()
        spent = sum(end - max(start, opens) for start, end in self._runs)
        if self._on_since is not None:
            spent += time - max(self._on_since, opens)
        return spent
