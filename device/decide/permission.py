"""The permission in force: one lease at a time, renewed by what is seen, ended by what contradicts it."""

from __future__ import annotations

from device.messages import Lease

DOOR = ""
"""Holder of a lease that belongs to no animal: a switch, or the mode."""


class Permission:
    """Who holds the bolt open, and until when."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.lease: Lease | None = None
        self.holder: str | None = None

    def grant(self, time: float, holder: str, reason: str) -> None:
        """Begin or renew the lease of `holder` (the id of a visit, or `DOOR`)."""
        self.lease, self.holder = Lease(time, self._seconds, reason), holder

    def end(self) -> None:
        """Take the lease back at once."""
        self.lease, self.holder = None, None

    def expire(self, time: float) -> None:
        """Let a lease that nobody renewed run out."""
        if self.lease is not None and time > self.lease.time + self.lease.seconds:
            self.end()
