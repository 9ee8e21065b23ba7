"""The heartbeat: tells systemd that the loop turns and its guard answers, or keeps silent.

systemd starts a service again that is silent for WatchdogSec. That cures a loop that hangs, and is done soon.
It does not cure a guard that is gone, which has a service of its own, and it would take away the page that
says so; it may cure a line to the guard that got lost in this process. So a guard may be silent for long.
"""

from __future__ import annotations

from threading import Event, Thread

from device import supervisor
from device.interfaces import Clock
from device.messages import Decision, Frame, Observation

BEAT_S = 1.0
"""A pass of the loop takes no longer, unless it hangs or its inference is much too slow."""

GUARD_S = 600.0
"""A guard that is silent for so long counts as a line that got lost in this process."""


class Heartbeat:
    """Implements interfaces.Publisher; a thread passes on whether passes come."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turned = False
        self._answered = clock.now()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:
        """Note that the loop has turned, and whether its guard answered."""
        del frame, decision
        if observation.inputs.answers:
            self._answered = self._clock.now()
        self._turned = True

    def start(self) -> None:
        """The door is watched: say so, and go on saying so."""
        supervisor.tell("READY=1")
        if supervisor.watched_s() is not None:
            self._thread.start()

    def stop(self) -> None:
        """The end takes its time, and is no silence."""
        supervisor.tell("STOPPING=1")
        self._stopping.set()

    def beat(self) -> bool:
        """Tell the supervisor, if the loop has turned since the last time and the guard is not lost."""
        turned, self._turned = self._turned, False
        if alive := turned and self._clock.now() - self._answered < GUARD_S:
            supervisor.tell("WATCHDOG=1")
        return alive

    def _run(self) -> None:
        while not self._stopping.wait(BEAT_S):
            self.beat()
