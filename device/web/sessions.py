"""Who is logged in with a browser, and the links that log in once from the device itself."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

from device.web.caller import Caller, Role

LASTS_S = 30 * 86_400.0
"""A session ends so long after the login."""
MOST = 100
"""Sessions at a time; the oldest ends when another begins."""
LINK_LASTS_S = 600.0


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is logged in."""

    role: Role
    csrf: str
    mark: str
    """Of the password with which it began: another password ends it."""
    ends: float


class Sessions:
    """In memory only, by the hash of their keys: who restarts the device logs in again."""

    def __init__(self, mark: Callable[[Role], str], now: Callable[[], float]) -> None:
        """`mark` changes with a role's password, `now` gives monotonic seconds."""
        self._mark = mark
        self._now = now
        self._open: OrderedDict[str, Session] = OrderedDict()
        self._lock = Lock()

    def begin(self, role: Role) -> str:
        """The key of a new session, for the browser's cookie."""
        key = secrets.token_urlsafe(32)
        session = Session(role, secrets.token_urlsafe(32), self._mark(role), self._now() + LASTS_S)
        with self._lock:
            self._open[_digest(key)] = session
            while len(self._open) > MOST:
                self._open.popitem(last=False)
        return key

    def caller(self, key: str) -> Caller | None:
        """Who is logged in with this key, None if nobody is or not any more."""
        session = self._open.get(_digest(key))
        if session is None:
            return None
        if session.ends <= self._now() or session.mark != self._mark(session.role):
            self.end(key)
            return None
        return Caller(session.role.value, session.role.scope, session.csrf)

    def outliving(self, key: str | None, change: Callable[[], None]) -> None:
        """Let `change` set another password; of those that began with the old one only this goes on."""
        session = self._open.get(_digest(key)) if key else None
        change()
        if key and session is not None:
            with self._lock:
                self._open[_digest(key)] = replace(session, mark=self._mark(session.role))

    def end(self, key: str) -> None:
        """Log out; harmless when repeated."""
        with self._lock:
            self._open.pop(_digest(key), None)


class OneTimeLinks:
    """Secrets that each open the owner's session once, within ten minutes."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._valid: dict[str, float] = {}
        self._lock = Lock()

    def make(self) -> str:
        text = secrets.token_urlsafe(32)
        self._valid[_digest(text)] = self._now() + LINK_LASTS_S
        return text

    def take(self, text: str) -> bool:
        """Whether `text` is a link that was not used before; it is now."""
        with self._lock:
            ends = self._valid.pop(_digest(text), None)
        return ends is not None and self._now() < ends


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
