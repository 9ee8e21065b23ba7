"""The permission in force: one lease at a time, renewed by what is seen, ended by what contradicts it."""

from __future__ import annotations

from device.decide.rules import Ruling
from device.messages import Lease

OWNER = "owner"
"""Holder of a lease that the owner gave, by a switch or the mode."""

CHIP = "chip"
"""Holder of a lease for whoever wears a chip that the owner lets in while the camera is blind."""

EXIT = "exit"
"""Holder of a lease for whoever a sensor saw on the way out."""


class Permission:
    """Who holds the bolt open, why, and until when."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.lease: Lease | None = None
        self.holder: str | None = None
        self.ruling: Ruling | None = None

    def grant(self, time: float, holder: str, ruling: Ruling) -> None:
        """Begin or renew the lease of `holder`: the id of a visit, `OWNER`, `CHIP` or `EXIT`."""
        self.lease, self.holder, self.ruling = Lease(time, self._seconds, ruling.reason), holder, ruling

    def concerns(self, visit: str) -> bool:
        """Whether the animal of a visit may pass: what opened for another one opened for that one alone."""
        return self.lease is not None and self.holder in (visit, OWNER, CHIP, EXIT)

    def end(self) -> None:
        """Take the lease back at once."""
        self.lease = self.holder = self.ruling = None

    def expire(self, time: float) -> None:
        """Let a lease that nobody renewed run out; a clock that jumped back ends it too."""
        if self.lease is not None and abs(time - self.lease.time) > self.lease.seconds:
            self.end()
