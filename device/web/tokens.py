"""Tokens for programs: each has a name and a scope, and is shown once; its SHA-256 is kept.

A token has 256 random bits, so that a plain hash is as good as a slow one.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from device.web.caller import Caller, Scope
from device.web.credentials import Credentials, day

PREFIX = "latchlens_"
"""By it, scanners for forgotten secrets find a token."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept."""

    name: str
    scope: Scope
    sha256: str
    created: str = ""
    """UTC date, empty if the clock was not set."""


class Tokens(Credentials[Token]):
    """The tokens in the state directory."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, "tokens.json", Token, "token")

    def create(self, name: str, scope: Scope, wall: float | None = None) -> str:
        """A new token, not kept in this form; raises ConfigError if the name is taken, or is none."""
        self.require_free(name)
        text = PREFIX + secrets.token_urlsafe(32)
        self.add(Token(name, scope, _digest(text), day(wall)))
        return text

    def caller(self, text: str) -> Caller | None:
        """Who carries this token, None if it is none of ours."""
        digest = _digest(text)
        for token in self.all():
            if secrets.compare_digest(token.sha256, digest):
                return Caller(token.name, token.scope)
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
