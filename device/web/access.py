"""Everything that proves who asks: passwords, sessions, one-time links, tokens, access keys, and patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from device.web.caller import Caller, Role
from device.web.keys import AccessKeys
from device.web.passwords import COST, Passwords
from device.web.patience import Patience
from device.web.sessions import OneTimeLinks, Sessions
from device.web.setup_code import SetupCodes
from device.web.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Login:
    """How a login went: a session's key, or how long to wait before the next try."""

    key: str | None = None
    wait_s: float = 0.0


class Access:
    """One object for each served device; any thread may ask."""

    def __init__(self, state: Path, now: Callable[[], float] = time.monotonic, cost: int = COST) -> None:
        """`now` gives monotonic seconds; `cost` as for Passwords."""
        self.passwords = Passwords(state, cost)
        self.tokens = Tokens(state)
        self.keys = AccessKeys(state)
        self.sessions = Sessions(self.passwords.mark, now)
        self.links = OneTimeLinks(now)
        self.codes = SetupCodes(state, now)
        self._patience = Patience(now)
        self._verifying = Lock()

    def log_in(self, role: Role, password: str, address: str) -> Login:
        """Try a password; one at a time, for each takes 32 MB and the time of a processor core."""
        if not self._verifying.acquire(blocking=False):
            return Login(wait_s=1.0)
        try:
            if (wait := self._patience.wait_s(address)) > 0:
                return Login(wait_s=wait)
            if not self.passwords.verify(role, password):
                self._patience.failed(address)
                return Login()
            self._patience.succeeded(address)
            return Login(self.sessions.begin(role))
        finally:
            self._verifying.release()

    def follow_link(self, text: str) -> str | None:
        """The key of the owner's session that a one-time link opens, None if it does not."""
        return self.sessions.begin(Role.OWNER) if self.links.take(text) else None

    def follow_code(self, text: str, address: str) -> Login:
        """The owner's first session by a setup code, while there is no password; wrong ones cost time."""
        if (wait := self._patience.wait_s(address)) > 0:
            return Login(wait_s=wait)
        if Role.OWNER in self.passwords.roles() or not self.codes.take(text):
            self._patience.failed(address)
            return Login()
        self._patience.succeeded(address)
        return Login(self.sessions.begin(Role.OWNER))

    def bearer(self, text: str) -> Caller | None:
        """Who carries a token."""
        return self.tokens.caller(text)
