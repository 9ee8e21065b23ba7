"""The project file: read, tried, changed by single values or whole, compared, and taken back."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from threading import Lock
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from device.config import SECTIONS, parse_project
from device.editing import files
from device.editing.described import described
from device.editing.differences import Difference, complete, differences, from_defaults, sayable
from device.editing.mistakes import Mistake, mistakes_in
from device.editing.schema import entry_schema, kinds, project_schema, rule_schema
from device.errors import StoreError
from device.migrations import NEWEST, migrated, version_of
from device.parts import KINDS
from device.tell import last_good
from device.toml import read_toml
from device.web.appliance import Appliance
from device.web.dependencies import Served
from device.web.fields import translated
from device.web.permission import ADMINISTERS, Administrator, only
from device.web.problems import MEDIA_TYPE, Problem, problem
from device.web.shapes_configuration import (
    Against,
    Change,
    Changes,
    Compared,
    Configuration,
    Draft,
    Kept,
    Restore,
    Saved,
    Trial,
    Values,
    Verdict,
)

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1/configuration", tags=["configuration"], dependencies=only(ADMINISTERS))

CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "It cannot be saved, was changed, or is not there.", "content": {MEDIA_TYPE: {}}}
}
_saving = Lock()


@router.get("")
def read(served: Served) -> Configuration:
    """The project file."""
    text = _on_disk(served)
    return Configuration(
        name=served.project.name,
        text=text,
        sha256=files.digest(text),
        in_force=text == served.project.text,
        can_be_saved=served.path is not None,
        kept=tuple(each for each in Kept if _kept(served, each) is not None),
    )


@router.get("/values")
def values(served: Served) -> Values:
    """What the project file says, with and without its defaults; 422 if it is no TOML."""
    text = _on_disk(served)
    tables = read_toml(text)
    written, whole = sayable(migrated(tables)), sayable(complete(tables))
    return Values(version_of(tables), NEWEST, written, whole, files.digest(text))


@router.get("/schema")
def schema(language: Literal["en", "de"] = "en") -> dict[str, Any]:
    """JSON Schema of each section, each kind of part and each list, with what the source says of each key."""
    told = {
        "sections": {name: described(cls) for name, cls in SECTIONS.items()},
        "parts": {section: kinds(section) for section in KINDS},
        "lists": {
            "animal": entry_schema("animal"),
            "webhook": entry_schema("webhook"),
            "rule": rule_schema(),
        },
    }
    found: dict[str, Any] = translated(told, language)
    return found


@router.get("/schema/project")
def whole_schema() -> dict[str, Any]:
    """JSON Schema of the whole file, for editors."""
    return project_schema()


@router.post("/check")
def check(draft: Draft) -> Verdict:
    """Say whether the device would start with a draft, and what is wrong at which key; nothing changes."""
    found = mistakes_in(draft.text)
    return Verdict(not found, found)


@router.post("/diff", responses=CONFLICT)
def diff(served: Served, compared: Compared) -> tuple[Difference, ...]:
    """What a draft means otherwise, by section and key; secrets are hidden."""
    if compared.against is Against.DEFAULTS:
        return from_defaults(compared.text)
    return differences(_other(served, compared.against), compared.text)


@router.post("/changes", response_model=Trial | Saved, responses=CONFLICT)
def change(served: Served, caller: Administrator, wanted: Changes) -> Trial | Saved | JSONResponse:
    """Change single values in the text of the file, which keeps its comments; or only try to."""
    before = _on_disk(served)
    _refuse_changed_meanwhile(before, wanted.replaces)
    text = files.with_changes(before, wanted.changes)
    if not wanted.dry_run:
        return _saved(served, caller.name, text, wanted.replaces)
    found = mistakes_in(text)
    rewires = not found and parse_project(text).wiring.digest != served.project.wiring.digest
    tables = read_toml(text)
    return Trial(
        valid=not found,
        mistakes=found,
        differences=differences(before, text),
        text=text,
        written=sayable(migrated(tables)),
        complete=sayable(complete(tables)),
        needs_restart=text != before,
        rewires=rewires,
    )


@router.put("", response_model=Saved, responses=CONFLICT)
def save(served: Served, caller: Administrator, change: Change) -> Saved | JSONResponse:
    """Save the project file, if it is sound and nobody changed it meanwhile; it holds from the next start."""
    return _saved(served, caller.name, change.text, change.replaces)


@router.post("/restore", response_model=Saved, responses=CONFLICT)
def restore(served: Served, caller: Administrator, wanted: Restore) -> Saved | JSONResponse:
    """Save an earlier text again, if it is sound; what was there before is then the previous one."""
    text = _kept(served, wanted.which)
    if text is None:
        raise Problem(409, f"there is no {wanted.which} text of the project file")
    return _saved(served, caller.name, text, wanted.replaces)


def _saved(served: Appliance, by: str, text: str, replaces: str) -> Saved | JSONResponse:
    if served.path is None:
        raise Problem(
            409, "the shipped project cannot be changed; start with --project and a file of your own"
        )
    if found := mistakes_in(text):
        return problem(422, found[0].what, _places(found))
    with _saving:
        before = _on_disk(served)
        _refuse_changed_meanwhile(before, replaces)
        previous = files.save(served.path, before, text)
    log.info("%s saved a new project file over the web; it holds from the next start", by)
    return Saved(files.digest(text), previous.name)


def _places(found: Iterable[Mistake]) -> list[dict[str, str]]:
    return [{"where": f"{each.section} {each.key}".strip(), "what": each.what} for each in found]


def _refuse_changed_meanwhile(before: str, replaces: str) -> None:
    if files.digest(before) != replaces:
        raise Problem(409, "the file was changed meanwhile; read it again")


def _other(served: Appliance, against: Against) -> str:
    if against is Against.SAVED:
        return _on_disk(served)
    if against is Against.IN_FORCE:
        return served.project.text
    text = _kept(served, Kept(against.value))
    if text is None:
        raise Problem(409, f"there is no {against} text of the project file")
    return text


def _kept(served: Appliance, which: Kept) -> str | None:
    if served.path is None:
        return None
    if which is Kept.LAST_GOOD:
        return last_good.recall(served.folder, served.path)
    try:
        return files.read(files.previous(served.path))
    except StoreError:
        return None


def _on_disk(served: Appliance) -> str:
    """The file as it is now; the device itself read it only at its start."""
    return served.project.text if served.path is None else files.read(served.path)
