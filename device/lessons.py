"""Teaches from the album of a state directory: what `latchlens train` does, and the page in the same way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from device import registry
from device.config import Project, parse_project
from device.heads import verifier
from device.learn.album_reader import AlbumReader
from device.learn.needs import Need, needs
from device.learn.promises import Terms
from device.learn.stats import counted
from device.learn.thresholds import Goal
from device.tell.records import Records
from device.training import EVALUATIONS, Lesson, head_name, keep, learn, write_reports

ALL_VISITS = 1_000_000

Done = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be learnt, and what the owner wants promised."""

    task: str
    goal: Goal = field(default_factory=Goal)
    by: str = "visit"


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson that was kept as a head."""

    lesson: Lesson
    title: str
    """The head, as "prey/3"."""
    in_use: bool
    instead_of: str | None
    """The version that was in use before and, unless this one is, still decides."""


def entered(folder: Path) -> frozenset[str]:
    """The visits of a state directory that ended with an entry: their attempts were cut short."""
    with Records(folder) as records:
        return frozenset(
            each.id for each in records.visits(ALL_VISITS, kind="TRANSIT") if each.unlocked_at is not None
        )


def terms_of(project: Project, folder: Path, wanted: Wanted) -> Terms:
    """What promises are made for at this door."""
    evidence = project.section("evidence")
    settings = evidence.who if wanted.task == "who" else evidence.prey
    return Terms(wanted.goal, settings, evidence.horizon, entered(folder))


def learnt(text: str, name: str, folder: Path, wanted: Wanted, done: Done = lambda _: None) -> Lesson:
    """The lesson that the album in `folder` gives; nothing is changed.

    Args:
        text: of the project file, and what it is called: an interpreter aside reads it again.

    Raises:
        DatasetError: there is too little to learn from.
        StoreError: the album cannot be read.
    """
    project = parse_project(text, name)
    head_name(project.section("heads"), wanted.task)
    with AlbumReader(folder) as reader:
        dataset = reader.dataset()
    return learn(dataset, wanted.task, terms_of(project, folder, wanted), wanted.by, done)


def rehearse(text: str, name: str, folder: Path, wanted: Wanted, done: Done = lambda _: None) -> str:
    """What a head that is taught now would be worth, written beside the evaluations of heads; its title."""
    lesson, title = learnt(text, name, folder, wanted, done), rehearsal(wanted.task)
    write_reports(lesson, folder / EVALUATIONS / title, title, datetime.now(UTC))
    return title


def rehearsal(task: str) -> str:
    """The title of an evaluation without a head."""
    return f"{task}-rehearsal"


def teach(
    text: str,
    name: str,
    folder: Path,
    wanted: Wanted,
    activate: bool = False,
    wall: float | None = None,
    done: Done = lambda _: None,
) -> Taught:
    """Learn and keep: the first head of a task is used at once, another one is tried beside it first.

    Args:
        activate: use it at once, even if another head is in use.
        wall: UTC seconds, None while the clock is not set.

    Raises:
        DatasetError, ModelError, StoreError: it could not be taught, tested or kept; the head in use stays.
    """
    project = parse_project(text, name)
    lesson = learnt(text, name, folder, wanted, done)
    title, models = head_name(project.section("heads"), wanted.task), folder / "models"
    verify = verifier(project, folder)
    standing = registry.keep_active(models, title)
    head = keep(lesson, title, project.section("embedding"), folder, datetime.now(UTC))
    at_once = standing is None or activate
    if at_once:
        registry.activate(models, title, head.name, verify, wall, "trained anew")
    else:
        registry.try_beside(models, title, head.name, verify)
    return Taught(lesson, f"{title}/{head.name}", at_once, standing.active if standing else None)


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is to learn from."""

    counted: dict[str, object]
    needs: list[Need]


def stock(project: Project, folder: Path, goal: Goal | None = None) -> Stock:
    """What was labelled so far, and what is still needed for which promise; raises StoreError."""
    with AlbumReader(folder) as reader:
        dataset, backbones = reader.dataset(), reader.backbones()
    animals = [animal.name for animal in project.policy.animals]
    return Stock(counted(dataset, backbones), needs(dataset, animals, entered(folder), goal))
