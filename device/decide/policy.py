"""The decision core: from one observation to one decision, pure and repeatable.

Nothing here reads a clock, a file or a pin. What passes through time are the open visits with
their evidence, the lockouts and the one permission in force; the same observations in the same
order give the same decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from device.decide.book import VisitBook
from device.decide.facts import NOT_ANIMALS, Facts, animal_facts
from device.decide.household import Animal, IdentitySettings, ViewSettings
from device.decide.lockouts import Lockouts
from device.decide.modes import ruled_for_all, ruled_for_animals
from device.decide.permission import DOOR, Permission
from device.decide.rules import Rule, Ruling, evaluate
from device.decide.subject import EvidenceSettings, Knowledge, Subject
from device.decide.visits import OpenVisit, VisitSettings
from device.messages import (
    Decision,
    Door,
    Event,
    Heading,
    Mode,
    Observation,
    Outcome,
    Visit,
    VisitKind,
    VisitPhase,
)

REFUSED = (Outcome.KEEP_LOCKED, Outcome.LOCK_OUT)
NOBODY = Ruling(Outcome.KEEP_LOCKED, "nobody", "nobody is at the door")


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Everything that the decisions depend on."""

    rules: tuple[Rule, ...] = ()
    animals: tuple[Animal, ...] = ()
    view: ViewSettings = field(default_factory=ViewSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    identity: IdentitySettings = field(default_factory=IdentitySettings)
    visit: VisitSettings = field(default_factory=VisitSettings)
    hold: float = 5.0
    """Seconds for which an unlock lasts after the last view that earned it."""
    zone: tzinfo | None = None
    """The local time zone for schedules."""


@dataclass(frozen=True, slots=True)
class PolicyState:
    """What goes on from one observation to the next while nobody is at the door."""

    session: str = "visit"
    """Begins the ids of all visits; the device takes a new one at each start."""
    visits: int = 0
    """How many visits the session had."""
    lockouts: Mapping[str, float] = field(default_factory=dict)
    """Remaining seconds by whom."""
    time: float | None = None
    door: Door = Door.UNKNOWN
    blind: str | None = None
    lost: bool = False


class DoorPolicy:
    """Implements interfaces.Policy for one door."""

    def __init__(self, settings: PolicySettings, state: PolicyState | None = None) -> None:
        state = state or PolicyState()
        self._settings = settings
        self._session = state.session
        self._lockouts = Lockouts(state.lockouts)
        self._permission = Permission(settings.hold)
        self._book = VisitBook(settings.visit, state.session, self._new_subject, state.visits)
        self._kept = frozenset(animal.species for animal in settings.animals)
        self._time = state.time
        self._door = state.door
        self._blind = state.blind
        self._lost = state.lost
        self._alerted: set[tuple[str, str]] = set()
        self._events: list[Event] = []
        self._known: dict[str, Knowledge] = {}

    def state(self) -> PolicyState | None:
        """What a policy that begins here needs to decide alike; None while someone is at the door."""
        if self._book.open or self._permission.lease is not None:
            return None
        return PolicyState(
            session=self._session,
            visits=self._book.count,
            lockouts=self._lockouts.exact(),
            time=self._time,
            door=self._door,
            blind=self._blind,
            lost=self._lost,
        )

    def _new_subject(self) -> Subject:
        chosen = self._settings
        return Subject(chosen.animals, chosen.view, chosen.evidence, chosen.identity)

    def decide(self, observation: Observation) -> Decision:
        """Decide one observation; times that run backwards count as no time passed."""
        self._events = []
        passed = self._advance(observation)
        present = self._book.follow(observation, passed)
        self._note_state(observation)
        rulings = {number: self._judge(observation, visit) for number, visit in present.items()}
        self._follow_door(observation)
        ruling = self._grant(observation, present, rulings)
        visits = self._book.tell(observation.time)
        self._note_ends(observation, visits)
        lease = self._permission.lease
        enforce = observation.settings.enforce
        return Decision(
            time=observation.time,
            outcome=ruling.outcome,
            rule=ruling.rule,
            reason=ruling.reason,
            lease=lease if enforce else None,
            would=lease is not None and not enforce,
            visits=visits,
            events=tuple(self._events),
            lockouts=self._lockouts.remaining(),
        )

    def _advance(self, observation: Observation) -> float:
        now = observation.time
        passed = 0.0 if self._time is None else max(now - self._time, 0.0)
        self._time = now if self._time is None else max(now, self._time)
        for who in self._lockouts.advance(passed):
            self._tell(observation, "lockout-ended", f"the lockout of {who} has ended")
        self._permission.expire(now)
        return passed

    def _judge(self, observation: Observation, visit: OpenVisit) -> Ruling:
        knowledge = visit.subject.know(observation.time, observation.inputs.chip)
        self._known[visit.id] = knowledge
        ruling = self._rule(observation, visit, knowledge)
        if ruling.fired and ruling.outcome is Outcome.LOCK_OUT:
            self._lock_out(observation, visit, knowledge, ruling.fired)
        if ruling.fired and ruling.fired.alert and (visit.id, ruling.rule) not in self._alerted:
            self._alerted.add((visit.id, ruling.rule))
            self._tell(observation, "alert", ruling.reason, "critical", visit.id)
        visit.judge(observation.time, knowledge, ruling.outcome, ruling.rule, ruling.reason)
        return ruling

    def _rule(self, observation: Observation, visit: OpenVisit, knowledge: Knowledge) -> Ruling:
        by_mode = ruled_for_animals(observation.settings)
        if by_mode is not None:
            return by_mode
        locked_out = self._lockouts.concerns(knowledge.names)
        if locked_out is not None:
            who, left = locked_out
            return Ruling(Outcome.KEEP_LOCKED, "lockout", f"{who} is locked out for {left:.0f} s more")
        facts = animal_facts(
            self._door_facts(observation), knowledge, visit.subject.track.heading, self._kept
        )
        return evaluate(self._settings.rules, facts)

    def _door_facts(self, observation: Observation) -> Facts:
        wall, zone = observation.wall, self._settings.zone
        local = None if wall is None or zone is None else datetime.fromtimestamp(wall, zone)
        inputs = observation.inputs
        return Facts(observation.settings.mode, inputs.door, {**inputs.motion, **inputs.buttons}, local)

    def _lock_out(self, observation: Observation, visit: OpenVisit, knowledge: Knowledge, rule: Rule) -> None:
        named = next((name for name, known in knowledge.names.items() if known), None)
        if self._lockouts.begin(named, rule.minutes * 60):
            text = f"{named or 'everyone'} is locked out for {rule.minutes:g} min: {rule.name}"
            self._tell(observation, "lockout", text, "warning", visit.id)
        visit.subject.forget()

    def _follow_door(self, observation: Observation) -> None:
        before, self._door = self._door, observation.inputs.door
        holder = self._permission.holder
        visit = self._book.open.get(holder) if holder else self._book.latest()
        closed_behind = (
            visit.door(before, self._door) if visit else before is Door.OPEN and self._door is Door.CLOSED
        )
        if closed_behind and self._permission.lease is not None:
            self._permission.end()
            if visit is not None:
                visit.subject.forget()

    def _grant(
        self, observation: Observation, present: Mapping[str, OpenVisit], rulings: Mapping[str, Ruling]
    ) -> Ruling:
        """Settle the permission after all animals were judged; what is said of the door as a whole."""
        by_mode = ruled_for_all(observation.settings)
        allowed = [number for number, ruling in rulings.items() if ruling.outcome is Outcome.UNLOCK]
        vetoes = [
            number
            for number, ruling in rulings.items()
            if ruling.outcome in REFUSED and self._stands_before_door(present[number])
        ]
        self._withdraw(rulings, vetoes, closed=by_mode is not None and by_mode.outcome is not Outcome.UNLOCK)
        if by_mode is not None:
            return self._grant_to_door(observation, by_mode) if by_mode.outcome is Outcome.UNLOCK else by_mode
        if vetoes and allowed:
            return Ruling(Outcome.KEEP_LOCKED, "veto", f"another stands there: {rulings[vetoes[0]].reason}")
        if allowed:
            visit = present[allowed[0]]
            if visit.subject.track.seen:
                self._permission.grant(observation.time, visit.id, rulings[visit.id].reason)
            return rulings[visit.id]
        door = evaluate(self._settings.rules, self._door_facts(observation))
        if door.outcome is Outcome.UNLOCK:
            return self._grant_by_input(observation, present, door)
        if observation.blind is not None:
            return Ruling(Outcome.KEEP_LOCKED, "blind", f"the camera is blind ({observation.blind})")
        return next(iter(rulings.values()), NOBODY)

    def _withdraw(self, rulings: Mapping[str, Ruling], vetoes: list[str], closed: bool) -> None:
        """End a permission that what is now known contradicts."""
        holder = self._permission.holder
        ruling = rulings.get(holder) if holder else None
        contradicted = ruling is not None and ruling.outcome is not Outcome.UNLOCK
        if closed or contradicted or (vetoes and holder != DOOR):
            self._permission.end()

    def _grant_by_input(
        self, observation: Observation, present: Mapping[str, OpenVisit], ruling: Ruling
    ) -> Ruling:
        sensed = ruling.fired is not None and ruling.fired.trigger in observation.inputs.motion
        if sensed and observation.settings.mode is Mode.IN_ONLY:
            return Ruling(Outcome.KEEP_LOCKED, "mode in-only", "the owner lets nobody out")
        if sensed and any(self._stands_before_door(visit) for visit in present.values()):
            return Ruling(Outcome.UNDECIDED, ruling.rule, "waiting: an animal not let in stands outside")
        return self._grant_to_door(observation, ruling)

    def _grant_to_door(self, observation: Observation, ruling: Ruling) -> Ruling:
        self._permission.grant(observation.time, DOOR, ruling.reason)
        return ruling

    def _stands_before_door(self, visit: OpenVisit) -> bool:
        known = self._known.get(visit.id)
        is_animal = known is None or not (known.species_certain and known.species in NOT_ANIMALS)
        return is_animal and self._settings.view.in_zone(visit.subject.track.box)

    def _note_state(self, observation: Observation) -> None:
        if observation.blind != self._blind:
            self._blind = observation.blind
            text = f"the camera is blind: {self._blind}" if self._blind else "the camera sees again"
            self._tell(
                observation, "blind" if self._blind else "sees", text, "warning" if self._blind else "info"
            )
        if observation.settings.lost and not self._lost:
            self._lost = True
            text = "the stored settings were lost: entry stays locked until you set the mode again"
            self._tell(observation, "settings-lost", text, "critical")

    def _note_ends(self, observation: Observation, visits: tuple[Visit, ...]) -> None:
        for visit in visits:
            if visit.phase is not VisitPhase.END:
                continue
            self._known.pop(visit.id, None)
            self._alerted = {(number, rule) for number, rule in self._alerted if number != visit.id}
            if visit.kind is VisitKind.BREACH:
                text = f"{visit.who or visit.species} came in without permission: {visit.reason}"
                self._tell(observation, "breach", text, "critical", visit.id)
            elif visit.outcome is Outcome.UNDECIDED and visit.direction is not Heading.OUT:
                text = f"a {visit.species} left undecided ({visit.reason}): who was it, and with what?"
                self._tell(observation, "question", text, "info", visit.id)

    def _tell(
        self, observation: Observation, kind: str, text: str, severity: str = "info", visit: str | None = None
    ) -> None:
        self._events.append(Event(observation.time, observation.wall, kind, text, severity, visit))
