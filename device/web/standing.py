"""How the heads that were taught here stand: which is in use, which is on trial, what each promises."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from device import registry
from device.config import HeadSettings
from device.errors import ModelError
from device.lessons import rehearsal
from device.registry import Change, Registry
from device.see.card import Threshold, load_card
from device.training import EVALUATIONS, EVENTS
from device.web.appliance import Appliance


@dataclass(frozen=True, slots=True)
class Taught:
    """One version of a head, by its card."""

    version: str
    use: Literal["in use", "on trial", ""]
    examples: dict[str, int]
    """Pictures of each label that taught it."""
    data: str
    measured: dict[str, str]
    """What it did on visits that did not teach it, as "k of n (at most x %)"."""
    thresholds: dict[str, Threshold]
    """By light, what its meter must exceed and what that promises."""
    evaluated: bool
    """Whether there is an evaluation to be read."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the versions of the head for one task stand."""

    task: str
    name: str
    """What the project calls it; empty if it asks no head for this task."""
    active: str | None
    """The version in use; null if none was taught here."""
    since: float | None
    shadow: str | None
    """The version on trial: it judges everything and decides nothing."""
    before: tuple[Change, ...]
    """Those in use before it, the latest last: the way back."""
    withdrawn: tuple[Change, ...]
    """Those that went back."""
    versions: tuple[Taught, ...]
    fault: str
    """What is wrong with the registry or a version; empty if nothing is."""
    rehearsed: bool
    """Whether there is an evaluation of what a head taught now would be worth."""


def standing(served: Appliance, task: str) -> Standing:
    """How the versions of the head for a task stand."""
    names: HeadSettings = served.project.section("heads")
    name, models = str(getattr(names, task)), served.folder / "models"
    fault, found = "", None
    try:
        found = registry.read(models, name) if name else None
    except ModelError as error:
        fault = str(error)
    versions = []
    for version in registry.versions(models, name) if name else ():
        try:
            versions.append(_version(served.folder, name, version, found))
        except ModelError as error:
            fault = fault or str(error)
    return Standing(
        task=task,
        name=name,
        active=found.active if found else None,
        since=found.since if found else None,
        shadow=found.shadow if found else None,
        before=found.before if found else (),
        withdrawn=found.withdrawn if found else (),
        versions=tuple(versions),
        fault=fault,
        rehearsed=(served.folder / EVALUATIONS / rehearsal(task) / EVENTS).is_file(),
    )


def _version(folder: Path, name: str, version: str, found: Registry | None) -> Taught:
    card = load_card(folder / "models" / name / version)
    active, shadow = (found.active, found.shadow) if found else (None, None)
    given = card.thresholds
    return Taught(
        version=version,
        use="in use" if version == active else "on trial" if version == shadow else "",
        examples=dict(card.training.examples) if card.training else {},
        data=card.training.data if card.training else "",
        measured=dict(card.measured),
        thresholds={"day": given.day, "infrared": given.infrared} if given else {},
        evaluated=(folder / EVALUATIONS / f"{name}-{version}" / EVENTS).is_file(),
    )
