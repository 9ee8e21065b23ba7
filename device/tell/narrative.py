"""The log that tells the story of an evening: who came, what was seen, what the bolt did."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from device.messages import (
    BoltState,
    Decision,
    Door,
    Heading,
    Observation,
    Outcome,
    Settings,
    Visit,
    VisitKind,
    VisitPhase,
)
from device.tell.sink import Told
from device.tell.wire import Pass

log = logging.getLogger("latchlens.story")

Line = tuple[int, str]
"""A level of the standard library's logging, and a sentence."""

LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "critical": logging.CRITICAL}
DOOR = {Door.OPEN: "the flap opens", Door.CLOSED: "the flap is closed"}
BOLT = {
    BoltState.UNLOCKED: (logging.INFO, "the bolt is open"),
    BoltState.LOCKED: (logging.INFO, "the bolt is locked"),
    BoltState.JAMMED: (logging.ERROR, "the bolt is jammed; look for what blocks it"),
}


class Narrative:
    """Implements sink.Sink: writes the story into the log, with local times where the clock is set."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._before: Pass | None = None
        self._visits: dict[str, Visit] = {}
        self._start: float | None = None

    def tell(self, passes: Sequence[Told]) -> None:
        for told in passes:
            observation, decision = told.observation, told.decision
            if self._start is None:
                self._start = observation.time
            when = moment(observation, self._start, self._zone)
            for level, text in story(observation, decision, self._before, self._visits):
                log.log(level, "%s %s", when, text)
            self._before = observation, decision
            self._visits.update({visit.id: visit for visit in decision.visits})
            for visit in decision.visits:
                if visit.phase is VisitPhase.END:
                    del self._visits[visit.id]

    def close(self) -> None:
        """Nothing is held back."""


def moment(observation: Observation, start: float, zone: tzinfo) -> str:
    """Local time such as 20:14:03, or the seconds since `start` while the clock is not set."""
    if observation.wall is None:
        return f"+{observation.time - start:.1f} s"
    return f"{datetime.fromtimestamp(observation.wall, zone):%H:%M:%S}"


def story(
    observation: Observation, decision: Decision, before: Pass | None, visits: Mapping[str, Visit]
) -> list[Line]:
    """What one pass adds to the story; `visits` are those that last, as they were last told."""
    lines = list(_changes(observation, before[0] if before else None))
    spoken_of = {event.visit for event in decision.events}
    for visit in decision.visits:
        lines += _of_visit(visit, visits.get(visit.id), decision.would, visit.id in spoken_of)
    lines += [(LEVELS.get(event.severity, logging.INFO), event.text) for event in decision.events]
    return lines


def _changes(now: Observation, before: Observation | None) -> Iterator[Line]:
    """What the door, the bolt and the owner did."""
    settings, inputs = now.settings, now.inputs
    if before is None or before.settings != settings:
        yield logging.INFO, standing(settings)
    if before is None:
        return
    if before.inputs.door is not inputs.door and inputs.door in DOOR:
        yield logging.INFO, DOOR[inputs.door]
    if before.inputs.bolt is not inputs.bolt and inputs.bolt in BOLT:
        yield BOLT[inputs.bolt]
    if inputs.refusal and before.inputs.refusal != inputs.refusal:
        yield logging.WARNING, f"the guard does not obey: {inputs.refusal}"


def standing(settings: Settings) -> str:
    """What the owner has set, in words."""
    if settings.lost:
        return "the settings were lost; entry stays locked until a mode is set"
    obedience = "the bolt obeys" if settings.enforce else "not enforcing: the bolt stays as the project says"
    return f"the mode is {settings.mode}; {obedience}"


def _of_visit(visit: Visit, before: Visit | None, would: bool, spoken_of: bool) -> Iterator[Line]:
    who = called(visit)
    if before is None:
        yield (
            logging.INFO,
            f"{who} {'is on its way out' if visit.direction is Heading.OUT else 'comes to the door'}",
        )
    known = (visit.who, visit.outcome, visit.rule)
    told = (before.who, before.outcome, before.rule) if before else (None, Outcome.UNDECIDED, visit.rule)
    if known != told:
        yield logging.INFO, f"{who}{_mouth(visit)}: {_answer(visit, would)}"
    if visit.phase is VisitPhase.END and not spoken_of:
        yield _end(visit, who)


def called(visit: Visit) -> str:
    """The visitor in words: a name, "a stranger (cat)", "a cat", "an animal"."""
    if visit.who == "stranger":
        return f"a stranger ({visit.species})"
    if visit.who:
        return visit.who
    if not visit.species or "animal" in visit.species:
        return "an animal"
    return f"{'an' if visit.species[0] in 'aeiou' else 'a'} {visit.species}"


def _mouth(visit: Visit) -> str:
    meter = next((each for each in visit.evidence if each.name == "mouth empty"), None)
    if meter is None or meter.proven is None:
        return ""
    if meter.proven:
        return f", mouth empty ({meter.value:.1f} of {meter.needed:.1f})"
    return f", something in the mouth ({meter.value:.1f} of {meter.refuted:.1f})"


def _answer(visit: Visit, would: bool) -> str:
    match visit.outcome:
        case Outcome.UNLOCK:
            return "would be unlocked" if would else "unlocked"
        case Outcome.KEEP_LOCKED:
            return f"stays locked ({visit.reason})"
        case Outcome.LOCK_OUT:
            return f"locked out ({visit.reason})"
        case Outcome.UNDECIDED:
            return f"undecided ({visit.reason})"


def _end(visit: Visit, who: str) -> Line:
    stay = f"after {visit.ended - visit.started:.0f} s"
    match visit.kind:
        case VisitKind.TRANSIT:
            return logging.INFO, f"{who} went {'out' if visit.direction is Heading.OUT else 'in'} {stay}"
        case VisitKind.BREACH:
            return logging.WARNING, f"{who} came in without permission {stay}"
        case VisitKind.DENY:
            return logging.INFO, f"{who} was kept out and left {stay}"
        case _:
            return logging.INFO, f"{who} left {stay}"
