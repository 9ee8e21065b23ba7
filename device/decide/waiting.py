"""Tells of animals that wait too long before the shut door: once, and once when they wait no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from device.decide.notices import Notices
from device.decide.stays import Stay, Stays
from device.messages import Observation


@dataclass(frozen=True, slots=True)
class Guest:
    """One animal in sight, as far as its welfare goes."""

    visit: str
    may_be: frozenset[str]
    """The own animals that it may be; several while it is undecided, none of a stranger."""
    proven: str | None
    """The own animal that this frame shows it to be."""
    waits: bool
    """It was seen before the shut door in this frame, and is not walking away."""
    may_enter: bool
    """The bolt is open for it."""
    reason: str
    """Why the door is shut for it, in plain words."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A wait that was told."""

    visit: str
    names: tuple[str, ...]
    since: float


class Waiting:
    """Follows who waits, through the stays at the door."""

    def __init__(self, pause: float, stays: Iterable[Stay], alarms: Iterable[Alarm]) -> None:
        self._pause = pause
        self._stays = Stays(pause, stays)
        self.alarms = tuple(alarms)

    def stays(self) -> tuple[Stay, ...]:
        """The stays that may still be part of somebody's wait."""
        return self._stays.all()

    def shift(self, seconds: float) -> None:
        """Move all times: the clock they were taken from was set, or is another one."""
        self._stays.shift(seconds)
        self.alarms = tuple(replace(each, since=each.since + seconds) for each in self.alarms)

    def watch(
        self, observation: Observation, guests: Sequence[Guest], patience: float, notices: Notices
    ) -> None:
        """Follow those in sight, and tell of one that has waited for `patience` seconds; 0 is for ever."""
        for guest in guests:
            if guest.may_enter:
                self.satisfy(observation, guest.visit, guest.may_be, "the door is open for it", notices)
            elif guest.waits:
                self._stays.wait(guest.visit, observation.time, guest.may_be)
            else:
                self._stays.learn(guest.visit, guest.may_be)
        self._narrow({guest.visit: guest.may_be for guest in guests})
        for guest in guests:
            if guest.waits and patience:
                self._tell_of(observation, guest, patience, notices)

    def satisfy(
        self,
        observation: Observation,
        visit: str,
        may_be: AbstractSet[str],
        why: str,
        notices: Notices,
    ) -> None:
        """The visit's animal came in, or may: whoever it may be waits no more."""
        self._stays.satisfy(visit, may_be)
        for alarm in self.alarms:
            if alarm.visit == visit or not may_be.isdisjoint(alarm.names):
                self._end(observation, alarm, why, notices)

    def end(self, observation: Observation, lasting: AbstractSet[str], notices: Notices) -> None:
        """All visits but those `lasting` are over: tell of the waits that ended."""
        now = observation.time
        self._stays.end(lasting, now)
        for alarm in self.alarms:
            if all(self._stays.since(name, now) is None for name in alarm.names):
                why = f"not seen there for {self._pause / 60:g} min, or not one of yours"
                self._end(observation, alarm, why, notices)

    def _narrow(self, known: Mapping[str, AbstractSet[str]]) -> None:
        """Of one that was told of it may be known by now who it is; another may then be told of, too."""
        self.alarms = tuple(
            replace(alarm, names=tuple(name for name in alarm.names if name in known[alarm.visit]))
            if not known.get(alarm.visit, frozenset()).isdisjoint(alarm.names)
            else alarm
            for alarm in self.alarms
        )

    def _tell_of(self, observation: Observation, guest: Guest, patience: float, notices: Notices) -> None:
        now = observation.time
        begun = [since for name in guest.may_be if (since := self._stays.since(name, now)) is not None]
        told = any(name in alarm.names for alarm in self.alarms for name in guest.may_be)
        if told or not begun or now - min(begun) < patience:
            return
        alarm = Alarm(guest.visit, tuple(sorted(guest.may_be)), min(begun))
        self.alarms = (*self.alarms, alarm)
        text = (
            f"{_called(alarm.names)} has been waiting outside for {(now - alarm.since) / 60:.0f} min"
            f"{_cold(observation.inputs.temperature_c)} ({guest.reason}): "
            'tap "let in" to open once, or open the door yourself'
        )
        notices.tell(observation, "waiting-outside", text, "critical", guest.visit)

    def _end(self, observation: Observation, alarm: Alarm, why: str, notices: Notices) -> None:
        self.alarms = tuple(each for each in self.alarms if each is not alarm)
        waited = (observation.time - alarm.since) / 60
        text = f"{_called(alarm.names)} waits outside no more, after {waited:.0f} min: {why}"
        notices.tell(observation, "waiting-outside-ended", text, visit=alarm.visit)


def _called(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"an animal that may be {' or '.join(names)}"


def _cold(temperature_c: float | None) -> str:
    return "" if temperature_c is None else f" at {temperature_c:.0f} °C"
