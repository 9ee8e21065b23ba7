"""Heads that were taught here: which is in use, what each is worth, trying, taking into use, going back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path as File
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field

from device import registry
from device.config import parse_project
from device.errors import ModelError, StoreError
from device.learn.vocabulary import PREY, WHO
from device.lessons import rehearsal
from device.promoting import comparison, go_back, promote, try_out
from device.see.card import load_card
from device.stricter import demand, raise_of
from device.training import EVALUATIONS, EVENTS
from device.web.appliance import Appliance
from device.web.dependencies import Served
from device.web.permission import READS, Administrator, only
from device.web.problems import Problem
from device.web.routes.learning import ABSENT
from device.web.routes.lessons import BUSY, errands_of
from device.web.standing import Standing, standing

router = APIRouter(prefix="/api/v1/learning", tags=["learning"], dependencies=only(READS))

Task = Literal["prey", "who"]
Version = Annotated[str, Path(max_length=20, pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$")]


@dataclass(frozen=True, slots=True)
class Compared:
    """A head on trial and the one in use, on the same visits."""

    visits: int
    known: int
    put_right: tuple[str, ...]
    put_wrong: tuple[str, ...]
    bad_let_in: tuple[str, ...]
    differ: tuple[str, ...]
    golden: int
    golden_let_in: tuple[str, ...]
    objection: str | None
    """Why it may not be taken into use; null if it may."""


@dataclass(frozen=True, slots=True)
class Activation:
    """Taking a version into use."""

    anyway: bool = False
    """Though its trial speaks against it."""


@dataclass(frozen=True, slots=True)
class ThresholdsWanted:
    """Higher thresholds for the head in use; one that is not named stays as it is."""

    day: Annotated[float, Field(gt=0, le=1000)] | None = None
    infrared: Annotated[float, Field(gt=0, le=1000)] | None = None


@router.get("/heads")
def heads(served: Served) -> tuple[Standing, ...]:
    """The heads that can be taught, and their versions."""
    return tuple(standing(served, task) for task in (PREY, WHO))


@router.get("/heads/{task}/versions/{version}/evaluation", responses=ABSENT)
def evaluation(served: Served, task: Task, version: Version) -> dict[str, Any]:
    """What a head is worth: visits, promises, confusion, curves, and what each threshold would cost."""
    return _evaluation(served.folder, f"{_name(served, task)}-{version}")


@router.get("/heads/{task}/rehearsal", responses=ABSENT)
def rehearsed(served: Served, task: Task) -> dict[str, Any]:
    """The same of a head that was taught for a look only and not kept."""
    return _evaluation(served.folder, rehearsal(task))


@router.get("/heads/{task}/versions/{version}/comparison", responses=ABSENT)
def compare(served: Served, task: Task, version: Version) -> Compared:
    """What a head on trial would have put right and wrong."""
    name = _known(served, task, version)
    found = comparison(served.project, served.folder, name, version)
    return Compared(**asdict(found), objection=found.objection)


@router.post("/heads/{task}/versions/{version}/activate", responses={**ABSENT, **BUSY})
def activate(
    request: Request, served: Served, caller: Administrator, task: Task, version: Version, wanted: Activation
) -> Standing:
    """Take a version into use, after a self-test; refused while its trial speaks against it."""
    name = _known(served, task, version)
    work = partial(_promote, version=version, anyway=wanted.anyway)
    return _changed(request, served, caller.name, task, name, work)


@router.post("/heads/{task}/versions/{version}/trial", responses={**ABSENT, **BUSY})
def begin_trial(
    request: Request, served: Served, caller: Administrator, task: Task, version: Version
) -> Standing:
    """Try a version beside the one in use, from the next start on."""
    name = _known(served, task, version)
    return _changed(request, served, caller.name, task, name, partial(_try_out, version=version))


@router.delete("/heads/{task}/versions/{version}/trial", responses={**ABSENT, **BUSY})
def end_trial(served: Served, caller: Administrator, task: Task, version: Version) -> Standing:
    """Try a version no more."""
    del caller
    name = _known(served, task, version)
    try:
        registry.give_up_shadow(served.folder / "models", name, version)
    except ModelError as error:
        raise Problem(409, str(error)) from None
    return standing(served, task)


@router.post("/heads/{task}/rollback", responses=BUSY)
def roll_back(request: Request, served: Served, caller: Administrator, task: Task) -> Standing:
    """Return to the version that was in use before."""
    _active(served, task)
    return _changed(request, served, caller.name, task, _name(served, task), _go_back)


@router.post("/heads/{task}/thresholds", responses=BUSY)
def raise_thresholds(
    request: Request, served: Served, caller: Administrator, task: Task, wanted: ThresholdsWanted
) -> Standing:
    """Put higher thresholds in force, as a version of its own; a lower one than promised is refused."""
    given = {light: value for light, value in asdict(wanted).items() if value is not None}
    if not given:
        raise Problem(422, "name the threshold of a light, as day or infrared")
    try:
        raise_of(served.project, load_card(_active(served, task)), given)
    except ModelError as error:
        raise Problem(409, str(error)) from None
    return _changed(request, served, caller.name, task, _name(served, task), partial(_demand, needed=given))


def _name(served: Appliance, task: str) -> str:
    name = str(getattr(served.project.section("heads"), task))
    if not name:
        raise Problem(
            409, f'no head is asked for {task!r}; set [heads] {task} = "{task}" in the project file'
        )
    return name


def _active(served: Appliance, task: str) -> File:
    """The folder of the version in use."""
    name, models = _name(served, task), served.folder / "models"
    try:
        found = registry.read(models, name)
    except ModelError as error:
        raise Problem(409, str(error)) from None
    if found is None:
        raise Problem(409, f"no head {name!r} was taught yet; train one first")
    return models / name / found.active


def _known(served: Appliance, task: str, version: str) -> str:
    """The name of a task's head, if it has such a version."""
    name = _name(served, task)
    if version not in registry.versions(served.folder / "models", name):
        raise Problem(404, f"there is no {name}/{version}; the list of heads shows what there is")
    return name


def _evaluation(folder: File, title: str) -> dict[str, Any]:
    path = folder / EVALUATIONS / title / EVENTS
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Problem(404, "there is no such evaluation; train, or look what training would give") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: is damaged ({error}); train again") from None
    return found


def _changed(
    request: Request, served: Appliance, by: str, task: str, name: str, work: Callable[..., object]
) -> Standing:
    """Change the registry aside, where the models that test a head take no memory of ours."""
    project = served.project
    given = (project.text, project.name, served.folder, name, served.clock.wall())
    try:
        errands_of(request).wait_for("heads", name, by, work, *given)
    except ModelError as error:
        raise Problem(409, str(error)) from None
    return standing(served, task)


def _promote(
    text: str,
    title: str,
    folder: File,
    name: str,
    wall: float | None,
    done: object,
    *,
    version: str,
    anyway: bool,
) -> None:
    del done
    promote(parse_project(text, title), folder, name, version, wall, anyway)


def _try_out(
    text: str, title: str, folder: File, name: str, wall: float | None, done: object, *, version: str
) -> None:
    del wall, done
    try_out(parse_project(text, title), folder, name, version)


def _go_back(text: str, title: str, folder: File, name: str, wall: float | None, done: object) -> None:
    del done
    go_back(parse_project(text, title), folder, name, wall)


def _demand(
    text: str,
    title: str,
    folder: File,
    name: str,
    wall: float | None,
    done: object,
    *,
    needed: Mapping[str, float],
) -> None:
    del done
    demand(parse_project(text, title), folder, name, needed, wall)
