"""Welfare, a rule of its own: whoever waits too long outside, is missed, or is stuck is told of.

Whatever the other rules say, an own animal before a shut door in the frost is the owner's to know
of, and so is one that was not seen for most of a day, a flap that something holds open, and a camera
that has been blind, or seeing that has been slow, for so long that nobody comes in by sight. Each is told
once when it has lasted, with what can be done, and once when it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from device.decide.facts import NOT_ANIMALS
from device.decide.household import Animal
from device.decide.lasting import Lasting
from device.decide.notices import Notices
from device.decide.presence import Presence
from device.decide.slowness import Slowness, SlownessState
from device.decide.stays import Stay
from device.decide.subject import STRANGER
from device.decide.waiting import Alarm, Guest, Waiting
from device.messages import Door, Heading, Observation, Place, Visit, VisitKind, VisitPhase, Whereabouts

Length = Annotated[float, Field(ge=0)]

PASSED = (VisitKind.TRANSIT, VisitKind.BREACH)
SEARCH = {
    Place.IN: "it came in last, look whether it is well",
    Place.OUT: "it was outside last, look for it",
    Place.UNKNOWN: "it may be in or out, look for it",
}
"""What to do about an animal that was not seen."""


@dataclass(frozen=True, slots=True)
class WelfareSettings:
    """`[welfare]`: after how long the owner is told; 0 stands for never."""

    waiting_minutes: Length = 15.0
    """An own animal, or one that may be, waits before the shut door for so long."""
    pause_minutes: Annotated[float, Field(gt=0)] = 10.0
    """One that goes off and comes back within so long has been waiting all the while."""
    below_c: float | None = None
    """Degrees Celsius outside below which `waiting_minutes_cold` holds; needs a thermometer."""
    waiting_minutes_cold: Length = 5.0
    unseen_hours: Length = 14.0
    """An animal that lives here was not seen at the door for so long."""
    held_open_s: Length = 30.0
    """The flap stands open for so long."""
    blind_s: Length = 10.0
    """The camera is blind for so long; passing headlights are shorter."""
    blind_alarm_s: Length = 300.0
    """It is still blind, and the owner must know."""
    slow_s: Length = 1.5
    """Seeing is slow if a picture takes longer; told when it has lasted for ten seconds."""

    def patience(self, temperature_c: float | None) -> float:
        """Seconds that an animal may wait at this temperature; 0 is for ever."""
        cold = temperature_c is not None and self.below_c is not None and temperature_c < self.below_c
        chosen = [self.waiting_minutes, self.waiting_minutes_cold] if cold else [self.waiting_minutes]
        return min((minutes for minutes in chosen if minutes), default=0.0) * 60


@dataclass(frozen=True, slots=True)
class WelfareState:
    """What goes on from one observation to the next; its times are those of the observations."""

    whereabouts: Mapping[str, Whereabouts] = field(default_factory=dict)
    stays: tuple[Stay, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    missed: tuple[str, ...] = ()
    """The animals that are told to be missed."""
    open_flap: Lasting = field(default_factory=Lasting)
    blind: Lasting = field(default_factory=Lasting)
    long_blind: Lasting = field(default_factory=Lasting)
    slowness: SlownessState = field(default_factory=SlownessState)


class Welfare:
    """Follows who waits, who is where, and what has lasted too long; tells through the notices."""

    def __init__(self, settings: WelfareSettings, animals: Sequence[Animal], state: WelfareState) -> None:
        self._settings = settings
        self._names = frozenset(animal.name for animal in animals)
        self._resident = tuple(animal.name for animal in animals if animal.lives_here)
        self._presence = Presence([animal.name for animal in animals], state.whereabouts)
        self._waiting = Waiting(settings.pause_minutes * 60, state.stays, state.alarms)
        self._missed = state.missed
        self._open_flap = state.open_flap
        self._blind, self._long_blind = state.blind, state.long_blind
        self._slowness = Slowness(settings.slow_s, state.slowness)

    def state(self) -> WelfareState:
        """What to go on from."""
        return WelfareState(
            whereabouts=dict(self._presence.known),
            stays=self._waiting.stays(),
            alarms=self._waiting.alarms,
            missed=self._missed,
            open_flap=self._open_flap,
            blind=self._blind,
            long_blind=self._long_blind,
            slowness=self._slowness.state,
        )

    def whereabouts(self) -> dict[str, Whereabouts]:
        """Where each animal of the household is."""
        return self._presence.all()

    @property
    def blind(self) -> bool:
        """Whether the camera was blind for so long that it was told, as far as the last observation says."""
        return self._blind.told

    @property
    def slow(self) -> bool:
        """The same of slow pictures."""
        return self._slowness.state.told

    @property
    def held_open(self) -> bool:
        """The same of an open flap."""
        return self._open_flap.told

    def shift(self, seconds: float) -> None:
        """Move all times: the clock they were taken from was set, or is another one."""
        self._presence.shift(seconds)
        self._waiting.shift(seconds)
        self._slowness.shift(seconds)
        self._open_flap = self._open_flap.shift(seconds)
        self._blind, self._long_blind = self._blind.shift(seconds), self._long_blind.shift(seconds)

    def follow(
        self,
        observation: Observation,
        guests: Sequence[Guest],
        visits: Iterable[Visit],
        lasting: AbstractSet[str],
        notices: Notices,
    ) -> None:
        """Take one observation: those in sight, what is told of visits, and which visits go on."""
        for guest in guests:
            if guest.proven is not None:
                self._presence.see(guest.proven, observation.time, observation.wall)
        patience = self._settings.patience(observation.inputs.temperature_c)
        self._waiting.watch(observation, guests, patience, notices)
        for visit in visits:
            if visit.phase is VisitPhase.END and visit.kind in PASSED:
                self._pass_through(observation, visit, notices)
        self._waiting.end(observation, lasting, notices)
        self._follow_flap(observation, notices)
        self._follow_blindness(observation, notices)
        self._slowness.follow(observation, notices)
        for name in self._resident:
            self._follow_absence(observation, name, notices)

    def _pass_through(self, observation: Observation, visit: Visit, notices: Notices) -> None:
        """An animal of the household, or one that may be, went through the flap."""
        if visit.who == STRANGER or visit.species in NOT_ANIMALS:
            return
        self._presence.pass_through(visit.who, visit.direction)
        if visit.direction is Heading.IN:
            may_be = self._names if visit.who is None else frozenset([visit.who])
            self._waiting.satisfy(observation, visit.id, may_be, "it came in", notices)

    def _follow_flap(self, observation: Observation, notices: Notices) -> None:
        door, limit, before = observation.inputs.door, self._settings.held_open_s, self._open_flap
        if door is Door.UNKNOWN:
            return
        self._open_flap = before.follow(door is Door.OPEN, observation.time, limit)
        if self._open_flap.told and not before.told:
            text = (
                f"the flap has been held open for {limit:g} s: look whether an animal sits in it or "
                "something is caught; the bolt stays out of its way"
            )
            notices.tell(observation, "held-open", text, "warning")
        elif before.told and before.since is not None and not self._open_flap.told:
            text = f"the flap is closed again after {observation.time - before.since:.0f} s"
            notices.tell(observation, "held-open-ended", text)

    def _follow_blindness(self, observation: Observation, notices: Notices) -> None:
        now, blind, before = observation.time, observation.blind is not None, (self._blind, self._long_blind)
        self._blind = self._blind.follow(blind, now, self._settings.blind_s)
        self._long_blind = self._long_blind.follow(blind, now, self._settings.blind_alarm_s)
        if self._blind.told and not before[0].told:
            notices.tell(observation, "blind", f"the camera is blind: {observation.blind}", "warning")
        if self._long_blind.told and not before[1].told:
            text = (
                f"the camera has been blind for {self._settings.blind_alarm_s:g} s ({observation.blind}): "
                "nobody comes in by sight; look at its lens, its light and its cable"
            )
            notices.tell(observation, "blind-long", text, "critical")
        if not blind and any(each.told for each in before):
            notices.tell(observation, "sees", "the camera sees again")

    def _follow_absence(self, observation: Observation, name: str, notices: Notices) -> None:
        """One that was never seen is not missed: perhaps it has yet to be taught."""
        hours, told = self._settings.unseen_hours, name in self._missed
        where = self._presence.all()[name]
        missed = where.seen is not None and 0 < hours * 3600 <= observation.time - where.seen
        if missed and not told:
            self._missed = (*self._missed, name)
            text = f"{name} was not seen at the door for {hours:g} h: {SEARCH[where.place]}"
            severity = "info" if where.place is Place.IN else "warning"
            notices.tell(observation, "not-seen", text, severity)
        elif told and not missed:
            self._missed = tuple(each for each in self._missed if each != name)
            notices.tell(observation, "not-seen-ended", f"{name} is at the door again")
