"""Follows the flap: for whom it opens, and what whoever goes through it uses up."""

from __future__ import annotations

from device.decide.book import VisitBook
from device.decide.permission import Permission
from device.messages import BoltState, ChipRead, Door, Observation

BOLTS_WAY = 1.0
"""Seconds for which a push may still succeed after a permission ended: the bolt takes its time."""


class Passage:
    """How the flap stands, who may be in it, and when somebody went through last."""

    def __init__(self, door: Door, passed_at: float | None) -> None:
        self.door = door
        """How it stood when it was sensed last."""
        self.passed_at = passed_at
        """When it closed last, or the clock was set back; a chip that was read before proves nothing."""
        self._passing = ""
        """The visit for which it was opened last."""
        self._held: tuple[str | None, float] = (None, 0.0)
        """Who held the bolt open last, and when."""

    def restart(self, time: float) -> None:
        """The clock was set back to `time`."""
        self.passed_at = time

    def hold(self, permission: Permission, time: float) -> None:
        """Remember who holds the bolt open, if anybody does."""
        if permission.lease is not None:
            self._held = permission.holder, time

    def follow(self, observation: Observation, book: VisitBook, permission: Permission, alarm: bool) -> bool:
        """Take one observation; whether the flap closed, so that permission, proof and chip are used up.

        With an `alarm`, anybody may go through it.
        """
        door = observation.inputs.door
        if door is Door.UNKNOWN:
            return False
        moved, self.door = (self.door, door), door
        closed = moved == (Door.OPEN, Door.CLOSED)
        last = book.latest()
        visit = book.open.get(permission.holder or "") or last
        if door is Door.OPEN and moved[0] is not Door.OPEN:
            self._passing = visit.id if visit else ""
        left_open = not observation.settings.enforce and observation.inputs.bolt is BoltState.UNLOCKED
        # The flap stands open for whoever opened it, and for one that was there meanwhile and may follow.
        there = {self._passing, *(each.id for each in (visit, last) if each)}
        for number in sorted(there & book.open.keys()):
            permitted = left_open or alarm or self._may_pass(number, permission, observation.time)
            book.open[number].door(observation.time, door, closed, permitted)
        if closed:
            self.passed_at = observation.time
        return closed

    def unused(self, chip: ChipRead | None) -> ChipRead | None:
        """A chip that was read, unless its wearer went through since."""
        used = chip is not None and self.passed_at is not None and chip.time <= self.passed_at
        return None if used else chip

    def _may_pass(self, visit: str, permission: Permission, time: float) -> bool:
        """Whether the flap may stand open for the animal of that visit, or stood so until just now."""
        held, when = self._held
        just_now = visit == held and 0 <= time - when <= BOLTS_WAY
        return permission.concerns(visit) or just_now
