"""The flap as a thing that swings: bodies push it open, it falls shut by itself, its contact lags."""

from __future__ import annotations

from dataclasses import dataclass

OPENING_S, CLOSING_S = 0.15, 0.4
"""How long a body takes to push it wide open, and how long it takes to fall shut from there."""

MAGNET_LEAVES, MAGNET_RETURNS = 0.3, 0.15
"""How far it stands open when the reed contact lets go, and when it is made again: a contact's hysteresis."""


@dataclass(slots=True)
class Flap:
    """How far it stands open, 0 to 1, and what its contact says of that."""

    position: float = 0.0
    contact_open: bool = False
    propped: bool = False
    """Something that is no body holds it open."""

    @property
    def ajar(self) -> bool:
        """Whether a bolt that is driven now would hit it, or whoever holds it open."""
        return self.position > MAGNET_RETURNS

    def advance(self, dt: float, body: bool) -> None:
        """Let `dt` seconds pass with or without a body in it."""
        moved = dt / OPENING_S if body or self.propped else -dt / CLOSING_S
        self.position = min(max(self.position + moved, 0.0), 1.0)
        threshold = MAGNET_RETURNS if self.contact_open else MAGNET_LEAVES
        self.contact_open = self.position > threshold
