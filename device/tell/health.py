"""How each part of the device is: what is wrong, since when, what that means and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock

from device.messages import BoltState, Decision, Door, Observation
from device.tell.sink import Told

OPEN_TOO_LONG_S = 60.0
"""A flap that stands open for so long is held by something."""


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


SEEING = {
    "slow": (State.WARNING, "look what heats, starves or loads the device"),
    "slow-ended": (State.OK, ""),
}
"""What the events of slow seeing say of it."""


class Health:
    """The conditions of all parts; every method may be called in any thread and never waits long."""

    def __init__(self) -> None:
        self._lock = Lock()
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
    ) -> None:
        """Say how a part is; `since` moves only when its state changes."""
        new = Condition(part, state, text, fix, time, wall)
        with self._lock:
            old = self._parts.get(part)
            if old is not None and old.state is new.state:
                new = replace(new, since=old.since, since_wall=old.since_wall)
            self._parts[part] = new

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


class HealthSink:
    """Implements sink.Sink: keeps in `health` what the passes themselves tell of the parts."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._opened: float | None = None

    def tell(self, passes: Sequence[Told]) -> None:
        if passes:
            for told in passes:
                self._follow_door(told.observation)
                self._follow_seeing(told)
            self._note(passes[-1].observation, passes[-1].decision)

    def close(self) -> None:
        """Nothing is held."""

    def _follow_door(self, observation: Observation) -> None:
        if observation.inputs.door is not Door.OPEN:
            self._opened = None
        elif self._opened is None:
            self._opened = observation.time

    def _follow_seeing(self, told: Told) -> None:
        """What is told of slow seeing; until then nothing is to be said of it."""
        for event in told.decision.events:
            if event.kind in SEEING:
                state, fix = SEEING[event.kind]
                self._health.set("seeing", state, event.text, fix, time=event.time, wall=event.wall)

    def _note(self, observation: Observation, decision: Decision) -> None:
        for part, state, text, fix in (
            _camera(observation),
            self._door(observation),
            _bolt(observation),
            _clock(observation),
            _settings(observation, decision),
        ):
            self._health.set(part, state, text, fix, time=observation.time, wall=observation.wall)

    def _door(self, observation: Observation) -> tuple[str, State, str, str]:
        open_s = 0.0 if self._opened is None else observation.time - self._opened
        if open_s > OPEN_TOO_LONG_S:
            return "door", State.WARNING, f"held open for {open_s:.0f} s", "look what is in the flap"
        if observation.inputs.door is Door.UNKNOWN:
            return (
                "door",
                State.UNKNOWN,
                "nothing tells whether the flap is shut",
                "fit a contact to the flap",
            )
        return "door", State.OK, str(observation.inputs.door), ""


def _camera(observation: Observation) -> tuple[str, State, str, str]:
    if observation.blind is None:
        return "camera", State.OK, "sees", ""
    fix = "look at the lens, the light and the cable"
    return "camera", State.FAULT, f"blind: {observation.blind}", fix


def _bolt(observation: Observation) -> tuple[str, State, str, str]:
    if observation.inputs.bolt is BoltState.JAMMED:
        return "bolt", State.FAULT, "jammed: it is not where it was driven", "look what blocks the bolt"
    return "bolt", State.OK, observation.inputs.refusal or str(observation.inputs.bolt), ""


def _clock(observation: Observation) -> tuple[str, State, str, str]:
    if observation.wall is None:
        return "clock", State.WARNING, "not set: schedules wait", "connect the network once, or fit a clock"
    return "clock", State.OK, "set", ""


def _settings(observation: Observation, decision: Decision) -> tuple[str, State, str, str]:
    settings = observation.settings
    if settings.lost:
        return "settings", State.FAULT, "lost: entry stays locked", "set the mode again"
    if not settings.enforce:
        would = "; it would open now" if decision.would else ""
        return "settings", State.WARNING, f"not enforcing: the bolt obeys nobody yet{would}", "set enforce"
    return "settings", State.OK, f"mode {settings.mode}, enforcing", ""
