"""Leaves out the stretches of a scene in which nothing can happen, so that a day passes in a minute.

A stretch is idle while nobody is on the stage, nothing is wrong with the camera, the bolt rests, no
visit is open and nothing is permitted. From there one leaps, at the most,

    to the first frame after the gate opens without cause,
    to the first frame of the next whole minute, at which a schedule may change,
    or to a second before somebody comes or something else of the scene begins or ends.

What the door itself counts (lockouts, and whatever else its policy does by the passing of time alone) is
found without knowing what it counts: a policy that begins with the door's state is asked about the frame to
leap to. If it would do or say anything other than now, the first frame at which it would is found by
halving, and that is leapt to. This needs two promises of the policy, both of which the journal needs too:
its state tells everything, and one long time counts like many short ones.

Every frame left out would have been decided as the one before it: no visit, event, lease, lockout or move
of the bolt is lost or comes at another time. tests/test_idle.py lets chance look for scenes where it is.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace

from device.act.local import PERIOD_S, LocalGuard
from device.decide.policy import DoorPolicy
from device.messages import BoltState, Decision, Observation
from simulator.faults import Span, in_force, noticing
from simulator.scene import Scene
from simulator.world import World

MARGIN_S = 1.0
"""How long before and after something of the scene nothing is left out: buttons must settle."""
MINUTE_S = 60.0
ROUNDING = 1e-9
AT_ONCE = ("killed", "hang", "power cut")
"""Faults that end the process, and go on without it."""


def shown_at(number: int, rate: float) -> float:
    """The second of the scene at which a frame is shown: the guard's step that is nearest to it."""
    return round(math.ceil(number / rate / PERIOD_S - 0.5 - ROUNDING) * PERIOD_S, 6)


def moments(scene: Scene) -> list[float]:
    """The seconds at which something of a scene apart from its visitors begins or ends, in order."""
    spans: list[Span] = [*scene.faults, *scene.device_faults, *scene.network_faults, *scene.lights]
    presses = [time for each in scene.presses for time in (each.at, each.at + each.seconds)]
    taps, weather = [each.at for each in scene.taps], [each.begins for each in scene.weather]
    ends = [time for each in spans for time in (each.begins, each.ends)]
    return sorted([*ends, *presses, *taps, *weather, scene.seconds])


@dataclass(frozen=True, slots=True)
class Idle:
    """Finds the frame to go on with, for one life of the device's process."""

    scene: Scene
    world: World
    stirs_after: Callable[[float], float]
    """When after a second of the scene the motion gate opens next without cause."""
    guard: LocalGuard
    policy: DoorPolicy
    rate: float
    booted: float
    """The second of the scene at which the device's clock began."""

    def following(self, number: int, observation: Observation, decision: Decision) -> int:
        """The frame after `number`, of which the last pass was made: the next, or a later one."""
        comes, now = self.world.still_until(), self.world.time
        if comes is None or self._unsettled(now) or not self._at_rest(observation, decision):
            return number + 1
        clock = observation.time if observation.wall is None else observation.wall
        onto = min(self.stirs_after(now), now + MINUTE_S - clock % MINUTE_S)
        before = min(comes, self._next_moment(now)) - MARGIN_S
        farthest = min(self._first_at(onto), math.floor(before * self.rate))
        return self._before_anything_changes(number, farthest, observation, decision)

    def _at_rest(self, observation: Observation, decision: Decision) -> bool:
        """Whether the pass shows a door at which nothing goes on."""
        inputs = self.guard.inputs()
        seen = observation.sightings or observation.blind
        felt = any(inputs.motion.values()) or any(inputs.buttons.values())
        said = decision.visits or decision.events or decision.lease or decision.would
        rests = self.guard.resting and inputs.bolt is BoltState.LOCKED and inputs.refusal is None
        return rests and not (seen or felt or said or self._failing())

    def _failing(self) -> bool:
        """Whether a fault is in force that concerns the loop all the while."""
        lasting = [fault for fault in self.scene.device_faults if fault.what not in AT_ONCE]
        noticed = noticing(self.scene.device_faults, self.scene.network_faults)
        now = self.world.time
        return any(in_force(spans, now) for spans in (self.scene.faults, lasting, noticed))

    def _unsettled(self, time: float) -> bool:
        """Whether something of the scene began, ended or happened just before."""
        last = self.world.happenings[-1:]
        past = [*moments(self.scene), *(each.time for each in last)]
        return any(time - MARGIN_S <= each <= time for each in past)

    def _next_moment(self, time: float) -> float:
        """When something of the scene other than a visitor begins or ends next, inf if nothing does."""
        return next((each for each in moments(self.scene) if each > time), math.inf)

    def _first_at(self, time: float) -> int:
        """The first frame that is shown at or after a second of the scene."""
        number = math.ceil(time * self.rate)
        return number - 1 if shown_at(number - 1, self.rate) >= time else number

    def _before_anything_changes(
        self, number: int, farthest: int, observation: Observation, decision: Decision
    ) -> int:
        """The first frame up to `farthest` at which the policy would say anything new; else `farthest`."""
        state = self.policy.state()
        if state is None or farthest <= number + 1:
            return number + 1
        settings = self.scene.project.policy

        def changes(frame: int) -> bool:
            time, wall = round(shown_at(frame, self.rate) - self.booted, 6), observation.wall
            wall = None if wall is None else wall + time - observation.time
            later = replace(observation, time=time, wall=wall, frame=frame, looked=False)
            policy = DoorPolicy(settings, state)
            return _said(policy.decide(later)) != _said(decision) or policy.state() is None

        if not changes(farthest):
            return farthest
        return number + 1 + bisect_left(range(number + 1, farthest), True, key=changes)


def _said(decision: Decision) -> tuple[object, ...]:
    """What of a decision is not the mere passing of time."""
    given = decision.lease is None, decision.would, {*decision.lockouts}, decision.whereabouts
    return (decision.outcome, decision.rule, *given, decision.events, decision.visits)
