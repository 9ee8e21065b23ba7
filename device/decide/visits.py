"""From tracks to visits: when one begins and ends, and whether it was a PEEK, TRANSIT, DENY or BREACH.

A visit outlives its track by a few seconds, and a new track that appears meanwhile while no other
animal is in sight continues it. It inherits the visit, never the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from device.decide.subject import STRANGER, Knowledge, Subject
from device.messages import Door, Heading, Outcome, Visit, VisitKind, VisitPhase


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """`[visit]`: when a visit begins and ends."""

    gap: Annotated[float, Field(gt=0)] = 5.0
    """Seconds without a sighting after which a visit is over."""
    frames: Annotated[int, Field(ge=1)] = 3
    """Fewer detections are not worth a record, unless the door moved."""


class OpenVisit:
    """One visit while it lasts."""

    def __init__(self, number: str, time: float, wall: float | None, subject: Subject) -> None:
        self.subject = subject
        self.shown: Visit | None = None
        """The document as last told."""
        self.id = number
        self._started, self._wall = time, wall
        self.last_seen = time
        self._tracks: tuple[int, ...] = ()
        self._frames = 0
        self._door_opened = False
        self._through = False
        self._unlocked_at: float | None = None
        self.outcome, self.rule, self.reason = Outcome.UNDECIDED, "", ""
        self._who: str | None = None
        self._species = ""
        self._heading = Heading.UNCLEAR

    def see(self, time: float) -> None:
        """The subject's track was updated at `time`."""
        track = self.subject.track
        if track.id not in self._tracks:
            self._tracks = (*self._tracks, track.id)
        if track.seen:
            self.last_seen = time
            self._frames += 1
            if track.heading is not Heading.UNCLEAR:
                self._heading = track.heading

    def judge(self, time: float, knowledge: Knowledge, outcome: Outcome, rule: str, reason: str) -> None:
        """The rules' answer at `time`. A refusal that was proven outlives the doubt that follows it."""
        self._species = knowledge.species
        named = next((name for name, known in knowledge.names.items() if known), None)
        self._who = named or (STRANGER if knowledge.own is False else self._who)
        if outcome is not Outcome.UNDECIDED or self.outcome is Outcome.UNDECIDED:
            self.outcome, self.rule, self.reason = outcome, rule, reason
        if outcome is Outcome.UNLOCK and self._unlocked_at is None:
            self._unlocked_at = time

    def door(self, before: Door, now: Door) -> bool:
        """Follow the flap; true when it closes behind an animal that came through."""
        if now is Door.OPEN:
            self._door_opened = True
        if before is Door.OPEN and now is Door.CLOSED and self._door_opened:
            self._through = True
            return True
        return False

    def continue_with(self, subject: Subject) -> None:
        """Follow a new track: it inherits the visit, never the evidence."""
        subject.attempts = self.subject.attempts + 1
        self.subject = subject

    def worth_telling(self, frames: int) -> bool:
        """Whether enough was seen for a record: `frames` detections, or the door moved for it."""
        return self._frames >= frames or self._unlocked_at is not None or self._door_opened

    def document(self, now: float, phase: VisitPhase) -> Visit:
        """The visit as it stands at `now`."""
        return Visit(
            id=self.id,
            started=self._started,
            ended=self.last_seen,
            started_wall=self._wall,
            tracks=self._tracks,
            species=self._species,
            who=self._who,
            outcome=self.outcome,
            rule=self.rule,
            reason=self.reason,
            kind=self._kind() if phase is VisitPhase.END else None,
            direction=self._direction(),
            phase=phase,
            evidence=self.subject.readings(now),
            frames=self._frames,
            attempts=self.subject.attempts,
            unlocked_at=self._unlocked_at,
        )

    def _direction(self) -> Heading:
        """The door sensor beats sight: a flap that moved while an animal came was used to come in."""
        if self._through and self._heading is not Heading.OUT:
            return Heading.IN
        return self._heading

    def _kind(self) -> VisitKind:
        unlocked = self._unlocked_at is not None
        if self._through or self._direction() is Heading.OUT:
            entered = self._direction() is Heading.IN
            return VisitKind.BREACH if entered and not unlocked else VisitKind.TRANSIT
        if unlocked:
            return VisitKind.TRANSIT if self._heading is Heading.IN else VisitKind.PEEK
        refused = self.outcome in (Outcome.KEEP_LOCKED, Outcome.LOCK_OUT)
        return VisitKind.DENY if refused else VisitKind.PEEK


def changed(before: Visit | None, after: Visit) -> bool:
    """Whether what people see of a visit has changed, apart from the time that passed."""
    if before is None:
        return True
    same = replace(
        before, ended=after.ended, evidence=after.evidence, frames=after.frames, reason=after.reason
    )
    return same != replace(after, phase=before.phase)
