"""The latest pass of the loop in one slot for whoever looks; the loop leaves a reference and goes on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from device.messages import Decision, Frame, Observation, Visit, VisitPhase


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest frame, what was seen in it, and whom no picture of it may show."""

    frame: Frame
    observation: Observation
    hiding: Observation
    """The last pass in which the detector looked: who stood still since then is still there."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One pass, with what it takes to understand it: visits are told only when they change."""

    observation: Observation
    decision: Decision
    visits: tuple[Visit, ...]
    """Those that are open."""
    seen: Seen | None
    """Of this pass unless the camera gave no frame."""


@dataclass(slots=True)
class Tally:
    """What has happened since the start; only the loop's thread counts."""

    passes: int = 0
    frames: int = 0
    dropped: int = 0
    blind: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    visits: Counter[str] = field(default_factory=Counter)
    """Ended visits by their kind."""
    events: Counter[str] = field(default_factory=Counter)


class Latest:
    """Implements interfaces.Publisher: keeps references only, so that it costs the loop next to nothing."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.moment: Moment | None = None
        """None before the first pass. Replaced, never changed: whoever took it may keep it."""
        self._open: dict[str, Visit] = {}
        self._seen: Seen | None = None

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:
        self._count(frame, observation, decision)
        for visit in decision.visits:
            self._open[visit.id] = visit
            if visit.phase is VisitPhase.END:
                del self._open[visit.id]
        if frame is not None:
            before = None if observation.looked else self._seen
            self._seen = Seen(frame, observation, before.hiding if before else observation)
        self.moment = Moment(observation, decision, tuple(self._open.values()), self._seen)

    def _count(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:
        tally = self.tally
        tally.passes += 1
        tally.frames += frame is not None
        tally.dropped += observation.dropped
        tally.blind += observation.blind is not None
        tally.outcomes[decision.outcome.value] += 1
        tally.events.update(event.kind for event in decision.events)
        tally.visits.update(visit.kind.value for visit in decision.visits if visit.kind)
