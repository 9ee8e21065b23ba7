"""The guard as a process: it owns every pin, and whoever may asks it over a socket.

One thread does everything: step the guard's rules, tell everybody how things stand, listen until the next
step is due. Nobody who reads slowly, writes fast or says nonsense can hold a step up: nothing is waited for,
what a reader has no room for is left out, and only so many messages are read between two steps.
"""

from __future__ import annotations

import logging
import secrets
import selectors
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from device.act.hearing import Hearing, Line
from device.act.local import PERIOD_S, LocalGuard
from device.act.protocol import LINE_BYTES, ORDER_BYTES, Report, Word, sealed
from device.errors import HardwareError
from device.interfaces import Clock
from device.messages import Inputs

LINES = 16
"""More connections than so many are refused: a loop, a page's panic button and some who look are a few."""

AT_ONCE = 8
"""So many messages of one line are read between two steps."""

_CREDENTIALS = struct.Struct("3i")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class About:
    """What the guard says of itself."""

    guard: str
    since: float
    wiring: str = ""
    fault: str = ""


class Guardd:
    """One guard behind one socket."""

    def __init__(
        self, guard: LocalGuard, listener: socket.socket, users: frozenset[int], clock: Clock, about: About
    ) -> None:
        """`users` are the user ids that are let in; `listener` is a bound SOCK_SEQPACKET socket."""
        self._guard = guard
        self._users = users
        self._clock = clock
        self._about = about
        self._hearing = Hearing()
        self._lines: dict[socket.socket, Line] = {}
        self._selector = selectors.DefaultSelector()
        self._listener = listener
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ)

    @property
    def held(self) -> bool:
        """Whether somebody's words about leases are heard."""
        return self._hearing.held

    def turn(self) -> None:
        """One step of the guard; then listen until the next is due, or until somebody has said something."""
        began = self._clock.now()
        snapshot = self._guard.step(began)
        for connection in list(self._lines):
            self._report(connection, snapshot)
        self._listen(began + PERIOD_S)

    def close(self) -> None:
        """Hang up on everybody; the guard itself is its builder's to stop."""
        for connection in list(self._lines):
            self._hang_up(connection)
        self._selector.close()

    def _report(self, connection: socket.socket, snapshot: Inputs) -> None:
        """Tell one line how things stand; for one that reads too slowly there is a newer report soon."""
        line = self._lines[connection]
        report = Report(
            line=line.name.hex(),
            guard=self._about.guard,
            since=self._about.since,
            inputs=snapshot,
            resting=self._guard.resting,
            heard=self._hearing.hears(line),
            held=self._hearing.held,
            wiring=self._about.wiring,
            fault=self._about.fault,
            dropped=dict(self._hearing.dropped),
        )
        with suppress(OSError):  # no room, or it is gone: what it said before it went is still to be read
            connection.send(sealed(report))

    def _listen(self, until: float) -> None:
        """Read the lines first: one that has ended makes room for who calls."""
        ready = {key.fileobj for key, _ in self._selector.select(max(until - self._clock.now(), 0.0))}
        for connection in ready - {self._listener}:
            self._read(connection)  # type: ignore[arg-type]
        if self._listener in ready:
            self._accept()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # who called has hung up again, or there are no more descriptors
            return
        user = _user(connection)
        if user not in self._users or len(self._lines) >= LINES:
            why = "too many lines" if user in self._users else "a user who may not"
            self._hearing.dropped[why] += 1
            log.warning("a call of user %d was refused: %s", user, why)
            connection.close()
            return
        connection.setblocking(False)
        self._lines[connection] = Line(secrets.token_bytes(LINE_BYTES), self._clock.now())
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        for _ in range(AT_ONCE):
            try:
                message = connection.recv(ORDER_BYTES + 1)
            except BlockingIOError:
                return
            except ConnectionResetError:  # it hung up with reports unread; what it said first is behind this
                continue
            except OSError:
                message = b""
            if not message:
                self._hang_up(connection)
                return
            self._obey(connection, message)

    def _obey(self, connection: socket.socket, message: bytes) -> None:
        order = self._hearing.hear(self._lines[connection], message)
        if order is None:
            return
        if order.word is Word.PANIC:
            log.warning("panic was pressed from afar")
            self._guard.panic()
        else:
            self._guard.hold(order.lease)

    def _hang_up(self, connection: socket.socket) -> None:
        """A line has ended; if it held the bolt, that goes to rest and does not wait for the lease's end."""
        if self._hearing.close(self._lines.pop(connection)):
            self._guard.hang_up()
        self._selector.unregister(connection)
        connection.close()


def _user(connection: socket.socket) -> int:
    """Whose process is at the other end, as the kernel noted when it called (unix(7))."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(raw)
    return int(user)


def listen_at(path: Path) -> socket.socket:
    """A socket at `path`, in place of what a guard that died has left there.

    Raises:
        HardwareError: another guard answers there, or there is no place for a socket.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        if path.is_socket():
            _refuse_living(path)
            path.unlink()
        listener.bind(str(path))
        listener.listen(LINES)
    except OSError as error:
        listener.close()
        if isinstance(error, HardwareError):
            raise
        raise HardwareError(
            f"{path}: the guard cannot listen there: {error.strerror or error}; "
            "choose a place in a folder that it may write to"
        ) from None
    return listener


def _refuse_living(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as caller, suppress(ConnectionRefusedError):
        caller.connect(str(path))
        raise HardwareError(f"{path}: another guard answers there; end it first")


def serve(
    guard: LocalGuard,
    listener: socket.socket,
    users: frozenset[int],
    clock: Clock,
    about: About,
    goes_on: Callable[[bool], bool],
) -> None:
    """Turn for as long as `goes_on`, then hang up; to bring the bolt to rest is for who built the guard.

    `goes_on` hears before each turn whether somebody holds the bolt.
    """
    guardd = Guardd(guard, listener, users, clock, about)
    try:
        while goes_on(guardd.held):
            guardd.turn()
    finally:
        guardd.close()
