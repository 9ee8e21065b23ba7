"""How each part of the device is: what is wrong, since when, what that means and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock
from typing import NamedTuple

from device.messages import Fault


class State(StrEnum):
    """How a part is; whoever shows several shows the worst."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Condition:
    """How one part is."""

    part: str
    """"camera", "bolt", "door", "clock", "settings", "broker", "store" and so on."""
    state: State
    text: str
    """What was found, in plain words."""
    fix: str = ""
    """What the owner can do."""
    since: float | None = None
    """Monotonic seconds at which it became so."""
    since_wall: float | None = None
    """The same for people; None while the clock was not set."""
    fault: Fault | None = None
    """The fault that this is, for whoever decides."""


class Found(NamedTuple):
    """How a part was just found to be."""

    state: State
    text: str
    """In plain words."""
    fix: str = ""
    """What the owner can do."""
    fault: Fault | None = None


class Health:
    """The conditions of all parts; every method may be called in any thread and never waits long.

    It implements interfaces.FaultSource, too: what is found here is what the decisions hear of.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: tuple[Fault, ...] = ()
        self._parts: dict[str, Condition] = {}

    def set(
        self,
        part: str,
        state: State,
        text: str,
        fix: str = "",
        *,
        time: float | None = None,
        wall: float | None = None,
        fault: Fault | None = None,
    ) -> None:
        """Say how a part is, and which fault that is; `since` moves only when its state changes."""
        new = Condition(part, state, text, fix, time, wall, fault)
        with self._lock:
            old = self._parts.get(part)
            if old is not None and old.state is new.state:
                new = replace(new, since=old.since, since_wall=old.since_wall)
            self._parts[part] = new
            found = {each.fault for each in self._parts.values()}
            self._faults = tuple(fault for fault in Fault if fault in found)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force."""
        return self._faults

    def report(self) -> tuple[Condition, ...]:
        """Every part that ever said something, the worst first, then by name."""
        order = list(State)
        with self._lock:
            parts = list(self._parts.values())
        return tuple(sorted(parts, key=lambda each: (-order.index(each.state), each.part)))

    @property
    def problem(self) -> bool:
        """Whether any part has a fault."""
        with self._lock:
            return any(each.state is State.FAULT for each in self._parts.values())
