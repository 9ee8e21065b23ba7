"""Settles what the one bolt does after everyone at the door was judged on their own.

An animal is let in on a clear view of it, and only while none that was refused, and none that may
yet prove a stranger, stands before the door beside it. A switch of the owner's lets in whoever comes.
A sensor lets out while it is known that nobody stands outside who was not let in. What contradicts a
permission ends it at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from device.decide.modes import ruled_for_exit
from device.decide.permission import CHIP, EXIT, OWNER, Permission
from device.decide.rules import Ruling
from device.decide.subject import STRANGER, Knowledge
from device.decide.visits import OpenVisit
from device.decide.waiting import Guest
from device.messages import BoltState, Heading, Observation, Outcome

NOBODY = Ruling(Outcome.KEEP_LOCKED, "nobody", "nobody is at the door")
REFUSED = (Outcome.KEEP_LOCKED, Outcome.LOCK_OUT)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One animal or person in sight, judged on its own."""

    visit: OpenVisit
    knowledge: Knowledge
    ruling: Ruling
    before_door: bool
    """It is an animal, or may be one, and stands where it could come in."""

    @property
    def allowed(self) -> bool:
        return self.ruling.outcome is Outcome.UNLOCK

    @property
    def vetoes(self) -> bool:
        """Whether it keeps the door shut for others too."""
        return self.before_door and self.ruling.outcome in REFUSED

    @property
    def may_slip_in(self) -> bool:
        """Whether it may be a stranger who follows another one in: it is not known to be ours, nor leaves."""
        stays = self.visit.subject.track.heading is not Heading.OUT
        return self.before_door and not self.allowed and self.knowledge.own is not True and stays

    def guest(self, observation: Observation) -> Guest:
        """The same as its welfare asks for it."""
        track, names = self.visit.subject.track, self.knowledge.names
        here = track.seen and self.before_door and track.heading is not Heading.OUT
        shut = observation.inputs.bolt is not BoltState.UNLOCKED
        proven = next((name for name, known in names.items() if known), None)
        return Guest(
            visit=self.visit.id,
            may_be=_may_be(self.visit, names),
            proven=proven if track.seen else None,
            waits=here and shut,
            may_enter=self.allowed and not shut,
            reason=self.ruling.reason,
        )


def _may_be(visit: OpenVisit, names: Mapping[str, bool | None]) -> frozenset[str]:
    """The own animals that a visitor may be: any that it ever was proven to be, whatever was seen since;
    else none of a stranger; else one that is not refuted, or any while it may be own at all.
    """
    if visit.proven or visit.who == STRANGER:
        return visit.proven
    return frozenset(name for name, known in names.items() if known is not False) or frozenset(names)


def settle(
    permission: Permission,
    observation: Observation,
    candidates: Sequence[Candidate],
    entry: Ruling | None,
    switch: Ruling,
    sensor: Ruling,
    outside: str | None,
) -> Ruling:
    """Begin, renew or end the permission; what is to be said of the door as a whole.

    `entry` is what holds for whoever comes, None if the rules are asked. `switch` and `sensor` are what they
    say of the owner's switches, or of a chip while the camera is blind, and of those on the way out.
    `outside` tells why somebody may stand outside, None if nobody does.
    The answer is to unlock if, and only if, a permission is in force.
    """
    leaving = None if _unlocks_both_ways(observation, entry) else ruled_for_exit(observation.settings)
    asked, sensor = sensor, leaving or _unless_someone_waits(sensor, outside)
    exit_shut = _refuses(leaving) or (leaving is None and observation.blind is not None)
    entry_shut = _refuses(entry) or (permission.holder == CHIP and observation.blind is None)
    _withdraw(permission, candidates, entry_shut=entry_shut, exit_shut=exit_shut)
    said = _admit(permission, observation, candidates)
    entering = entry or switch
    for holder, ruling in ((_holder(entering), entering), (EXIT, sensor)):
        if ruling.outcome is Outcome.UNLOCK and said.outcome is not Outcome.UNLOCK:
            permission.grant(observation.time, holder, ruling)
            said = ruling
    if permission.ruling is not None:
        return permission.ruling
    if observation.blind is not None:
        said = Ruling(Outcome.KEEP_LOCKED, "blind", f"the camera is blind ({observation.blind})")
    waits = sensor if asked.outcome is Outcome.UNLOCK else said
    return entry or waits


def _unlocks_both_ways(observation: Observation, entry: Ruling | None) -> bool:
    """Whether a mode would open for those who leave, and with them for those for whom entry is locked."""
    leaving = ruled_for_exit(observation.settings)
    return _refuses(entry) and leaving is not None and leaving.outcome is Outcome.UNLOCK


def _holder(entering: Ruling) -> str:
    """Who holds a lease that a ruling gives with nobody in sight."""
    return CHIP if entering.fired is not None and entering.fired.by_chip else OWNER


def _refuses(ruling: Ruling | None) -> bool:
    return ruling is not None and ruling.outcome is not Outcome.UNLOCK


def _unless_someone_waits(sensor: Ruling, outside: str | None) -> Ruling:
    """The sensor's ruling, or to wait while someone outside could slip in."""
    if outside is None or sensor.outcome is not Outcome.UNLOCK:
        return sensor
    return Ruling(Outcome.UNDECIDED, sensor.rule, f"waiting: {outside}")


def _withdraw(
    permission: Permission, candidates: Sequence[Candidate], entry_shut: bool, exit_shut: bool
) -> None:
    """End a permission that what is now known contradicts."""
    if permission.holder == EXIT:
        contradicted = exit_shut or any(each.before_door and not each.allowed for each in candidates)
    elif permission.holder in (OWNER, CHIP):
        contradicted = entry_shut
    else:
        own = [each for each in candidates if each.visit.id == permission.holder]
        contradicted = (
            entry_shut or any(each.vetoes for each in candidates) or any(not e.allowed for e in own)
        )
    if contradicted:
        permission.end()


def _admit(permission: Permission, observation: Observation, candidates: Sequence[Candidate]) -> Ruling:
    """Let in the animals that may come in; what is to be said of those in sight."""
    allowed = [each for each in candidates if each.allowed]
    veto = next((each for each in candidates if each.vetoes), None)
    if not allowed:
        return candidates[0].ruling if candidates else NOBODY
    if veto is not None:
        return Ruling(Outcome.KEEP_LOCKED, "veto", f"another stands there: {veto.ruling.reason}")
    if any(each.may_slip_in for each in candidates):
        return Ruling(Outcome.UNDECIDED, allowed[0].ruling.rule, "waiting: who stands beside it")
    clear = [each for each in allowed if each.visit.subject.unclear is None]
    for each in clear:
        each.visit.unlock(observation.time)
    if not clear:
        why = allowed[0].visit.subject.unclear
        return Ruling(Outcome.UNDECIDED, allowed[0].ruling.rule, f"waiting: a clear view ({why})")
    permission.grant(observation.time, clear[0].visit.id, clear[0].ruling)
    return clear[0].ruling
