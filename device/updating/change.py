"""Changes the version that runs; wherever that is cut short, the old or the new one runs at the next start.

One rule makes it so: while the link `fallback` is there, the newer version has not proven itself, and whoever
finds the link with no update under way (the computer has just started, or the update was killed) goes back.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from device.errors import UpdateError
from device.updating.history import Account, Stage, read_account, write_account
from device.updating.machine import Keeper, Machine
from device.updating.places import CURRENT, FALLBACK, LOCK, PREVIOUS, Places

TRIAL_S = 600.0
"""So long a newer version must run without a fault before the older one is given up."""
CUT_SHORT = "the computer was switched off, or the update was ended, before it had proven itself"


@dataclass(frozen=True, slots=True)
class Change:
    """Changes versions on one machine."""

    places: Places
    machine: Machine
    keeper: Keeper
    now: Callable[[], str]
    """The time as accounts say it."""
    trial_s: float = TRIAL_S

    def to(self, version: str) -> None:
        """Let `version` take the place of the one that runs, once it has proven itself.

        Raises:
            UpdateError: it has not; the one from before runs again.
        """
        before = self.places.named(CURRENT)
        if before is None:
            raise UpdateError(f"{self.places.home}: no version runs here; run the installer")
        try:
            self._begin(before, version)
        except OSError as fault:
            self.tell(Stage.REFUSED, before, version, str(fault))
            raise
        self.places.point(FALLBACK, before)
        try:
            self._try(before, version)
        except BaseException as fault:  # whatever it is, the door goes on with what worked
            self.go_back(str(fault) or type(fault).__name__)
            if isinstance(fault, OSError):
                raise UpdateError(f"{before} runs again: {fault}") from None
            raise
        self.tell(Stage.DONE, before, version)
        self.keeper.drop()
        self.places.sweep()

    def _begin(self, before: str, version: str) -> None:
        if version == before:
            raise UpdateError(f"{version} runs already")
        self.machine.wait_for_rest()
        self.keeper.drop()  # of an update long ago: what is brought back later must be from now
        self.tell(Stage.TESTING, before, version)

    def _try(self, before: str, version: str) -> None:
        self.machine.stop()
        self.keeper.keep()
        self.keeper.suit(version)
        self.places.point(CURRENT, version)
        self.machine.prove()
        self.keeper.write_up_to_date(version)
        self.machine.start()
        self.tell(Stage.TRIAL, before, version)
        self.machine.watch(self.trial_s)
        self.places.rename(FALLBACK, PREVIOUS)  # from here on the newer one is the one that counts

    def go_back(self, reason: str = CUT_SHORT) -> bool:
        """Let the older version run again if an update has not ended; whether that was so.

        What cuts this short is made good by doing it again.

        Raises:
            UpdateError: what was kept from before cannot be put back. The older version is started all the
                same, for a door does better with a guard than with nothing; the next start tries again.
        """
        before = self.places.named(FALLBACK)
        if before is None:
            return False
        told = read_account(self.places.home)
        tried = told.after if told and told.under_way else ""
        self.machine.stop()
        try:
            self.keeper.bring_back()
        except UpdateError:
            self.places.point(CURRENT, before)
            self.machine.start()
            raise
        with suppress(OSError):  # a disk that is full keeps nobody from going back
            self.tell(Stage.CAME_BACK, before, tried, reason)
        self.places.rename(FALLBACK, CURRENT)
        self.machine.start()
        return True

    def tell(self, stage: Stage, before: str, after: str, reason: str = "") -> None:
        """Note for people how far the update is."""
        write_account(self.places.home, Account(stage, before, after, reason, self.now()))


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Only one program at a time changes versions; the kernel ends this with the program.

    Raises:
        UpdateError: another one is at it.
    """
    with (places.home / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UpdateError("an update is under way already; `latchlens update --status` tells") from None
        yield
