"""The project file: read, tried, and saved whole, with what was there before kept beside it."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field, TypeAdapter

from device import config, parts
from device.decide.household import Animal
from device.errors import StoreError
from device.tell.atomic import write_whole
from device.web.appliance import Appliance
from device.web.dependencies import Served
from device.web.mistakes import Mistake, mistakes_in
from device.web.permission import ADMINISTERS, Administrator, only
from device.web.problems import MEDIA_TYPE, Problem, problem

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1/configuration", tags=["configuration"], dependencies=only(ADMINISTERS))

CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "It cannot be saved, or was changed meanwhile.", "content": {MEDIA_TYPE: {}}}
}
Text = Annotated[str, Field(max_length=200_000)]
_saving = Lock()


@dataclass(frozen=True, slots=True)
class Configuration:
    """The project file as it is on the disk now."""

    name: str
    text: str
    sha256: str
    in_force: bool
    """Whether the device runs with this text; false after it was saved, until the next start."""
    can_be_saved: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A project file that is not saved."""

    text: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the device would start with a draft."""

    valid: bool
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A project file to be saved."""

    text: Text
    replaces: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """`sha256` of the text that was changed: nobody's work is overwritten unseen."""


@dataclass(frozen=True, slots=True)
class Saved:
    """It is on the disk, and holds from the next start on."""

    sha256: str
    previous: str
    """The file beside it that holds what was there before."""


@router.get("")
def read(served: Served) -> Configuration:
    """The project file."""
    text = _on_disk(served)
    changeable = served.path is not None
    return Configuration(served.project.name, text, _digest(text), text == served.project.text, changeable)


@router.get("/schema")
def schema() -> dict[str, Any]:
    """JSON Schema of each section, of each kind of part, and of the lists that have fixed keys."""
    return {
        "sections": config.schema(),
        "parts": {section: _kinds(*where) for section, where in parts.KINDS.items()},
        "lists": {"animal": TypeAdapter(Animal).json_schema()},
    }


def _kinds(package: str, known: tuple[str, ...]) -> dict[str, Any]:
    settings: dict[str, Any] = {kind: import_module(f"{package}.{kind}").Settings for kind in known}
    return {kind: TypeAdapter(each).json_schema() for kind, each in settings.items()}


@router.post("/check")
def check(draft: Draft) -> Verdict:
    """Say whether the device would start with a draft, and what is wrong at which key; nothing changes."""
    found = mistakes_in(draft.text)
    return Verdict(not found, found)


@router.put("", response_model=Saved, responses=CONFLICT)
def save(served: Served, caller: Administrator, change: Change) -> Saved | JSONResponse:
    """Save the project file, if it is sound and nobody changed it meanwhile; it holds from the next start."""
    if served.path is None:
        raise Problem(
            409, "the shipped project cannot be changed; start with --project and a file of your own"
        )
    if found := mistakes_in(change.text):
        errors = [{"where": f"{each.section} {each.key}".strip(), "what": each.what} for each in found]
        return problem(422, found[0].what, errors)
    with _saving:
        before = _on_disk(served)
        if _digest(before) != change.replaces:
            raise Problem(409, "the file was changed meanwhile; read it again")
        previous = _write(served.path, before, change.text)
    log.info("%s saved a new project file over the web; it holds from the next start", caller.name)
    return Saved(_digest(change.text), previous.name)


def _write(path: Path, before: str, text: str) -> Path:
    """Write the file behind whatever link points to it; it stays as private as it was."""
    target = path.resolve()
    previous = target.with_name(f"{target.name}.previous")
    private = target.stat().st_mode & 0o077 == 0
    write_whole(previous, before.encode(), private=private)
    write_whole(target, text.encode(), private=private)
    return previous


def _on_disk(served: Appliance) -> str:
    """The file as it is now; the device itself read it only at its start."""
    if served.path is None:
        return served.project.text
    try:
        return served.path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{served.path}: cannot be read: {error}") from None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
