"""The owner's trial of the bolt: it goes the other way for a moment, under the guard's rules, to be heard."""

from __future__ import annotations

from dataclasses import dataclass, field

from device.interfaces import Bolt, Clock
from device.messages import BoltState, Inputs, Lease

SECONDS = 2.5
"""How long the bolt is sent the other way."""
LEASED_S = SECONDS + 1.0
"""The lease by itself lasts a little longer: the loop gives it up in time, and a loop that hangs loses it."""
FOLLOWED_S = 8.0
"""How long what it does is written down: also its way back."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The bolt's state as it was sensed, so long after the trial began."""

    after_s: float
    state: BoltState


@dataclass(frozen=True, slots=True)
class Report:
    """What came of the latest trial."""

    running: bool
    moves: tuple[Moved, ...] = ()
    refusal: str | None = None
    """What the guard said against it, if anything."""


@dataclass(slots=True)
class BoltTrial:
    """Implements interfaces.Bolt around another one; only the loop's thread calls `hold` and `inputs`.

    A trial is a lease that runs out by itself, or, for a bolt that is held open, a moment without one. Coil
    limits, an open flap and the panic button come before it, as before every lease.
    """

    bolt: Bolt
    clock: Clock
    _began: float = float("-inf")
    _moves: list[Moved] = field(default_factory=list)
    _refusal: str | None = None

    def begin(self) -> None:
        """Try the bolt now; for any thread."""
        self._moves, self._refusal, self._began = [], None, self.clock.now()

    def report(self) -> Report:
        """What came of the latest trial so far; for any thread."""
        running = self.clock.now() - self._began < FOLLOWED_S
        return Report(running, tuple(self._moves), self._refusal)

    def hold(self, lease: Lease | None) -> None:
        began = self._began
        if self.clock.now() - began < SECONDS:
            lease = Lease(began, LEASED_S, "the owner tries the bolt") if lease is None else None
        self.bolt.hold(lease)

    def inputs(self) -> Inputs:
        found = self.bolt.inputs()
        after, moves = self.clock.now() - self._began, self._moves
        if after < FOLLOWED_S:
            if not moves or moves[-1].state is not found.bolt:
                moves.append(Moved(round(after, 2), found.bolt))
            self._refusal = self._refusal or found.refusal
        return found
