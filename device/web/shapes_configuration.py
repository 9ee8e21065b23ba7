"""What is said over the API of the project file: what is asked, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from device.editing.changes import Change as ValueChange
from device.editing.differences import Difference
from device.editing.mistakes import Mistake

Text = Annotated[str, Field(max_length=200_000)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Kept(StrEnum):
    """An earlier text of the project file."""

    LAST_GOOD = "last-good"
    """With which the device last ran."""
    PREVIOUS = "previous"
    """That was there before the latest save."""


class Against(StrEnum):
    """What a draft is compared with."""

    SAVED = "saved"
    IN_FORCE = "in-force"
    LAST_GOOD = "last-good"
    PREVIOUS = "previous"
    DEFAULTS = "defaults"


@dataclass(frozen=True, slots=True)
class Configuration:
    """The project file as it is on the disk now."""

    name: str
    text: str
    sha256: str
    in_force: bool
    """Whether the device runs with this text; false after it was saved, until the next start."""
    can_be_saved: bool
    kept: tuple[Kept, ...]
    """The earlier texts that it can go back to."""


@dataclass(frozen=True, slots=True)
class Values:
    """What the project file says, as tables of the newest version."""

    version: int
    """That the file is of; saving brings it to the newest."""
    newest: int
    written: dict[str, Any]
    """What it says itself."""
    complete: dict[str, Any]
    """The same with every default."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A project file that is not saved."""

    text: Text


@dataclass(frozen=True, slots=True)
class Compared:
    """A project file that is not saved, and what it is compared with."""

    text: Text
    against: Against = Against.SAVED


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the device would start with a draft."""

    valid: bool
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A project file to be saved."""

    text: Text
    replaces: Digest
    """`sha256` of the text that was changed: nobody's work is overwritten unseen."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Single values to be changed; comments and all else in the file stay."""

    changes: Annotated[tuple[ValueChange, ...], Field(max_length=500)]
    replaces: Digest
    dry_run: bool = False
    """Only say what would become of it."""


@dataclass(frozen=True, slots=True)
class Restore:
    """An earlier text that shall be saved again."""

    which: Kept
    replaces: Digest


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a change."""

    valid: bool
    mistakes: tuple[Mistake, ...]
    differences: tuple[Difference, ...]
    """From the file on the disk, by meaning."""
    text: str
    written: dict[str, Any]
    """What it would say itself, as tables."""
    complete: dict[str, Any]
    """The same with every default."""
    needs_restart: bool
    """Every key of the project file holds from the next start on; mode, enforcing and passwords at once."""
    rewires: bool
    """It concerns bolt, sensors or pins, so that a guard with a process of its own starts again, too."""


@dataclass(frozen=True, slots=True)
class Saved:
    """It is on the disk, and holds from the next start on."""

    sha256: str
    previous: str
    """The file beside it that holds what was there before."""
    needs_restart: bool = True
