"""Who asks, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from device.errors import ConfigError, hint


class Scope(StrEnum):
    """What a caller may do; each includes those before it."""

    READ = "read"
    """Look: state, visits, pictures, figures."""
    ACT = "act"
    """Also let in, lock, set the mode, press the panic button."""
    ADMIN = "admin"
    """Also read and change the configuration, and say whether the bolt obeys."""

    @classmethod
    def named(cls, text: str) -> Scope:
        """The scope that somebody wrote on the command line; raises ConfigError if there is none of it."""
        known = {each.value: each for each in cls}
        if text not in known:
            raise ConfigError(f"--scope {text} does not exist; {hint(text, known)}")
        return known[text]

    def allows(self, wanted: Scope) -> bool:
        order = list(Scope)
        return order.index(self) >= order.index(wanted)


class Role(StrEnum):
    """Who logs in with a password."""

    OWNER = "owner"
    VIEWER = "viewer"

    @property
    def scope(self) -> Scope:
        return Scope.ADMIN if self is Role.OWNER else Scope.READ


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone who has proven who they are."""

    name: str
    scope: Scope
    csrf: str | None = None
    """What a request that changes something must carry, if the browser proves the caller by itself."""
