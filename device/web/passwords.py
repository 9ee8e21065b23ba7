"""The passwords of owner and viewer, kept as scrypt hashes.

scrypt with N = 2^15, r = 8, p = 1 takes 32 MB and about a tenth of a second on a laptop (RFC 7914; OWASP asks
for p = 3 with it, which a Pi Zero would take seconds for: the back-off on failed logins makes up for it).
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from device.errors import ConfigError
from device.web.caller import Role
from device.web.secrets_file import SecretsFile

COST, BLOCK, PARALLEL = 1 << 15, 8, 1
MEMORY = 64 << 20
"""Bytes that OpenSSL may take for it."""
SHORTEST, LONGEST = 10, 512
"""Characters of a password."""


@dataclass(frozen=True, slots=True)
class Account:
    """A role's password, hashed; salt and hash as hexadecimal digits."""

    role: Role
    salt: str
    hash: str
    cost: int = COST
    block: int = BLOCK
    parallel: int = PARALLEL


class Passwords:
    """The accounts in the state directory; what another process sets holds at once."""

    def __init__(self, state: Path, cost: int = COST) -> None:
        """`cost` is scrypt's N for passwords that are set from now on."""
        self._file = SecretsFile(state, "passwords.json", Account)
        self._cost = cost

    def roles(self) -> tuple[Role, ...]:
        """For whom there is a password."""
        return tuple(account.role for account in self._file.read())

    def set(self, role: Role, password: str) -> None:
        """Set the password of `role`.

        Raises:
            ConfigError: the password is too short or too long.
            StoreError: it cannot be kept.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise ConfigError(
                f"the password has {len(password)} characters; use {SHORTEST} to {LONGEST}, "
                "such as four words that do not belong together"
            )
        salt = secrets.token_bytes(16)
        digest = _hash(password, salt, self._cost, BLOCK, PARALLEL)
        account = Account(role, salt.hex(), digest.hex(), self._cost)
        others = tuple(each for each in self._file.read() if each.role is not role)
        self._file.write((*others, account))

    def remove(self, role: Role) -> None:
        """Let `role` no longer log in; raises StoreError if that cannot be kept."""
        self._file.write(tuple(each for each in self._file.read() if each.role is not role))

    def verify(self, role: Role, password: str) -> bool:
        """Whether this is the password of `role`; it takes as long for a role that has none."""
        account = self._account(role)
        salt = bytes.fromhex(account.salt) if account else bytes(16)
        shape = (account.cost, account.block, account.parallel) if account else (self._cost, BLOCK, PARALLEL)
        found = _hash(password[: LONGEST + 1], salt, *shape)
        return account is not None and secrets.compare_digest(found, bytes.fromhex(account.hash))

    def mark(self, role: Role) -> str:
        """Changes with the password of `role`; empty if it has none."""
        account = self._account(role)
        return account.hash if account else ""

    def _account(self, role: Role) -> Account | None:
        return next((each for each in self._file.read() if each.role is role), None)


def _hash(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    """Keyboards write the same letters with different code points; NFC makes them one."""
    text = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=cost, r=block, p=parallel, maxmem=MEMORY, dklen=32)
