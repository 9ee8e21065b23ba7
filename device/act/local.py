"""The guard inside this process: reads the inputs, steps the rules, drives the pins."""

from __future__ import annotations

import atexit
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from device.act.drivers import BoltDriver, ChipSource, Input, Part, Signal
from device.act.guard import PANIC, Guard, GuardSettings, Outputs
from device.errors import HardwareError
from device.interfaces import Clock
from device.messages import BoltState, ChipRead, Inputs, Lease

PERIOD_S = 0.02
REST_S = 5.0
"""Longest wait for the bolt to come to rest before its power is taken away."""

HANGING_S = 2.0
"""A guard that has not stepped for so long hangs in some driver."""

PRESS_S = 1.5
"""A press of the panic button from afar lasts so long, so that a loop with a pass a second sees it, too."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """The bolt's state changed at `time`."""

    time: float
    state: BoltState


class LocalGuard:
    """The loop's line to the bolt, and the thread behind it.

    On hardware `start` steps every 20 ms, and at once when the loop has spoken; whoever plays a recording
    calls `step` with the recording's time instead, and no thread exists.
    """

    def __init__(
        self,
        guard: Guard,
        bolt: BoltDriver,
        inputs: Sequence[Input],
        signals: Sequence[Signal],
        chip: ChipSource | None,
    ) -> None:
        self.history: deque[Change] = deque(maxlen=10_000)
        self._guard = guard
        self._bolt = bolt
        self._inputs = inputs
        self._signals = signals
        self._chip = chip
        self._latest_chip: ChipRead | None = None
        self._words: tuple[int, Lease | None] = (0, None)
        self._heard = 0
        self._driven: tuple[bool, bool] | None = None
        self._snapshot = Inputs(time=0.0, bolt=BoltState.UNLOCKED)
        self._failure: Exception | None = None
        self._thread: threading.Thread | None = None
        self._clock: Clock | None = None
        self._started = 0.0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._panicked = False
        self._pressed_until = float("-inf")
        self._closed = False
        self._broken: list[Part] = []

    def hold(self, lease: Lease | None) -> None:
        """Hold the bolt open under `lease`; None gives any lease up. Both count as a word from the loop."""
        self._words = (self._words[0] + 1, lease)
        self._wake.set()

    def panic(self) -> None:
        """Press the panic button from afar, in any thread: the way out opens whatever the loop does."""
        self._panicked = True
        self._wake.set()

    def hang_up(self) -> None:
        """Count the loop as gone: its lease is given up, and the bolt goes to rest at the next step."""
        self._words = (self._heard, None)
        self._guard.fall_silent()

    def inputs(self) -> Inputs:
        """The latest snapshot, with the bolt as it is sensed.

        Raises:
            HardwareError: the guard's thread has failed, and the bolt was sent to rest; or it hangs.
        """
        if self._failure is not None:
            raise HardwareError(
                f"the guard stopped: {self._failure}; the bolt was sent to rest"
            ) from self._failure
        if (
            self._clock is not None
            and self._clock.now() - max(self._snapshot.time, self._started) > HANGING_S
        ):
            raise HardwareError(
                f"the guard has not answered for {HANGING_S:g} s: a pin or port hangs; start again"
            )
        return self._snapshot

    @property
    def resting(self) -> bool:
        """Whether the bolt has been driven to its rest and no coil is powered."""
        return self._guard.resting

    def step(self, now: float) -> Inputs:
        """Read, decide and drive once, at `now` in monotonic seconds; returns the new snapshot."""
        words, lease = self._words
        spoke, self._heard = words != self._heard, words
        return self._step(now, lease, spoke)

    def _step(self, now: float, lease: Lease | None, spoke: bool) -> Inputs:
        raw = self._read(now)
        if self._panicked:
            self._panicked = False
            self._pressed_until = now + PRESS_S
        if now < self._pressed_until:
            raw = replace(raw, buttons={**raw.buttons, PANIC: True})
        outputs = self._guard.step(now, lease, raw, spoke)
        self._drive(outputs)
        self._snapshot = replace(raw, bolt=outputs.state, refusal=outputs.refusal)
        for signal in self._signals:
            with self._sparing(signal):
                signal.show(self._snapshot)
        return self._snapshot

    def tell(self, said: Callable[[str], None]) -> None:
        """Nothing about a guard of this process is odd: `said` hears "" once."""
        said("")

    def start(self, clock: Clock) -> None:
        """Step in a thread from now on, until `stop`; the bolt also comes to rest when the process ends."""
        self._clock, self._started = clock, clock.now()
        self._thread = threading.Thread(target=self._run, args=(clock,), name="guard", daemon=True)
        atexit.register(self.stop)
        self._thread.start()

    def stop(self, pace: Callable[[], float] | None = None) -> None:
        """Bring a bolt that was driven to rest and give every pin back; harmless when repeated.

        Whoever plays time without the thread may say how it passes meanwhile: `pace` lets some of it
        pass and returns the time then.
        """
        atexit.unregister(self.stop)
        if self._thread is not None:
            self._stopping.set()
            self._wake.set()
            self._thread.join(REST_S + HANGING_S)
            if self._thread.is_alive():
                log.critical(
                    "the guard hangs and cannot bring the bolt to rest; only the hardware's limit can"
                )
        elif self._driven is not None:
            self._finish(pace or self._after_last_step)
        elif not self._closed:
            self._closed = True
            self._close()

    def rest(self, pace: Callable[[], float]) -> None:
        """As `stop`, and even if this guard has never moved the bolt: another may have left it anywhere."""
        self._finish(pace)

    def _run(self, clock: Clock) -> None:
        try:
            while not self._stopping.is_set():
                self._wake.clear()
                self.step(clock.now())
                self._wake.wait(PERIOD_S)
        except Exception as error:
            log.exception("the guard failed; the bolt goes to rest")
            self._failure = error
        finally:
            self._finish(lambda: self._paced(clock))

    def _paced(self, clock: Clock) -> float:
        self._wake.clear()
        self._wake.wait(PERIOD_S)
        return clock.now()

    def _after_last_step(self) -> float:
        return self._snapshot.time + PERIOD_S

    def _finish(self, next_time: Callable[[], float]) -> None:
        """Come to rest, then take the power away, whatever goes wrong on the way."""
        if self._closed:
            return
        self._closed = True
        try:
            self._come_to_rest(next_time)
        except Exception:
            log.exception("the bolt does not come to rest; its power is taken away")
        finally:
            self._close()

    def _come_to_rest(self, next_time: Callable[[], float]) -> None:
        self._guard.fall_silent()
        for _ in range(round(REST_S / PERIOD_S)):
            self._step(next_time(), lease=None, spoke=False)
            if self._guard.resting:
                return
        log.warning("the bolt is %s, not at rest: %s", self._snapshot.bolt, self._snapshot.refusal)

    def _close(self) -> None:
        """Close every part, the bolt first; one that fails does not keep the others open."""
        chip = () if self._chip is None else (self._chip,)
        parts: tuple[Part, ...] = (self._bolt, *self._signals, *self._inputs, *chip)
        for part in parts:
            try:
                part.close()
            except Exception:
                log.exception("%s does not close", type(part).__name__)

    def _read(self, now: float) -> Inputs:
        if self._chip is not None:
            with self._sparing(self._chip):
                self._latest_chip = self._chip.read(now) or self._latest_chip
        snapshot = Inputs(time=now, chip=self._latest_chip)
        for part in self._inputs:
            with self._sparing(part):
                snapshot = part.read(snapshot)
        return snapshot

    @contextmanager
    def _sparing(self, part: Part) -> Iterator[None]:
        """On its way to rest the bolt does without a part that fails; before, such a part ends the guard.

        A sensor that fails writes nothing into the snapshot, so its flap counts as not known to be closed.
        """
        try:
            yield
        except Exception:
            if not self._closed:
                raise
            if part not in self._broken:
                self._broken.append(part)
                log.exception("%s fails; the bolt comes to rest without it", type(part).__name__)

    def _drive(self, outputs: Outputs) -> None:
        coils = outputs.unlock, outputs.lock
        if coils != self._driven:
            self._bolt.drive(outputs)
            self._driven = coils
        if not self.history or self.history[-1].state is not outputs.state:
            self.history.append(Change(outputs.time, outputs.state))
            log.debug("the bolt is %s", outputs.state)


def build(
    settings: GuardSettings,
    bolt: BoltDriver,
    inputs: Sequence[Input] = (),
    signals: Sequence[Signal] = (),
    chip: ChipSource | None = None,
) -> LocalGuard:
    """The guard of one bolt with the drivers that it owns from now on.

    Raises:
        ConfigError: the bolt cannot rest where the settings say.
    """
    senses = {part.senses for part in inputs}
    guard = Guard(settings, bolt.traits, door_sensor="door" in senses, bolt_sensor="bolt" in senses)
    return LocalGuard(guard, bolt, inputs, signals, chip)
