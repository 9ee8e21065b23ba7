"""What the passes of the loop themselves tell of the parts: camera, door, bolt, guard, clock, settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from device.messages import BoltState, Decision, Door, Fault, Observation
from device.tell.health import Found, Health, State
from device.tell.sink import Told

OPEN_TOO_LONG_S = 60.0
"""A flap that stands open for so long is held by something."""
JAM_HOLD_S = 60.0
"""A bolt that is left alone where it is looks well again: a jam counts for so long after it was last seen, or
an entry that is locked for it would be tried again at once."""
ANSWERS_S = 2.0
"""The guard's snapshot is hardly older than this."""
SEEING = {
    "slow": (State.WARNING, "look what heats, starves or loads the device"),
    "slow-ended": (State.OK, ""),
}
"""What the events of slow seeing say of it."""
MISSING = ("gone", "no model")
"""Why a camera is blind whose pictures have nothing wrong with them."""


class HealthSink:
    """Implements sink.Sink: keeps in `health` what the passes themselves tell of the parts."""

    def __init__(self, health: Health, trouble: Callable[[], str] = str) -> None:
        """`trouble` is what the camera's driver last complained of, empty if of nothing."""
        self._health = health
        self._trouble = trouble
        self._opened: float | None = None
        self._jammed: float | None = None

    def tell(self, passes: Sequence[Told]) -> None:
        if passes:
            for told in passes:
                self._follow_door(told.observation)
                self._follow_bolt(told.observation)
                self._follow_seeing(told)
            self._note(passes[-1].observation, passes[-1].decision)

    def close(self) -> None:
        """Nothing is held."""

    def _follow_door(self, observation: Observation) -> None:
        if observation.inputs.door is not Door.OPEN:
            self._opened = None
        elif self._opened is None:
            self._opened = observation.time

    def _follow_bolt(self, observation: Observation) -> None:
        if observation.inputs.bolt is BoltState.JAMMED:
            self._jammed = observation.time
        elif self._jammed is not None and not 0 <= observation.time - self._jammed < JAM_HOLD_S:
            self._jammed = None

    def _follow_seeing(self, told: Told) -> None:
        """What is told of slow seeing; until then nothing is to be said of it."""
        for event in told.decision.events:
            if event.kind in SEEING:
                state, fix = SEEING[event.kind]
                self._health.set("seeing", state, event.text, fix, time=event.time, wall=event.wall)

    def _note(self, observation: Observation, decision: Decision) -> None:
        for part, found in {
            "camera": _camera(observation, self._trouble()),
            "blind": _blind(observation),
            "door": self._door(observation),
            "bolt": _bolt(observation, self._jammed is not None),
            "guard": _guard(observation),
            "clock": _clock(observation),
            "settings": _settings(observation, decision),
        }.items():
            state, text, fix, fault = found
            now, wall = observation.time, observation.wall
            self._health.set(part, state, text, fix, time=now, wall=wall, fault=fault)

    def _door(self, observation: Observation) -> Found:
        open_s = 0.0 if self._opened is None else observation.time - self._opened
        if open_s > OPEN_TOO_LONG_S:
            return Found(State.WARNING, f"held open for {open_s:.0f} s", "look what is in the flap")
        if observation.inputs.door is Door.UNKNOWN:
            text = "nothing tells whether the flap is shut"
            return Found(State.UNKNOWN, text, "fit a contact to the flap")
        return Found(State.OK, str(observation.inputs.door))


def _camera(observation: Observation, trouble: str) -> Found:
    if observation.blind != "gone":
        return Found(State.OK, "gives pictures")
    why = f": {trouble}" if trouble else ""
    fix = "look at its cable and its power; it is being opened again and again"
    return Found(State.FAULT, f"no picture comes{why}", fix)


def _blind(observation: Observation) -> Found:
    if observation.blind is None:
        return Found(State.OK, "sees")
    if observation.blind in MISSING:
        return Found(State.UNKNOWN, f"nothing is looked at: {observation.blind}")
    return Found(State.FAULT, f"blind: {observation.blind}", "look at the lens, the light and the cable")


def _bolt(observation: Observation, jammed: bool) -> Found:
    if jammed:
        text = "jammed: it is not where it was driven"
        return Found(State.FAULT, text, "look what blocks the bolt", Fault.BOLT)
    return Found(State.OK, observation.inputs.refusal or str(observation.inputs.bolt))


def _guard(observation: Observation) -> Found:
    if not observation.inputs.answers:
        text = observation.inputs.refusal or "does not answer"
        fix = "it is started again by itself; `systemctl status latchlens-guard` says what keeps it"
        return Found(State.FAULT, text, fix, Fault.GUARD)
    silent_s = observation.time - observation.inputs.time
    if silent_s > ANSWERS_S:
        text = f"has not answered for {silent_s:.0f} s: the bolt rests"
        return Found(State.FAULT, text, "see the log; the guard starts again by itself", Fault.GUARD)
    return Found(State.OK, "answers")


def _clock(observation: Observation) -> Found:
    if observation.wall is None:
        return Found(State.WARNING, "not set: schedules wait", "connect the network once, or fit a clock")
    return Found(State.OK, "set")


def _settings(observation: Observation, decision: Decision) -> Found:
    settings = observation.settings
    if settings.lost:
        return Found(State.FAULT, "lost: entry stays locked", "set the mode again")
    if not settings.enforce:
        would = "; it would open now" if decision.would else ""
        return Found(State.WARNING, f"not enforcing: the bolt obeys nobody yet{would}", "set enforce")
    return Found(State.OK, f"mode {settings.mode}, enforcing")
