"""The loop's line to a guard that is a process of its own.

It has no thread. The guard streams its reports into the socket, and whoever asks for the inputs gets the
newest of them. When the guard is gone, the inputs say so, nothing is held, and it is tried again and again. A
lease is never kept for later: on a new line the guard hears the next one that the loop gives, or none.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from device.act.guard import PANIC
from device.act.local import HANGING_S, PERIOD_S
from device.act.protocol import REPORT_BYTES, NotUnderstoodError, Order, Report, Word, packed, report_of
from device.errors import HardwareError
from device.interfaces import Clock
from device.messages import Door, Inputs, Lease

AGAIN_S = 0.5
"""A guard that is gone is tried again after so long."""

FRESH_S = 5 * PERIOD_S
"""A report that is older lay behind a backlog, or the guard is busy: a newer one is waited for, no longer."""

PANIC_S = 2.0
"""How long a guard may take to answer whoever presses panic from afar."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class Link:
    """Implements interfaces.Bolt, over a guard that listens at `path`."""

    def __init__(self, path: Path, clock: Clock, wiring: str = "") -> None:
        """`wiring` is the digest of what the guard should have been started with."""
        self._path = path
        self._wiring = wiring
        self._clock = clock
        self._line: socket.socket | None = None
        self._number = 0
        self._report: Report | None = None
        """The newest report of the line as it is now; None until there is one."""
        self._last = Inputs(time=clock.now(), answers=False)
        """The newest inputs of any line."""
        self._called = float("-inf")
        self._why = "it has not answered yet"
        self._gone = False
        self._said: Callable[[str], None] | None = None

    def tell(self, said: Callable[[str], None]) -> None:
        """Let `said` know what is odd about the guard, "" for nothing: now, and at each new line."""
        self._said = said
        if self._report is not None:
            said(self._oddity(self._report))

    def hold(self, lease: Lease | None) -> None:
        """Hold the bolt open under `lease`, or give any up; while the guard is gone this is lost for good."""
        word = Word.NO_LEASE if lease is None else Word.HOLD
        if self._line is None or self._report is None:
            return
        self._number += 1
        order = Order(word, bytes.fromhex(self._report.line), self._number, lease)
        try:
            self._line.send(packed(order))
        except OSError as error:  # it hangs and reads nothing any more, or is gone
            self._drop(f"it takes no orders: {error.strerror or error}")

    def inputs(self) -> Inputs:
        """The newest snapshot; `answers` is false, and `refusal` says why, while the guard is gone."""
        if self._line is None:
            self._call()
        self._hear()
        if self._line is not None and (self._report is None or self._age() > FRESH_S):
            self._wait()
            self._hear()
        if self._line is not None and self._age() > HANGING_S:
            self._drop(f"it has said nothing for {HANGING_S:g} s")
        if self._report is None:
            return self._without()
        if self._gone:
            log.warning("the guard answers")
            self._gone = False
        if self._report.held and not self._report.heard:
            return replace(self._report.inputs, refusal="another process holds the bolt; end it")
        return self._report.inputs

    def panic(self) -> None:
        """Press the panic button, in any thread: straight to the guard, on a line of its own.

        Raises:
            HardwareError: the guard does not answer.
        """
        press(self._path)

    @property
    def resting(self) -> bool:
        """Whether the bolt has been driven to its rest and no coil is powered; false while nobody knows."""
        return self._report is not None and self._report.resting

    @property
    def report(self) -> Report | None:
        """What the guard said last; None while it is gone."""
        return self._report

    def start(self, clock: Clock) -> None:
        """Call the guard; one that is not there yet is tried again whenever the inputs are asked for."""
        self._clock = clock
        self.inputs()

    def stop(self) -> None:
        """Hang up: the guard then brings the bolt to rest by itself."""
        if self._line is not None:
            self._line.close()
            self._line = self._report = None

    def _age(self) -> float:
        since = self._called if self._report is None else self._report.inputs.time
        return self._clock.now() - since

    def _call(self) -> None:
        now = self._clock.now()
        if now - self._called < AGAIN_S:
            return
        self._called = now
        try:
            self._line = call(self._path)
        except HardwareError as error:
            self._why = str(error)
        else:
            self._number = 0

    def _hear(self) -> None:
        """Take in everything that the guard has said; only the newest of it matters."""
        newest = b""
        ended: str | None = None
        while self._line is not None and ended is None:
            try:
                message = self._line.recv(REPORT_BYTES)
            except BlockingIOError:
                break
            except OSError as error:
                ended = f"the line broke: {error.strerror or error}"
            else:
                newest = message or newest
                ended = None if message else self._hung_up()
        if newest:
            try:
                self._take(report_of(newest))
            except NotUnderstoodError as error:
                ended = str(error)
        if ended is not None:
            self._drop(ended)

    def _take(self, report: Report) -> None:
        before, self._report, self._last = self._report, report, report.inputs
        if before is None and self._said is not None:
            self._said(self._oddity(report))

    def _oddity(self, report: Report) -> str:
        if report.fault:
            return f"the guard goes on with an earlier project file: {report.fault}"
        if self._wiring and report.wiring != self._wiring:
            return (
                "the guard was started with other pins than the project file says now; start the device again"
            )
        return ""

    def _hung_up(self) -> str:
        if self._report is None:
            return (
                "it hung up at once: only its own user, root and --user may call it, and only a few at a time"
            )
        return "it hung up"

    def _wait(self) -> None:
        """Wait a little for the next report; a guard that lives sends one every 20 ms."""
        assert self._line is not None
        self._line.settimeout(FRESH_S)
        with suppress(OSError):
            self._line.recv(1, socket.MSG_PEEK)
        self._line.setblocking(False)

    def _drop(self, why: str) -> None:
        if self._line is not None:
            self._line.close()
        self._line = self._report = None
        self._why = why

    def _without(self) -> Inputs:
        """All that is known without the guard: how the bolt was when it was last heard of."""
        if not self._gone and self._line is None:
            log.critical("the guard is gone: %s; nothing opens until it answers", self._why)
            self._gone = True
        refusal = f"the guard does not answer: {self._why}"
        return Inputs(self._last.time, Door.UNKNOWN, self._last.bolt, refusal=refusal, answers=False)


def call(path: Path) -> socket.socket:
    """A new line to the guard that listens at `path`; it never blocks.

    Raises:
        HardwareError: nobody listens there, or not to this user.
    """
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.setblocking(False)
    try:
        line.connect(str(path))
    except OSError as error:
        line.close()
        raise HardwareError(
            f"no guard answers at {path}: {error.strerror or error}; see `systemctl status latchlens-guard`"
        ) from None
    return line


def look(path: Path, seconds: float = PANIC_S) -> Report:
    """What the guard at `path` says, without a word about the bolt.

    Raises:
        HardwareError: it does not answer within `seconds`, or is of another version.
    """
    with closing(call(path)) as line:
        return _first(line, path, seconds)


def press(path: Path) -> None:
    """Press the panic button of the guard at `path`, and wait until it has seen that.

    Raises:
        HardwareError: it does not answer.
    """
    ends = time.monotonic() + PANIC_S
    with closing(call(path)) as line:
        report = _first(line, path, PANIC_S)
        order = packed(Order(Word.PANIC, bytes.fromhex(report.line), 1))
        _with_patience(lambda: line.send(order), path)
        while not report.inputs.buttons.get(PANIC, False):
            if time.monotonic() > ends:
                raise HardwareError(f"the guard at {path} does not say that it heard of the panic; try again")
            report = _first(line, path, PANIC_S)


def _first(line: socket.socket, path: Path, seconds: float) -> Report:
    line.settimeout(seconds)
    message = _with_patience(lambda: line.recv(REPORT_BYTES), path)
    if not message:
        raise HardwareError(f"the guard at {path} hung up: this user may not call it, or too many do")
    try:
        return report_of(message)
    except NotUnderstoodError as error:
        raise HardwareError(str(error)) from None


def _with_patience(do: Callable[[], T], path: Path) -> T:
    try:
        return do()
    except OSError as error:
        raise HardwareError(f"the guard at {path} does not answer: {error.strerror or error}") from None
