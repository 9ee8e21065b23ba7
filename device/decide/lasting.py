"""A state that is worth telling only once it has lasted: an open flap, a blind camera."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Lasting:
    """Since when a state holds on, and whether that was told."""

    since: float | None = None
    told: bool = False

    def follow(self, on: bool, now: float, limit: float) -> Lasting:
        """How it stands at `now`; worth telling once it has lasted `limit` seconds, never if that is 0."""
        if not on:
            return Lasting()
        since = now if self.since is None else self.since
        return Lasting(since, self.told or 0 < limit <= now - since)

    def shift(self, seconds: float) -> Lasting:
        """Move its time: the clock it was taken from was set, or is another one."""
        return self if self.since is None else replace(self, since=self.since + seconds)
