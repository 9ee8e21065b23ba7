"""The journal as a folder of files within a byte quota: full ones are closed, the oldest deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from device.errors import StoreError
from device.messages import Decision, Observation
from device.tell.journal import Header, JournalFile, State

PARTS = 16
"""Into how many files the quota is divided: so much at most is lost when the oldest is deleted."""
RETRY_S = 10.0
"""How long after a fault the disk is left in peace."""


class JournalFolder:
    """Implements journal.Journal; files are numbered, for a clock without a battery cannot order them.

    A file is full at a sixteenth of the quota and ends at the next pass after which the policy can
    say its state. If none comes until it has twice that size, the next file continues in the midst
    of things, and so it does after passes were lost; its header then names the file before it.
    """

    def __init__(self, folder: Path, header: Header, quota_bytes: int) -> None:
        self._folder = folder
        self._header = header
        self._quota = quota_bytes
        self._full = max(quota_bytes // PARTS, 1)
        self._file: JournalFile | None = None
        self._missed = 0
        self._failed: float | None = None
        """When the last pass could not be written."""

    @property
    def path(self) -> Path | None:
        """The file being written; None before the first pass."""
        return self._file.path if self._file else None

    @property
    def full(self) -> bool:
        """Whether the policy's state is wanted with the next pass, so that a new file can begin.

        Asked by the loop's thread while the teller's may be closing the file, which is read once therefore.
        """
        file = self._file
        return file is not None and file.size >= self._full - self._full // 8

    def append(self, observation: Observation, decision: Decision, state: State | None = None) -> None:
        """Take one pass, in a new file if the one before was full; after a fault wait before trying again."""
        if self._failed is not None and 0 <= observation.time - self._failed < RETRY_S:
            self._missed += 1
            return
        self._failed = None
        try:
            if self._file is None:
                self._file = self._begin(observation.wall)
            self._file.append(observation, decision)
            if self._file.size >= self._full and state is not None:
                self._end(replace(self._header, state=state, continues="", missed=0))
            elif self._file.size >= 2 * self._full:
                self._end(replace(self._header, state={}, continues=self._file.path.name, missed=0))
        except StoreError:
            self._failed = observation.time
            self.gap(1)
            raise

    def gap(self, missed: int) -> None:
        """A hole in a file would be taken for a wrong decision, so a new file begins behind it."""
        self._missed += missed
        if self._file is None:
            return
        file, self._file = self._file, None
        if file.abandon():
            self._header = replace(self._header, state={}, continues=file.path.name, missed=0)

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _begin(self, wall: float | None) -> JournalFile:
        parts = self._parts()
        number = int(parts[-1].name[:6]) + 1 if parts else 1
        date = "" if wall is None else f"-{datetime.fromtimestamp(wall, UTC):%Y%m%dT%H%M%SZ}"
        self._make_room(parts)
        file = JournalFile(
            self._folder / f"{number:06}{date}.jsonl", replace(self._header, missed=self._missed)
        )
        self._missed = 0
        return file

    def _end(self, following: Header) -> None:
        if self._file is not None:
            self._header = following
            self._file.close()
            self._file = None

    def _parts(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9][0-9][0-9][0-9][0-9][0-9]*.jsonl"))

    def _make_room(self, parts: list[Path]) -> None:
        """Delete the oldest until the new file may grow to its greatest size."""
        try:
            sizes = {path: path.stat().st_size for path in parts}
            for path in parts:
                if sum(sizes.values()) + 2 * self._full <= self._quota:
                    return
                path.unlink()
                del sizes[path]
        except OSError as error:
            raise StoreError(
                f"{self._folder}: an old journal cannot be deleted: {error.strerror}; check who owns it"
            ) from None
