"""Tokens for programs: each has a name and a scope, and is shown once; its SHA-256 is kept.

A token has 256 random bits, so that a plain hash is as good as a slow one.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from device.errors import ConfigError
from device.web.caller import Caller, Scope
from device.web.secrets_file import SecretsFile

PREFIX = "latchlens_"
"""By it, scanners for forgotten secrets find a token."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept."""

    name: str
    scope: Scope
    sha256: str
    created: str = ""
    """UTC date, empty if the clock was not set."""


class Tokens:
    """The tokens in the state directory; what another process makes or revokes holds at once."""

    def __init__(self, state: Path) -> None:
        self._file = SecretsFile(state, "tokens.json", Token)

    def all(self) -> tuple[Token, ...]:
        return self._file.read()

    def create(self, name: str, scope: Scope, wall: float | None = None) -> str:
        """A new token, which is not kept in this form.

        Raises:
            ConfigError: the name is taken, or is none.
            StoreError: it cannot be kept.
        """
        if not NAME.fullmatch(name):
            raise ConfigError(f"{name!r} is no name for a token; use letters, digits, dots and dashes")
        if any(token.name == name for token in self.all()):
            raise ConfigError(f"there is a token {name!r} already; revoke it first, or choose another name")
        text = PREFIX + secrets.token_urlsafe(32)
        created = "" if wall is None else f"{datetime.fromtimestamp(wall, UTC):%Y-%m-%d}"
        self._file.write((*self.all(), Token(name, scope, _digest(text), created)))
        return text

    def revoke(self, name: str) -> None:
        """Refuse the token `name` from now on.

        Raises:
            ConfigError: there is none.
        """
        kept = tuple(token for token in self.all() if token.name != name)
        if len(kept) == len(self.all()):
            known = ", ".join(token.name for token in self.all()) or "none"
            raise ConfigError(f"there is no token {name!r}; known are: {known}")
        self._file.write(kept)

    def caller(self, text: str) -> Caller | None:
        """Who carries this token, None if it is none of ours."""
        digest = _digest(text)
        for token in self.all():
            if secrets.compare_digest(token.sha256, digest):
                return Caller(token.name, token.scope)
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
