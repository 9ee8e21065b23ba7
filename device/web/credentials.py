"""Credentials of programs, tokens and access keys alike: each by a name, made, listed and revoked."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from device.errors import ConfigError
from device.web.secrets_file import SecretsFile

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Named(Protocol):
    """A credential as it is kept."""

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


class Credentials(Generic[N]):
    """One kind of credential in the state directory; what another process makes or revokes holds at once.

    Every method raises StoreError when the file cannot be read or written.
    """

    def __init__(self, state: Path, file: str, kind: type[N], called: str) -> None:
        """`called` is what an error says: "token" or "key"."""
        self._file = SecretsFile(state, file, kind)
        self._called = called

    def all(self) -> tuple[N, ...]:
        """Those that hold."""
        return self._file.read()

    def require_free(self, name: str) -> None:
        """Accept a name for a new one; raises ConfigError if it is taken, or is none."""
        if not NAME.fullmatch(name):
            raise ConfigError(
                f"{name!r} is no name for a {self._called}; use letters, digits, dots and dashes"
            )
        if any(each.name == name for each in self.all()):
            raise ConfigError(
                f"there is a {self._called} {name!r} already; revoke it first, or choose another name"
            )

    def add(self, made: N) -> None:
        """Accept what carries `made` from now on."""
        self._file.write((*self.all(), made))

    def revoke(self, name: str) -> None:
        """Refuse the one called `name` from now on; raises ConfigError if there is none."""
        kept = tuple(each for each in self.all() if each.name != name)
        if len(kept) == len(self.all()):
            known = ", ".join(each.name for each in self.all()) or "none"
            raise ConfigError(f"there is no {self._called} {name!r}; known are: {known}")
        self._file.write(kept)


def day(wall: float | None) -> str:
    """The UTC date on which one was made, empty if the clock was not set."""
    return "" if wall is None else f"{datetime.fromtimestamp(wall, UTC):%Y-%m-%d}"
