"""The code with which an owner sets the first password from another machine, made on the device, used once.

There is none until somebody who may log in to the device itself asks for it, so that a device which is
switched on in a foreign network belongs to nobody who merely comes first. It is never in the log.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from device.web.secrets_file import SecretsFile

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without what is taken for something else when it is copied by hand."""
GROUPS, LETTERS = 3, 4
"""Twelve letters are 59 bits; a guess costs more time with each."""
LASTS_S = 3600.0
BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class SetupCode:
    """A code as it is kept."""

    sha256: str
    made: float
    """Monotonic seconds: a Pi's date is only a guess at first."""
    boot: str
    """Which start of the computer these seconds count from."""


class SetupCodes:
    """The one code in the state directory; what another process makes holds at once."""

    def __init__(self, state: Path, now: Callable[[], float]) -> None:
        self._file = SecretsFile(state, "setup.json", SetupCode)
        self._now = now

    def make(self) -> str:
        """A new code, which makes any earlier one worthless; raises StoreError if it cannot be kept."""
        letters = [secrets.choice(ALPHABET) for _ in range(GROUPS * LETTERS)]
        code = "-".join("".join(letters[n : n + LETTERS]) for n in range(0, len(letters), LETTERS))
        self._file.write((SetupCode(_digest(code), self._now(), _boot()),))
        return code

    def take(self, text: str) -> bool:
        """Whether `text` is the code, and was not used before; it is now."""
        for code in self._file.read():
            fresh = code.boot == _boot() and 0 <= self._now() - code.made < LASTS_S
            if fresh and secrets.compare_digest(code.sha256, _digest(text)):
                self._file.write(())
                return True
        return False


def _digest(code: str) -> str:
    letters = "".join(each for each in code.upper() if each.isalnum())
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()


def _boot() -> str:
    try:
        return BOOT.read_text().strip()
    except OSError:
        return ""
