"""Where versions lie, and the links that say which one runs, which to go back to, and which was before.

    versions/0.2.0-1f0c55aa/    whole, and never changed once it has its name
    current    ->  versions/…   what the services start
    fallback   ->  versions/…   there only while an update has not proven itself: what a crash goes back to
    previous   ->  versions/…   what `latchlens update --rollback` takes

A link is exchanged by one rename, so that a power cut leaves the old or the new one. Going back is a single
rename too, of `fallback` over `current`, which also ends the update.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from device.errors import UpdateError

HOME = Path("/opt/latchlens")
CURRENT, FALLBACK, PREVIOUS = "current", "fallback", "previous"
LOCK = ".lock"
"""Held by whoever changes versions; the kernel gives it up with the process."""
DRAFT = ".new-"
"""Begins the names of what is not whole; a start of an update sweeps it away."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folder that everything of Latchlens' program lies in."""

    home: Path = HOME

    @property
    def versions(self) -> Path:
        return self.home / "versions"

    def version(self, name: str) -> Path:
        """The folder of a version, there or not."""
        return self.versions / name

    def named(self, link: str) -> str | None:
        """The version that a link names, None if there is no such link."""
        try:
            return (self.home / link).readlink().name
        except OSError:
            return None

    def point(self, link: str, version: str) -> None:
        """Let `link` name another version, on the disk when this returns.

        Raises:
            UpdateError: there is no such version.
        """
        if not self.version(version).is_dir():
            raise UpdateError(f"there is no version {version} in {self.versions}; install it first")
        draft = self.home / f"{DRAFT}{link}"
        draft.unlink(missing_ok=True)
        draft.symlink_to(Path("versions") / version)
        draft.replace(self.home / link)
        sync_folder(self.home)

    def rename(self, link: str, to: str) -> None:
        """Let `to` name what `link` did, which is no more; on the disk when this returns."""
        (self.home / link).replace(self.home / to)
        sync_folder(self.home)

    def locked(self) -> bool:
        """Whether somebody changes versions just now."""
        try:
            with (self.home / LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def sweep(self) -> None:
        """Take away drafts, and versions that no link names."""
        kept = {self.named(link) for link in (CURRENT, FALLBACK, PREVIOUS)}
        for folder in self.versions.glob("*"):
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """A rename has happened for good only once the folder itself is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
