"""From tracks to visits: when one begins and ends, and whether it was a PEEK, TRANSIT, DENY or BREACH.

A visit outlives its track by a few seconds, and a new track that appears meanwhile while no other
animal is in sight continues it. It inherits the visit, never the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from device.decide.flap import Flap
from device.decide.rules import WALKS_AWAY, Ruling
from device.decide.species import NOTHING
from device.decide.subject import STRANGER, Knowledge, Subject
from device.messages import Door, Heading, Outcome, Visit, VisitKind, VisitPhase


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """`[visit]`: when a visit begins and ends."""

    gap: Annotated[float, Field(gt=0)] = 5.0
    """Seconds without a sighting after which a visit is over."""
    frames: Annotated[int, Field(ge=1)] = 3
    """Fewer detections are not worth a record, unless the door moved."""
    tunnel: Annotated[float, Field(ge=0)] = 180.0
    """Seconds out of sight for which a visit lasts on while the flap is open: it may sit in the tunnel."""


class OpenVisit:
    """One visit while it lasts."""

    def __init__(self, number: str, time: float, wall: float | None, subject: Subject) -> None:
        self.subject = subject
        self.told: object = None
        """How the visit stood when it was last told of; None before."""
        self.id = number
        self._started, self._wall = time, wall
        self.last_seen = time
        self._in_flap = time
        """When the flap last stood open for it."""
        self._tracks: tuple[int, ...] = ()
        self._frames = 0
        self._flap = Flap()
        self._unlocked_at: float | None = None
        self.outcome, self.rule, self.reason = Outcome.UNDECIDED, "", ""
        self._who: str | None = None
        self.proven: frozenset[str] = frozenset()
        """Every own animal that it was proven to be at some time; sight errs both ways."""
        self._species = ""
        self._came = self._heading = Heading.UNCLEAR
        """Where it went at first, and where it goes now."""

    def see(self, time: float, door: Door) -> None:
        """The subject's track was updated at `time`."""
        track = self.subject.track
        if track.id not in self._tracks:
            self._tracks = (*self._tracks, track.id)
        if door is not Door.UNKNOWN:
            self._flap.sensed = True
        if track.seen:
            self.last_seen = max(time, self.last_seen)
            self._frames += 1
            self._flap.see(track.id)
            if track.heading is not Heading.UNCLEAR:
                self._heading = track.heading
                self._came = track.heading if self._came is Heading.UNCLEAR else self._came

    def judge(self, knowledge: Knowledge, ruling: Ruling) -> None:
        """The rules' answer at this moment."""
        self._species = knowledge.species
        named = next((name for name, known in knowledge.names.items() if known), None)
        if named is not None:
            self.proven |= {named}
        if knowledge.own:
            self._who = named or (None if self._who == STRANGER else self._who)
        elif knowledge.own is False:
            self._who = STRANGER
        if not self._outlives(ruling):
            self.outcome, self.rule, self.reason = ruling.outcome, ruling.rule, ruling.reason

    def _outlives(self, ruling: Ruling) -> bool:
        """Whether what was said before tells more: an answer than doubt, a lockout than that it lasts."""
        if ruling.outcome is Outcome.UNDECIDED:
            return self.outcome is not Outcome.UNDECIDED or (ruling is WALKS_AWAY and self.reason != "")
        return ruling.outcome is Outcome.KEEP_LOCKED and self.outcome is Outcome.LOCK_OUT

    def unlock(self, time: float) -> None:
        """The bolt was opened for this animal at `time`."""
        if self._unlocked_at is None:
            self._unlocked_at = time

    @property
    def who(self) -> str | None:
        """The own animal's name, "stranger" once proven so and nothing else since, None while undecided."""
        return self._who

    @property
    def was_let_in(self) -> bool:
        """Whether the bolt was opened for this animal: whoever comes after its track may be another."""
        return self._unlocked_at is not None

    def door(self, time: float, door: Door, closed: bool, permitted: bool) -> None:
        """Follow the flap: how it stands, whether it just `closed`, whether it may stand open now."""
        if door is Door.OPEN:
            self._in_flap = max(time, self._in_flap)
            self._flap.open(permitted)
        if closed:
            self._flap.close(self._tracks)
            self.subject.forget()

    def over(self, now: float, settings: VisitSettings) -> bool:
        """Whether it has gone: neither seen nor in the flap for a while, or in the flap for too long."""
        there = max(self.last_seen, min(self._in_flap, self.last_seen + settings.tunnel))
        return now - there > settings.gap

    def restart(self, now: float) -> None:
        """Go on after the clock jumped back to `now`, with nothing proven."""
        self._started, self.last_seen = min(self._started, now), min(self.last_seen, now)
        self._in_flap = min(self._in_flap, now)
        self.subject.forget()

    def continue_with(self, subject: Subject) -> None:
        """Follow a new track: it inherits the visit, never the evidence."""
        subject.attempts = self.subject.attempts + 1
        self.subject = subject

    def worth_telling(self, frames: int) -> bool:
        """Whether enough was seen for a record: `frames` detections of somebody, or the door moved."""
        seen = self._frames >= frames and self._species != NOTHING
        return seen or self._unlocked_at is not None or self._flap.opened

    def standing(self) -> object:
        """What is worth telling again when it changes; time, meters and wording change all the while."""
        went = self._passage() or self._came
        answer = (self.outcome, self.rule, self._unlocked_at, self.subject.attempts)
        return (self._started, self._tracks, self._species, self._who, went, answer)

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
            direction=self._passage() or self._came,
            phase=phase,
            evidence=self.subject.readings(now),
            frames=self._frames,
            attempts=self.subject.attempts,
            unlocked_at=self._unlocked_at,
        )

    def _passage(self) -> Heading | None:
        """Which way it went through, None if it did not; a door sensor beats sight."""
        if self._came is Heading.OUT and self._heading is Heading.OUT:
            return Heading.OUT if self._flap.opened or not self._flap.sensed else None
        if self._flap.sensed:
            left = not self.was_let_in and (self._heading is Heading.OUT or self._species == "person")
            return Heading.IN if self._flap.passed and not left else None
        let_in = self._unlocked_at is not None and self.outcome is Outcome.UNLOCK
        return Heading.IN if let_in and self._heading is Heading.IN else None

    def _kind(self) -> VisitKind:
        passage = self._passage()
        if passage is Heading.IN and self._flap.sensed and not self._flap.permitted:
            return VisitKind.BREACH
        if passage is not None:
            return VisitKind.TRANSIT
        refused = self.outcome in (Outcome.KEEP_LOCKED, Outcome.LOCK_OUT)
        return VisitKind.DENY if refused else VisitKind.PEEK
