"""Access keys for programs that sign their requests, as those with the AWS SDK do.

Signature Version 4 never sends the secret: both sides compute with it. So unlike a token's, the secret itself
must be kept, in a file for the device's user only. To encrypt it with a key on the same disk would not help.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from device.errors import ConfigError
from device.web.caller import Scope
from device.web.secrets_file import SecretsFile
from device.web.tokens import NAME

ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ID_PREFIX = "LATCHLENS"
"""Unlike an id of Amazon's, so that nobody takes one for the other."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key as it is kept."""

    name: str
    scope: Scope
    id: str
    secret: str = field(repr=False)
    created: str = ""
    """UTC date, empty if the clock was not set."""


class AccessKeys:
    """The access keys in the state directory; what another process makes or revokes holds at once."""

    def __init__(self, state: Path) -> None:
        self._file = SecretsFile(state, "keys.json", AccessKey)

    def all(self) -> tuple[AccessKey, ...]:
        return self._file.read()

    def create(self, name: str, scope: Scope, wall: float | None = None) -> AccessKey:
        """A new key.

        Raises:
            ConfigError: the name is taken, or is none.
            StoreError: it cannot be kept.
        """
        if not NAME.fullmatch(name):
            raise ConfigError(f"{name!r} is no name for a key; use letters, digits, dots and dashes")
        if any(key.name == name for key in self.all()):
            raise ConfigError(f"there is a key {name!r} already; revoke it first, or choose another name")
        made = AccessKey(name, scope, _new_id(), secrets.token_urlsafe(30), _date(wall))
        self._file.write((*self.all(), made))
        return made

    def revoke(self, name: str) -> None:
        """Refuse the key `name` from now on.

        Raises:
            ConfigError: there is none.
        """
        kept = tuple(key for key in self.all() if key.name != name)
        if len(kept) == len(self.all()):
            known = ", ".join(key.name for key in self.all()) or "none"
            raise ConfigError(f"there is no key {name!r}; known are: {known}")
        self._file.write(kept)

    def find(self, key_id: str) -> AccessKey | None:
        """The key of that id, None if it is none of ours."""
        return next((key for key in self.all() if key.id == key_id), None)


def _new_id() -> str:
    return ID_PREFIX + "".join(secrets.choice(ID_LETTERS) for _ in range(11))


def _date(wall: float | None) -> str:
    return "" if wall is None else f"{datetime.fromtimestamp(wall, UTC):%Y-%m-%d}"
