"""The decision core: from one observation to one decision, pure and repeatable.

Nothing here reads a clock, a file or a pin. What passes through time are the open visits with
their evidence, the lockouts and the one permission in force; the same observations in the same
order give the same decisions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from device.decide.asked import LOCKED_BY_HAND, Asked
from device.decide.book import VisitBook
from device.decide.doorkeeper import Candidate, settle
from device.decide.facts import NOT_ANIMALS, Facts, animal_facts
from device.decide.faults import Faults, FaultSettings
from device.decide.household import Animal, IdentitySettings, ViewSettings
from device.decide.lockouts import Lockouts, whom_it_concerns
from device.decide.lookout import Lookout, LookoutState
from device.decide.modes import ruled_for_entry
from device.decide.notices import Notices
from device.decide.passage import Passage
from device.decide.permission import CHIP, Permission
from device.decide.rules import WALKS_AWAY, Rule, Ruling, evaluate, locked_out_for
from device.decide.subject import EvidenceSettings, Knowledge, Subject
from device.decide.visits import OpenVisit, VisitSettings
from device.decide.welfare import Welfare, WelfareSettings, WelfareState
from device.messages import ChipRead, Decision, Door, Fault, Heading, MeterReading, Observation, Outcome

STILL_READ = 3.0
"""Seconds after which a chip that opens by itself, with nobody to be seen, must have been read again."""

CLOCK_JUMP = 1.0
"""Seconds by which a frame may be older than the pass before it; a clock that falls further was set back."""


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Everything that the decisions depend on."""

    rules: tuple[Rule, ...] = ()
    animals: tuple[Animal, ...] = ()
    view: ViewSettings = field(default_factory=ViewSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    identity: IdentitySettings = field(default_factory=IdentitySettings)
    visit: VisitSettings = field(default_factory=VisitSettings)
    welfare: WelfareSettings = field(default_factory=WelfareSettings)
    faults: FaultSettings = field(default_factory=FaultSettings)
    hold: float = 5.0
    """Seconds for which an unlock lasts after the last view that earned it."""
    let_in_s: float = 20.0
    """Seconds for which the owner lets in by hand."""
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
    lost: bool = False
    alerting: str = ""
    """The alert rule that an input holds on."""
    lookout: LookoutState = field(default_factory=LookoutState)
    passed_at: float | None = None
    """When the flap closed last; a chip that was read before is of one who went through."""
    alarms: tuple[str, ...] = ()
    """The alarm contacts that are on."""
    faults: tuple[Fault, ...] = ()
    """Those that the owner was told of."""
    welfare: WelfareState = field(default_factory=WelfareState)
    """Its times are those of the observations; of a policy that has seen none, how long ago, negative."""


class DoorPolicy:
    """Implements interfaces.Policy for one door."""

    def __init__(self, settings: PolicySettings, state: PolicyState | None = None) -> None:
        state = state or PolicyState()
        self._settings = settings
        self._session = state.session
        self._lockouts = Lockouts(state.lockouts)
        self._permission = Permission(settings.hold)
        self._asked = Asked(settings.let_in_s)
        self._lookout = Lookout(state.lookout)
        self._book = VisitBook(settings.visit, state.session, self._new_subject, state.visits)
        self._kept = frozenset(animal.species for animal in settings.animals)
        self._time = state.time
        self._passage = Passage(state.door, state.passed_at)
        self._notices = Notices(state.lost, state.alerting, state.alarms)
        self._faults = Faults(settings.faults, state.faults)
        self._welfare = Welfare(settings.welfare, settings.animals, state.welfare)

    def state(self) -> PolicyState | None:
        """What a policy that begins here needs to decide alike; None while someone is at the door."""
        if self._book.open or self._permission.lease is not None or self._asked.lasts(self._time or 0.0):
            return None
        return PolicyState(
            session=self._session,
            visits=self._book.count,
            lockouts=self._lockouts.exact(),
            time=self._time,
            door=self._passage.door,
            lost=self._notices.lost,
            alerting=self._notices.alerting,
            passed_at=self._passage.passed_at,
            lookout=self._lookout.state,
            alarms=self._notices.alarms,
            faults=self._faults.told,
            welfare=self._welfare.state(),
        )

    def meters(self, now: float) -> tuple[MeterReading, ...]:
        """The evidence about the animal that was seen last, as it stands; none while nobody is there."""
        visit = self._book.latest()
        return () if visit is None else visit.subject.readings(now)

    def meters_by_track(self) -> dict[int, tuple[MeterReading, ...]]:
        """The evidence about every animal that is at the door, by the track that is followed."""
        subjects = (visit.subject for visit in self._book.open.values())
        return {each.track.id: each.readings(self._time or 0.0) for each in subjects}

    def _new_subject(self) -> Subject:
        chosen = self._settings
        return Subject(chosen.animals, chosen.view, chosen.evidence, chosen.identity)

    def decide(self, observation: Observation) -> Decision:
        """Decide one observation.

        A time somewhat earlier than the one before counts as no time passed. After a clock that was
        set back everything must be proven again.
        """
        passed = self._advance(observation)
        present = self._book.follow(observation, passed)
        self._notices.state(observation)
        slow, held_open = self._welfare.slow, self._welfare.held_open
        self._faults.follow(observation, self._notices, slow=slow, held_open=held_open)
        self._follow_door(observation)
        self._hear(observation)
        entry = self._entry(observation)
        door = self._door_facts(observation)
        switch = self._asked.ruling() or self._without_sight(observation, door)
        sensor = evaluate(self._settings.rules, replace(door, leaving=True))
        self._notices.alert_of_input(observation, switch)
        chip = self._chip(observation, present)
        candidates = [self._judge(observation, door, visit, chip, entry) for visit in present]
        self._look_out(observation, candidates)
        by_chip = self._permission.holder == CHIP
        ruling = settle(
            self._permission,
            observation,
            candidates,
            entry,
            switch,
            sensor,
            outside=self._lookout.doubt,
        )
        if self._permission.holder == CHIP and not by_chip:
            self._notices.by_chip(observation, door.chip or "")
        visits = self._book.tell(observation.time)
        self._notices.ends(observation, visits)
        guests = [each.guest(observation) for each in candidates]
        self._welfare.follow(observation, guests, visits, self._book.open.keys(), self._notices)
        lease, enforce = self._permission.lease, observation.settings.enforce
        self._passage.hold(self._permission, observation.time)
        return Decision(
            time=observation.time,
            outcome=ruling.outcome,
            rule=ruling.rule,
            reason=ruling.reason,
            lease=lease if enforce or self._asked.lets_in else None,
            would=lease is not None and not (enforce or self._asked.lets_in),
            visits=visits,
            events=self._notices.take(),
            lockouts=self._lockouts.remaining(),
            whereabouts=self._welfare.whereabouts(),
        )

    def _advance(self, observation: Observation) -> float:
        """Let the time pass that lies between this observation and the one before."""
        now, before = observation.time, self._time
        passed = 0.0 if before is None else max(now - before, 0.0)
        if before is None or before - now > CLOCK_JUMP:
            self._welfare.shift(now - (before or 0.0))
        if before is not None and before - now > CLOCK_JUMP:
            self._permission.end()
            self._asked.restart()
            self._book.restart(now)
            self._passage.restart(now)
            self._time = now
        else:
            self._time = now if before is None else max(now, before)
        for who in self._lockouts.advance(passed):
            self._notices.tell(observation, "lockout-ended", f"the lockout of {who} has ended")
        self._permission.expire(now)
        return passed

    def _follow_door(self, observation: Observation) -> None:
        """Follow the flap; when it closes, whoever went through used up what was permitted."""
        alarm = bool(self._notices.alarms)
        if self._passage.follow(observation, self._book, self._permission, alarm):
            self._permission.end()
            self._asked.end()

    def _hear(self, observation: Observation) -> None:
        """Take the owner's requests; to lock ends the permission in force."""
        if self._asked.take(observation, self._book.open, self._notices):
            self._permission.end()

    def _look_out(self, observation: Observation, candidates: Sequence[Candidate]) -> None:
        """Find out whether somebody stands outside who was not let in, though not in sight just now."""
        seen = {each.visit.id for each in candidates}
        waits = any(each.before_door and not each.allowed for each in candidates)
        hides = any(not visit.was_let_in for visit in self._book.open.values() if visit.id not in seen)
        self._lookout.follow(observation, waits or hides)

    def _entry(self, observation: Observation) -> Ruling | None:
        """What holds for whoever comes, whatever the rules say: the owner's mode, or a fault that locks."""
        ruled = ruled_for_entry(observation.settings)
        shut = ruled is not None and ruled.outcome is not Outcome.UNLOCK
        return ruled if shut or self._asked.lets_in else self._faults.ruling() or ruled

    def _judge(
        self,
        observation: Observation,
        door: Facts,
        visit: OpenVisit,
        chip: ChipRead | None,
        entry: Ruling | None,
    ) -> Candidate:
        knowledge = visit.subject.know(observation.time, chip)
        ruling = entry or self._rule(door, visit, knowledge)
        if ruling.fired and ruling.fired.outcome is Outcome.LOCK_OUT:
            self._lock_out(observation, visit, knowledge, ruling.fired)
        self._notices.alert(observation, ruling, visit.id)
        visit.judge(knowledge, ruling)
        is_animal = not (knowledge.species_certain and knowledge.species in NOT_ANIMALS)
        before_door = is_animal and self._settings.view.in_zone(visit.subject.track.box)
        return Candidate(visit, knowledge, ruling, before_door)

    def _chip(self, observation: Observation, present: Sequence[OpenVisit]) -> ChipRead | None:
        """The chip that may count: not of one who went through, nor where either of two may wear it."""
        tracks = [visit.subject.track for visit in present]
        animals = [
            each for each in tracks if each.label != "person" and self._settings.view.in_zone(each.box)
        ]
        return None if len(animals) > 1 else self._passage.unused(observation.inputs.chip)

    def _chip_owner(self, observation: Observation) -> str | None:
        """Whose chip was just read on either side of the flap, "" for a foreign one; None if none was."""
        chip = self._passage.unused(observation.inputs.chip)
        if chip is None or not 0 <= observation.time - chip.time <= self._settings.identity.chip_seconds:
            return None
        return next((each.name for each in self._settings.animals if each.chip == chip.number), "")

    def _rule(self, door: Facts, visit: OpenVisit, knowledge: Knowledge) -> Ruling:
        by_owner = self._asked.ruling_for(visit.id)
        if by_owner is not None:
            return by_owner
        locked_out = self._lockouts.concerns(knowledge.names)
        if locked_out is not None:
            return locked_out_for(*locked_out)
        heading = visit.subject.track.heading
        ruling = evaluate(self._settings.rules, animal_facts(door, knowledge, heading, self._kept))
        if ruling.fired is None and heading is Heading.OUT and knowledge.own is not False:
            return WALKS_AWAY
        return ruling

    def _without_sight(self, observation: Observation, door: Facts) -> Ruling:
        """What the rules say with nobody in sight; by chip alone comes in who is there, not locked out."""
        ruling, chip = evaluate(self._settings.rules, door), observation.inputs.chip
        if chip is None or not door.chip or ruling.fired is None or not ruling.fired.by_chip:
            return ruling
        if self._asked.keeps_out(chip.time):
            return LOCKED_BY_HAND
        locked_out = self._lockouts.concerns({door.chip: True})
        if locked_out is not None:
            return locked_out_for(*locked_out)
        gone = observation.time - chip.time > STILL_READ
        return Ruling(Outcome.UNDECIDED, ruling.rule, "waiting: the chip is read no more") if gone else ruling

    def _door_facts(self, observation: Observation) -> Facts:
        """What holds with nobody in sight."""
        wall, zone, inputs = observation.wall, self._settings.zone, observation.inputs
        return Facts(
            mode=observation.settings.mode,
            door=inputs.door,
            inputs={**inputs.motion, **inputs.buttons},
            local=None if wall is None or zone is None else datetime.fromtimestamp(wall, zone),
            chip=self._chip_owner(observation),
            sensors=inputs.motion.keys() - inputs.buttons.keys(),
            sees=observation.blind is None,
            blind=observation.blind is not None and self._welfare.blind,
        )

    def _lock_out(self, observation: Observation, visit: OpenVisit, knowledge: Knowledge, rule: Rule) -> None:
        if knowledge.own is False:
            return  # a stranger is refused as it is; none of ours did anything
        whom = whom_it_concerns(knowledge.names)
        for name in whom or (None,):
            self._lockouts.begin(name, rule.minutes * 60)
        who = f"{' or '.join(whom)} is" if whom else "everyone is"
        text = f"{who} locked out for {rule.minutes:g} min: {rule.name}"
        self._notices.tell(observation, "lockout", text, "warning", visit.id)
        visit.subject.forget()
