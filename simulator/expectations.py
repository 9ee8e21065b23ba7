"""What a scene may expect: one short function each, which measures the record of a scene that was played."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from device.messages import BoltState
from simulator.record import Record


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
    view: Annotated[int, Field(ge=0)] = 0
    """Counts from so many clear views of `who`, instead of from its arrival."""
    most: Annotated[int, Field(ge=0)] = 0
    """How many there may be."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An expectation with what was measured."""

    expectation: Expectation
    met: bool
    measured: str


RECENT_S = 3.0
"""What earned an opening was seen no longer ago: a view, a pass at three frames a second, a dwell."""
TOLERANCE_S = 0.05
"""Two steps of the guard, and a bit."""

Measure = Callable[[Record, Expectation], tuple[bool, str]]


def _unlocked(record: Record, wanted: Expectation) -> tuple[bool, str]:
    start: float | None = wanted.after
    if wanted.who:
        arrived = record.when("arrives", wanted.who, wanted.after)
        start = record.clear_view(wanted.who, wanted.view) if wanted.view else arrived
    time = record.unlocked(max(start or 0.0, wanted.after))
    if time is None or start is None:
        return False, "never"
    return time - start <= wanted.within, f"after {time - start:.1f} s"


def _stays_locked(record: Record, wanted: Expectation) -> tuple[bool, str]:
    time = record.unlocked(wanted.after, wanted.before)
    return time is None, "locked" if time is None else f"unlocked at {time:.1f} s"


def _gets(where: str) -> Measure:
    """`who` reaches the inside or the outside, counted from its arrival."""

    def measured(record: Record, wanted: Expectation) -> tuple[bool, str]:
        start = record.when("arrives", wanted.who, wanted.after)
        time = record.when(where, wanted.who, wanted.after)
        if start is None or time is None:
            return False, "never"
        return time - start <= wanted.within, f"after {time - start:.1f} s"

    return measured


def _never(what: str, stays: str, goes: str) -> Measure:
    """`who` never goes into the flap on its way in or out."""

    def measured(record: Record, wanted: Expectation) -> tuple[bool, str]:
        time = record.when(what, wanted.who, wanted.after)
        return time is None, stays if time is None else f"{goes} at {time:.1f} s"

    return measured


def _no_prey_comes_in(record: Record, wanted: Expectation) -> tuple[bool, str]:
    del wanted
    times = [each.time for each in record.happenings if each.what == "enters" and each.carrying]
    return not times, "none" if not times else f"at {times[0]:.1f} s"


def _shut_out_or_told(record: Record, wanted: Expectation) -> tuple[bool, str]:
    """Not through the flap; or through it while it stood open, and the owner is told of it in time."""
    time = record.when("enters", wanted.who) or record.when("exits", wanted.who)
    if time is None:
        return True, "shut out"
    told = [each.time for each in record.events if each.kind == wanted.kind and each.time >= time]
    if not told:
        return False, f"through at {time:.1f} s, untold"
    return told[0] - time <= wanted.within, f"through at {time:.1f} s, told after {told[0] - time:.1f}"


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
    events = [each for each in record.events if each.kind == wanted.kind]
    times = [each.time for each in events if wanted.after <= each.time <= wanted.before]
    return not times, "never" if not times else f"at {times[0]:.1f} s"


def _picture(record: Record, wanted: Expectation) -> tuple[bool, str]:
    """Of the first visit that is refused after `who` arrives; a picture from before that is none too late."""
    start = record.when("arrives", wanted.who, wanted.after) if wanted.who else wanted.after
    refusals, taken = record.refusals.times.items(), record.refusals.pictured
    refused = min(((time, visit) for visit, time in refusals if time >= (start or 0.0)), default=None)
    if start is None or refused is None:
        return False, "nobody was refused"
    time, visit = refused
    if visit not in taken:
        return False, f"refused at {time:.1f} s, no picture"
    return taken[visit] - time <= wanted.within, f"{max(taken[visit] - time, 0.0):.1f} s after the refusal"


def _bolt_still(record: Record, wanted: Expectation) -> tuple[bool, str]:
    times = [time for time in record.moved if wanted.after <= time <= wanted.before]
    return not times, "still" if not times else f"moved at {times[0]:.1f} s"


def _restarted(record: Record, wanted: Expectation) -> tuple[bool, str]:
    """From each death until a loop turned, but for those that were followed by another death before."""
    if not record.deaths:
        return False, "nothing died"
    worst = 0.0
    for died, again in pairwise((*record.deaths, 1e9)):
        revived = min((each for each in record.revivals if each >= died), default=1e9)
        worst = max(worst, revived - died if revived <= again else 0.0)
    return worst <= wanted.within, f"after {worst:.1f} s" if worst < 1e8 else "never"


def _at_most_starts(record: Record, wanted: Expectation) -> tuple[bool, str]:
    number = len(record.deaths)
    return number <= wanted.most, f"{number} restarts"


def _nothing_lost(record: Record, wanted: Expectation) -> tuple[bool, str]:
    del wanted
    return not record.lost, "nothing" if not record.lost else ", ".join(record.lost)


def _delivered_once(record: Record, wanted: Expectation) -> tuple[bool, str]:
    del wanted
    return not record.undelivered, ", ".join(record.undelivered) or "everything"


def _coil_limit(record: Record, wanted: Expectation) -> tuple[bool, str]:
    del wanted
    longest, limit = record.longest_powered, record.powered_limit
    return longest <= limit + TOLERANCE_S, f"powered for {longest:.2f} s of {limit:g}"


def _never_by_time(record: Record, wanted: Expectation) -> tuple[bool, str]:
    """Whether the bolt only ever opened shortly after a clear view, or after an input that may open it."""
    del wanted
    causes = sorted([*(time for time, _ in record.clear), *record.tripped])
    for time, state in record.bolt:
        if state is BoltState.UNLOCKING and record.rested_before(time):
            latest = causes[bisect_right(causes, time) - 1] if causes and causes[0] <= time else -1e9
            if time - latest > RECENT_S:
                return False, f"at {time:.1f} s"
    return True, "never"


def _settings_kept(record: Record, wanted: Expectation) -> tuple[bool, str]:
    del wanted
    times = record.settings_changed
    return not times, "kept" if not times else f"others at {times[0]:.1f} s"


def _nothing_told(record: Record, wanted: Expectation) -> tuple[bool, str]:
    told = [(each.started, f"a visit ({each.kind})") for each in record.visits]
    told += [(each.time, each.kind) for each in record.events]
    past = [(time, what) for time, what in sorted(told) if wanted.after <= time <= wanted.before]
    return not past, "nothing" if not past else f"{past[0][1]} at {past[0][0]:.1f} s"


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
    "comes in": _gets("inside"),
    "stays out": _never("enters", "out", "in"),
    "locked after passage": _locked_after_passage,
    "visit": _visit,
    "event": _event,
    "no event": _no_event,
    "nothing told": _nothing_told,
    "never bolted on a body": _never_on_a_body,
    "never opened by a blind camera": _never_blind,
    "never opened by time": _never_by_time,
    "coil limit": _coil_limit,
    "settings kept": _settings_kept,
    "goes out": _gets("outside"),
    "stays in": _never("exits", "in", "out"),
    "no prey comes in": _no_prey_comes_in,
    "shut out or told": _shut_out_or_told,
    "bolt still": _bolt_still,
    "picture": _picture,
    "restarted": _restarted,
    "restarts": _at_most_starts,
    "nothing lost": _nothing_lost,
    "delivered once": _delivered_once,
}
SAFETY = (
    "never bolted on a body",
    "never opened by a blind camera",
    "never opened by time",
    "coil limit",
    "settings kept",
)
"""Expected of every scene, with every seed."""


def measure(record: Record, expectation: Expectation) -> Outcome:
    """Whether an expectation was met, and what was measured."""
    met, measured = KNOWN[expectation.that](record, expectation)
    return Outcome(expectation, met, measured)
