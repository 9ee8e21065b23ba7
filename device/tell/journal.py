"""The journal: what every pass saw and decided, one JSON line each, to be decided again later.

The first line of a file tells what the decisions depended on; every further line is one pass. The
same passes give the same bytes. A power cut may cost the last line, never an earlier one.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pydantic import JsonValue

from device.errors import StoreError
from device.messages import Decision, Observation
from device.tell import wire
from device.tell.wire import Pass, read_pass, write_pass, written

log = logging.getLogger(__name__)

FORMAT = 1
"""Of the journal's lines; a file with another number is refused."""
LONGEST_HEADER = 4_000_000
"""Bytes; a longer first line is that of some other file."""

State = Mapping[str, JsonValue]
"""What a policy needs in order to go on deciding from some moment, as JSON."""


@cache
def latchlens_version() -> str:
    try:
        return version("latchlens")
    except PackageNotFoundError:
        return "unknown"


@dataclass(frozen=True, slots=True)
class Header:
    """What the decisions of a journal depend on besides the observations."""

    project: str
    """The project file's text."""
    models: Mapping[str, str] = field(default_factory=dict)
    """The sha256 of each model and head by name."""
    state: Mapping[str, JsonValue] = field(default_factory=dict)
    """The policy's state before the first pass."""
    continues: str = ""
    """The file of which this one is the continuation, if it does not begin at such a state."""
    missed: int = 0
    """How many passes at least were lost between the two files, for want of time or room on the disk."""
    latchlens: str = field(default_factory=latchlens_version)
    journal: int = FORMAT


class Journal(Protocol):
    """Takes passes in their order."""

    def append(self, observation: Observation, decision: Decision, state: State | None = None) -> None:
        """Take one pass; `state` is the policy's after it, if a new file may begin from there."""
        ...

    def gap(self, missed: int) -> None:
        """Note that `missed` passes were lost after those that were appended."""
        ...

    def flush(self) -> None:
        """Hand everything to the operating system."""
        ...

    def close(self) -> None: ...


class JournalFile:
    """Implements Journal in one file, which is begun anew.

    Raises:
        StoreError: from every method, when the file cannot be written.
    """

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.size = 0
        """Bytes so far."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("wb")
        except OSError as error:
            raise _cannot_write(path, error) from None
        try:
            self._write(written(header).encode())
        except StoreError:
            self.abandon()
            raise

    def append(self, observation: Observation, decision: Decision, state: State | None = None) -> None:  # noqa: ARG002
        self._write(write_pass(observation, decision))

    def gap(self, missed: int) -> None:
        """A single file cannot be continued elsewhere, so it says where it has a hole."""
        self._write(json.dumps({"missed": missed}).encode())

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            raise _cannot_write(self.path, error) from None

    def close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            raise _cannot_write(self.path, error) from None

    def abandon(self) -> bool:
        """Close the file whatever happens; False if nothing had reached it and it was taken away."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            if self.path.is_file() and self.path.stat().st_size == 0:
                self.path.unlink()
                return False
        return True

    def _write(self, line: bytes) -> None:
        try:
            self.size += self._file.write(line + b"\n")
        except OSError as error:
            raise _cannot_write(self.path, error) from None


def quiet(before: Pass, now: Pass) -> bool:
    """Whether nothing was looked at, seen, permitted, counted down or told, and nothing has changed.

    `before` is the last pass that was kept. Whoever leaves such passes out must know besides that no
    visit is open, for its end is found by time.
    """
    (seen, decided), (sees, decides) = before, now
    silent = not (decides.visits or decides.events or decides.lockouts or decides.lease or decides.would)
    idle = not (sees.looked or sees.sightings or seen.looked or seen.sightings)
    same = (_lasting(seen), decided.outcome, decided.rule) == (_lasting(sees), decides.outcome, decides.rule)
    return silent and idle and same


def _lasting(observation: Observation) -> tuple[object, ...]:
    """What of an observation holds on from pass to pass while nothing happens."""
    inputs = observation.inputs
    state = (inputs.door, inputs.bolt, inputs.motion, inputs.buttons, inputs.chip, inputs.refusal)
    told = (observation.settings, observation.blind, observation.faults)
    return (*state, *told, observation.infrared, observation.wall is None)


def read(path: Path) -> tuple[Header, Iterator[Pass]]:
    """The header of a journal, and its passes as they are read.

    A last line that a power cut damaged is left out with a warning in the log.

    Raises:
        StoreError: the file cannot be read, is no journal, or (while the passes are read) a line
            before the last is damaged; the message names file and line.
    """
    try:
        with path.open("rb") as file:
            first = file.readline(LONGEST_HEADER)
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}; name a file of the journal") from None
    return _read_header(path, first), _passes(path)


def _read_header(path: Path, line: bytes) -> Header:
    foreign = StoreError(
        f"{path}: is not a journal of Latchlens; such files lie in journal/ of the state directory"
    )
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise foreign from None
    if not isinstance(found, dict) or "journal" not in found:
        raise foreign
    if found["journal"] != FORMAT:
        raise StoreError(
            f"{path}: has the journal format {found['journal']!r}, this version reads {FORMAT}; "
            f"read it with latchlens {found.get('latchlens', 'of that time')}"
        )
    return wire.read(Header, line.decode(), f"{path}, line 1")


def _passes(path: Path) -> Iterator[Pass]:
    with path.open("rb") as file:
        file.readline()
        number, line = 2, file.readline()
        while line:
            following = file.readline()
            try:
                found = _read_line(line, f"{path}, line {number}")
            except StoreError:
                if following or line.endswith(b"\n"):
                    raise
                log.warning("%s: the last line, %d, was cut off and is left out", path, number)
                return
            yield found
            number, line = number + 1, following


def _read_line(line: bytes, where: str) -> Pass:
    if line.startswith(b'{"missed"'):
        raise StoreError(f"{where}: passes are missing here {line.decode().strip()}: the disk was too slow")
    return read_pass(line, where)


def _cannot_write(path: Path, error: OSError) -> StoreError:
    what = error.strerror or str(error)
    return StoreError(f"{path}: the journal cannot be written: {what}; free some space or check the disk")
