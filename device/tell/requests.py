"""The owner's requests on their way from MQTT, API and page to the loop, which takes them once a pass."""

from __future__ import annotations

import secrets
from collections import deque
from threading import Lock

from device.messages import Ask, Request

WAITING = 16
"""So many requests may wait for a pass; a loop that hangs must not find hundreds when it goes on."""
REMEMBERED = 256
"""Of so many ids it is known that they were asked already."""


class Requests:
    """Implements interfaces.RequestSource; `ask` is for any thread and never waits."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[Request] = deque(maxlen=WAITING)
        self._asked: deque[str] = deque(maxlen=REMEMBERED)

    def ask(self, kind: Ask, by: str, id: str | None = None) -> Request:  # noqa: A002
        """Ask the loop for something in the name of `by`; the same `id` twice counts once."""
        request = Request(id or secrets.token_hex(8), kind, by)
        with self._lock:
            if request.id not in self._asked:
                self._asked.append(request.id)
                self._waiting.append(request)
        return request

    def take(self) -> tuple[Request, ...]:
        """What was asked since the last time, the oldest first."""
        with self._lock:
            taken = tuple(self._waiting)
            self._waiting.clear()
        return taken
