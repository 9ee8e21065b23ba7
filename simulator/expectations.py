"""What a scene may expect: one short function each, which measures the record of a scene that was played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from device.messages import BoltState, Event, Visit
from simulator.world import Happening


@dataclass(frozen=True, slots=True)
class Expectation:
    """One `[[expect]]` of a scene."""

    that: str
    who: str = ""
    """The visitor it speaks of."""
    within: Annotated[float, Field(ge=0)] = 1e9
    """Seconds, from what the expectation counts from."""
    after: Annotated[float, Field(ge=0)] = 0.0
    """Second of the scene from which it counts."""
    before: Annotated[float, Field(ge=0)] = 1e9
    kind: str = ""
    """The kind of visit or event."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An expectation with what was measured."""

    expectation: Expectation
    met: bool
    measured: str


@dataclass(slots=True)
class Record:
    """What happened in a scene: in the world, at the bolt, and in what was told."""

    happenings: list[Happening] = field(default_factory=list)
    bolt: list[tuple[float, BoltState]] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    bolted_on_a_body: list[float] = field(default_factory=list)
    flap_closed: list[float] = field(default_factory=list)
    opened_blind: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    """Every 20 ms in which the bolt itself moved, whatever was reported of it."""
    longest_powered: float = 0.0
    """For how long the bolt's coil or motor was powered at a stretch, and how long it may be."""
    powered_limit: float = 1e9
    clear: list[tuple[float, str]] = field(default_factory=list)
    """When whose face was to be seen in a frame."""
    deaths: list[float] = field(default_factory=list)
    """When the device's process died or its loop hung, or when the power came back after a cut."""
    revivals: list[float] = field(default_factory=list)
    """When a loop turned for the first time after that."""
    settings_changed: list[float] = field(default_factory=list)
    """When the device took the owner's settings to be other than they are, and not for lost."""
    lost: list[str] = field(default_factory=list)
    """Visits and events that were told but are not in the store."""
    reads: list[tuple[float, str]] = field(default_factory=list)
    """When which chip was read."""

    def when(self, what: str, who: str, after: float = 0.0) -> float | None:
        """When something first happened to a visitor at or after a second of the scene."""
        return next(
            (
                each.time
                for each in self.happenings
                if each.what == what and each.who == who and each.time >= after
            ),
            None,
        )

    def unlocked(self, after: float = 0.0, before: float = 1e9) -> float | None:
        """When the bolt was first drawn back between two seconds, once it had first been at rest."""
        rested = next((time for time, state in self.bolt if state is BoltState.LOCKED), 1e9)
        start = max(after, rested)
        opening = (BoltState.UNLOCKING, BoltState.UNLOCKED)
        return next((time for time, state in self.bolt if state in opening and start <= time <= before), None)


Measure = Callable[[Record, Expectation], tuple[bool, str]]


def _unlocked(record: Record, wanted: Expectation) -> tuple[bool, str]:
    start = record.when("arrives", wanted.who) if wanted.who else wanted.after
    time = record.unlocked(max(start or 0.0, wanted.after))
    if time is None or start is None:
        return False, "never"
    return time - start <= wanted.within, f"after {time - start:.1f} s"


def _stays_locked(record: Record, wanted: Expectation) -> tuple[bool, str]:
    time = record.unlocked(wanted.after, wanted.before)
    return time is None, "locked" if time is None else f"unlocked at {time:.1f} s"


def _comes_in(record: Record, wanted: Expectation) -> tuple[bool, str]:
    start, time = record.when("arrives", wanted.who), record.when("inside", wanted.who)
    if start is None or time is None:
        return False, "never"
    return time - start <= wanted.within, f"after {time - start:.1f} s"


def _stays_out(record: Record, wanted: Expectation) -> tuple[bool, str]:
    time = record.when("enters", wanted.who)
    return time is None, "out" if time is None else f"in at {time:.1f} s"


def _locked_after_passage(record: Record, wanted: Expectation) -> tuple[bool, str]:
    delays = []
    for closed in record.flap_closed:
        states = [time for time, state in record.bolt if state is BoltState.LOCKING and time >= closed]
        delays.append(min(states, default=1e9) - closed)
    worst = max(delays, default=1e9)
    return worst <= wanted.within, f"{worst:.2f} s" if worst < 1e9 else "never"


def _visit(record: Record, wanted: Expectation) -> tuple[bool, str]:
    start, end = wanted.after, wanted.before
    kinds = [str(visit.kind) for visit in record.visits if start <= visit.started <= end]
    return wanted.kind in kinds, ", ".join(kinds) or "no visit"


def _event(record: Record, wanted: Expectation) -> tuple[bool, str]:
    times = [each.time for each in record.events if each.kind == wanted.kind and each.time >= wanted.after]
    if not times:
        return False, "never"
    return times[0] - wanted.after <= wanted.within, f"after {times[0] - wanted.after:.1f} s"


def _no_event(record: Record, wanted: Expectation) -> tuple[bool, str]:
    times = [each.time for each in record.events if each.kind == wanted.kind]
    return not times, "never" if not times else f"at {times[0]:.1f} s"


def _never_on_a_body(record: Record, wanted: Expectation) -> tuple[bool, str]:
    del wanted
    times = record.bolted_on_a_body
    return not times, "never" if not times else f"at {times[0]:.1f} s"


def _never_blind(record: Record, wanted: Expectation) -> tuple[bool, str]:
    del wanted
    times = record.opened_blind
    return not times, "never" if not times else f"at {times[0]:.1f} s"


KNOWN: Mapping[str, Measure] = {
    "unlocked": _unlocked,
    "stays locked": _stays_locked,
    "comes in": _comes_in,
    "stays out": _stays_out,
    "locked after passage": _locked_after_passage,
    "visit": _visit,
    "event": _event,
    "no event": _no_event,
    "never bolted on a body": _never_on_a_body,
    "never opened by a blind camera": _never_blind,
}
SAFETY = ("never bolted on a body", "never opened by a blind camera")
"""Expected of every scene, with every seed."""


def measure(record: Record, expectation: Expectation) -> Outcome:
    """Whether an expectation was met, and what was measured."""
    met, measured = KNOWN[expectation.that](record, expectation)
    return Outcome(expectation, met, measured)
