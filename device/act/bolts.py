"""The kinds of bolt there are, described by what their coils do and what a spring does for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from device.act.coil import CoilLimits
from device.errors import ConfigError


class Position(StrEnum):
    """Where a bolt can be."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"

    @property
    def other(self) -> Position:
        return Position.UNLOCKED if self is Position.LOCKED else Position.LOCKED


class Drive(StrEnum):
    """How a bolt gets to a position, and what keeps it there."""

    PULSE = "pulse"
    """Powered while it travels; then it stays by itself."""
    HOLD = "hold"
    """Powered for as long as it shall stay."""
    SPRING = "spring"
    """Goes and stays there without power."""


@dataclass(frozen=True, slots=True)
class BoltTraits:
    """All the guard knows of a bolt.

    | bolt                                          | unlock | lock   | without power |
    |-----------------------------------------------|--------|--------|---------------|
    | servo, motor, latching solenoid with two coils | PULSE  | PULSE  | stays         |
    | fail-secure solenoid, relay or strike          | HOLD   | SPRING | locks         |
    | fail-safe solenoid, relay or magnet            | SPRING | HOLD   | unlocks       |

    Raises:
        ConfigError: no bolt works like this.
    """

    unlock: Drive
    lock: Drive
    travel_s: float
    """How long the bolt takes from one position to the other; a pulse lasts as long."""
    limits: CoilLimits

    def __post_init__(self) -> None:
        if {self.unlock, self.lock} not in ({Drive.PULSE}, {Drive.HOLD, Drive.SPRING}):
            raise ConfigError(
                f"no bolt unlocks by {self.unlock} and locks by {self.lock}; "
                "use pulse and pulse, or hold and spring"
            )
        limits = self.limits
        if limits.limit_s < self.travel_s:
            raise ConfigError(
                f"limit_s {limits.limit_s:g} is too short for travel_s {self.travel_s:g}; "
                "use a larger limit_s or a smaller travel_s"
            )
        if limits.budget_s < self.travel_s:
            raise ConfigError(
                f"duty {limits.duty:g} of window_s {limits.window_s:g} is too short for "
                f"travel_s {self.travel_s:g}; use a larger duty or window_s"
            )
        if self.lock is Drive.HOLD and (limits.duty < 1 or limits.limit_s != float("inf")):
            raise ConfigError(
                "a bolt that is powered to stay locked needs a coil for continuous duty; "
                "if its data sheet says 100 % ED, set limit_s = inf and duty = 1"
            )

    def drive(self, position: Position) -> Drive:
        return self.unlock if position is Position.UNLOCKED else self.lock

    @property
    def unpowered(self) -> Position | None:
        """Where the bolt goes without power; None if it stays where it is."""
        if self.unlock is Drive.SPRING:
            return Position.UNLOCKED
        return Position.LOCKED if self.lock is Drive.SPRING else None
