"""The desk between teller and courier: what should stand at the broker, and what just happened."""

from __future__ import annotations

import select
from collections import deque
from contextlib import suppress
from socket import socketpair
from threading import Lock
from time import monotonic

NEWS = 64
"""So many passing messages wait at most; they are of no use to anyone later."""

Message = tuple[str, str | bytes]
"""A topic below the device's prefix and its payload."""


class Desk:
    """Puts are for any thread and never wait; the courier takes. Of a state only the newest counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._states: dict[str, str | bytes] = {}
        self._news: deque[Message] = deque(maxlen=NEWS)
        self._bell, self.waker = socketpair()
        self._bell.setblocking(False)
        self.waker.setblocking(False)
        self.closed = False

    def state(self, topic: str, payload: str | bytes) -> None:
        """Let `payload` stand at `topic`, retained, as soon as there is a broker."""
        with self._lock:
            changed = self._states.get(topic) != payload
            self._states[topic] = payload
        if changed:
            self.ring()

    def news(self, topic: str, payload: str) -> None:
        """Say something that is of use only now."""
        with self._lock:
            self._news.append((topic, payload))
        self.ring()

    def ring(self) -> None:
        """Wake the courier: there are letters in the outbox."""
        with suppress(BlockingIOError, OSError):  # a full pipe has rung already
            self._bell.send(b"!")

    def close(self) -> None:
        """Let the courier say what there is to say, and go."""
        self.closed = True
        self.ring()

    def states(self) -> dict[str, str | bytes]:
        """Everything that should stand at the broker."""
        with self._lock:
            return dict(self._states)

    def take_news(self) -> list[Message]:
        with self._lock:
            taken = list(self._news)
            self._news.clear()
        return taken

    def quieten(self) -> None:
        """The courier has heard the bell."""
        with suppress(BlockingIOError):
            while self.waker.recv(4096):
                pass

    def sleep(self, seconds: float) -> None:
        """Wait until the desk closes or `seconds` passed, whatever is put meanwhile."""
        poll = select.poll()
        poll.register(self.waker, select.POLLIN)
        until = monotonic() + seconds
        while not self.closed and (left := until - monotonic()) > 0:
            poll.poll(left * 1000)
            self.quieten()

    def dispose(self) -> None:
        """Give the sockets back, once the courier is gone."""
        self._bell.close()
        self.waker.close()
