"""A guard on the bench: three kinds of bolt, and time that passes only when a test says so."""

import math
from dataclasses import replace

from device.act.bolts import BoltTraits, Drive
from device.act.coil import CoilLimits
from device.act.guard import Guard, GuardSettings, Outputs
from device.messages import BoltState, Door, Inputs, Lease

LIMITS = CoilLimits(limit_s=4.0, duty=0.5, window_s=20.0, cooldown_s=3.0)
SERVO = BoltTraits(Drive.PULSE, Drive.PULSE, 0.5, LIMITS)
STRIKE = BoltTraits(Drive.HOLD, Drive.SPRING, 0.5, LIMITS)
MAGNET = BoltTraits(Drive.SPRING, Drive.HOLD, 0.5, CoilLimits(math.inf, 1.0))
QUICK = GuardSettings(dwell_s=0.25, silence_s=2.0, alarm_s=3.0, jam_margin_s=0.25, retry_s=5.0)
TICK = 1 / 64  # exact in binary, so that sums of it are exact, too

CLOSED = Inputs(time=0.0, door=Door.CLOSED)
OPEN = replace(CLOSED, door=Door.OPEN)
LOST = replace(CLOSED, door=Door.UNKNOWN)
PANIC = replace(CLOSED, buttons={"panic": True})


class Bench:
    """A guard on the bench: time passes only here."""

    def __init__(self, traits=SERVO, settings=QUICK, door_sensor=True, bolt_sensor=False):
        self.guard = Guard(settings, traits, door_sensor, bolt_sensor)
        self.now = 100.0
        self.log: list[Outputs] = []

    def step(self, lease=None, inputs=CLOSED, spoke=True) -> Outputs:
        self.log.append(self.guard.step(self.now, lease, inputs, spoke))
        return self.log[-1]

    def run(self, seconds, lease=None, inputs=CLOSED, spoke=True) -> Outputs:
        """Step until `seconds` later, that moment included."""
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            outputs = self.step(lease, inputs, spoke)
        return outputs

    def lease(self, seconds=5.0) -> Lease:
        return Lease(self.now, seconds, "own cat")

    def settled(self) -> "Bench":
        """Locked, and long enough so that nothing forbids a move."""
        self.step()
        self.run(1.0)
        assert self.log[-1].state is BoltState.LOCKED
        self.log.clear()
        return self


def powered(outputs):
    return outputs.unlock, outputs.lock
