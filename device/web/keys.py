"""Access keys for programs that sign their requests, as those with the AWS SDK do.

Signature Version 4 never sends the secret: both sides compute with it. So unlike a token's, the secret itself
must be kept, in a file for the device's user only. To encrypt it with a key on the same disk would not help.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from device.web.caller import Scope
from device.web.credentials import Credentials, day

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


class AccessKeys(Credentials[AccessKey]):
    """The access keys in the state directory."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, "keys.json", AccessKey, "key")

    def create(self, name: str, scope: Scope, wall: float | None = None) -> AccessKey:
        """A new key; raises ConfigError if the name is taken, or is none."""
        self.require_free(name)
        made = AccessKey(name, scope, _new_id(), secrets.token_urlsafe(30), day(wall))
        self.add(made)
        return made

    def find(self, key_id: str) -> AccessKey | None:
        """The key of that id, None if it is none of ours."""
        return next((key for key in self.all() if key.id == key_id), None)


def _new_id() -> str:
    return ID_PREFIX + "".join(secrets.choice(ID_LETTERS) for _ in range(11))
