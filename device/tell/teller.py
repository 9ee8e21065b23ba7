"""The teller: takes what happened from the loop without ever holding it up, and tells everyone of it."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from threading import Semaphore, Thread

from device.errors import LatchlensError
from device.messages import Decision, Fault, Frame, MeterReading, Observation, Pixels
from device.tell import journal
from device.tell.handover import Handover
from device.tell.health import Health, State
from device.tell.sink import Sink, Told
from device.tell.wire import Pass

log = logging.getLogger(__name__)

PERIOD_S = 1.0
"""How often passes are taken in which nothing happened."""
WAITING = 2048
"""How many passes may wait for a slow disk: minutes, and some 20 MB."""
PICTURES = 8
"""How many frames may wait; one is a megabyte or more."""
QUIET_S = 1.0
"""Of passes in which nothing happens one in so many seconds is told."""
CLOSING_S = 10.0
"""How long the end of the program waits for the disk."""


class Teller:
    """Implements interfaces.Publisher.

    A sink that fails is reported once for each kind of fault and counted; the other sinks are told,
    and the loop goes on. Without a thread everybody is told within `publish`, so that playing a
    recording twice does the same things in the same order.
    """

    def __init__(
        self,
        sinks: Sequence[Sink],
        *,
        threaded: bool = True,
        idle: Callable[[Pass, Pass], bool] | None = None,
        resume: Callable[[], journal.State | None] | None = None,
        picture: Callable[[Observation], bool] | None = None,
        health: Health | None = None,
        meters: Callable[[], Mapping[int, Sequence[MeterReading]]] | None = None,
    ) -> None:
        """All four functions are called by the loop's thread.

        Args:
            sinks: who is told, in this order; the teller closes them.
            threaded: tell from a thread of one's own.
            idle: whether a pass need not be told, given the last that was; see journal.quiet.
            resume: the policy's state as it stands, None while it cannot be said.
            picture: whether a frame may become a picture; see snapshots.BestViews.
            health: where it is said whether everything could be told.
            meters: how the meters stand, by the track that they speak of.
        """
        self._sinks = tuple(sinks)
        self._idle = idle
        self._resume = resume
        self._picture = picture
        self._health = health
        self._meters = meters
        self._handover: Handover[Told] = Handover(WAITING)
        self._frames = Semaphore(PICTURES)
        self._last: Pass | None = None
        self._held: Pass | None = None
        """The latest idle pass: told after all when something follows, for that time counts from it."""
        self._gap = 0
        self._said: set[tuple[str, str]] = set()
        self.missed = 0
        """Passes that found no room."""
        self.dropped = 0
        """Frames that the camera delivered and the loop had no time for."""
        self.failures: Counter[str] = Counter()
        """How often each sink failed, by the name of its class."""
        self._thread = Thread(target=self._run, name="teller", daemon=True) if threaded else None
        if self._thread:
            self._thread.start()

    @property
    def alive(self) -> bool:
        """False once the thread has ended, which before `close` is a fault of the program."""
        return self._thread is None or self._thread.is_alive()

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:
        """Hand over one pass; never waits for disk or network."""
        self.dropped += observation.dropped
        now = (observation, decision)
        if self._last and self._idle and self._idle(self._last, now):
            passed = observation.time - self._last[0].time
            if 0 <= passed < QUIET_S:
                self._held = now
                return
            # A clock that was set back was so after the pass that is held: by how much counts from that one.
            self._held = self._held if passed < 0 else None
        self._hand_over_held()
        self._hand_over(now, self._image_of(frame, observation))

    def _hand_over_held(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._hand_over(held, None, stated=False)

    def _hand_over(self, now: Pass, image: Pixels | None, stated: bool = True) -> None:
        state = self._resume() if self._resume and stated else None
        meters = self._meters() if self._meters and now[0].sightings else {}
        told = Told(*now, image, state, meters, self._gap)
        happened = image is not None or self._last is None or matters(self._last, now)
        self._last = now
        if self._thread is None:
            self._tell([told])
        elif self._handover.put(told, happened):
            self._gap = 0
        else:
            self._gap += 1
            self.missed += 1
            self._release([told])

    def close(self) -> None:
        """Tell what is still waiting, then close all sinks."""
        self._hand_over_held()
        self._handover.close()
        if self._thread is None:
            self._close_sinks()
            return
        self._thread.join(CLOSING_S)
        if self._thread.is_alive():
            log.error("the disk did not answer within %.0f s; the last visits may be missing", CLOSING_S)

    def _image_of(self, frame: Frame | None, observation: Observation) -> Pixels | None:
        if frame is None or self._picture is None or not self._picture(observation):
            return None
        if self._thread is None:
            return frame.image
        return frame.image.copy() if self._frames.acquire(blocking=False) else None

    def _run(self) -> None:
        try:
            while (passes := self._handover.take(PERIOD_S)) is not None:
                self._tell(passes)
            self._close_sinks()
        except Exception:  # the top of a thread: whoever watches `alive` restarts the program
            log.exception("the teller has stopped")

    def _tell(self, passes: Sequence[Told]) -> None:
        faults = [
            self._guarded(sink, lambda sink=sink: sink.tell(passes))  # type: ignore[misc]
            for sink in self._sinks
        ]
        self._release(passes)
        self._say_health(next((fault for fault in faults if fault), None), passes)

    def _say_health(self, fault: str | None, passes: Sequence[Told]) -> None:
        if self._health is None or not passes:
            return
        last = passes[-1].observation
        state, text = (State.FAULT, fault) if fault else (State.OK, "everything is kept")
        at_fault = Fault.DISK if fault else None
        self._health.set("memory", state, text, time=last.time, wall=last.wall, fault=at_fault)

    def _close_sinks(self) -> None:
        for sink in self._sinks:
            self._guarded(sink, sink.close)

    def _guarded(self, sink: Sink, action: Callable[[], None]) -> str | None:
        """Do it, and what went wrong."""
        try:
            action()
        except (LatchlensError, OSError) as error:
            name = type(sink).__name__
            self.failures[name] += 1
            kind = (name, re.sub(r"\d+", "", str(error)))
            if kind not in self._said:
                self._said.add(kind)
                log.error("%s", error)
            return str(error)
        return None

    def _release(self, passes: Sequence[Told]) -> None:
        if self._thread is not None:
            for told in passes:
                if told.image is not None:
                    self._frames.release()


def matters(before: Pass, now: Pass) -> bool:
    """Whether something happened between two passes that people want to know at once."""
    return bool(now[1].visits or now[1].events) or _standing(before) != _standing(now)


def _standing(passed: Pass) -> tuple[object, ...]:
    observation, decision = passed
    inputs = observation.inputs
    told = (decision.outcome, decision.rule, decision.lease is None, decision.would)
    return (
        *told,
        observation.settings,
        observation.blind,
        observation.faults,
        inputs.door,
        inputs.bolt,
        inputs.refusal,
    )
