"""Scenes: plain TOML files that say who comes when, what fails, and what must and must not happen."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from device.config import Project, read_project
from device.errors import ConfigError, hint
from device.parts import read_settings
from simulator.expectations import KNOWN, Expectation
from simulator.oracle import OracleSettings
from simulator.world import Habit, Seconds, Visitor

FOLDER = Path(__file__).parent / "scenes"
HOUSE = "house.toml"
"""The project that scenes are played at, unless they name another."""


@dataclass(frozen=True, slots=True)
class CameraFault:
    """One `[[camera_fault]]`: what is wrong with the camera for a while."""

    what: Literal["black", "saturated", "frozen", "gone"]
    begins: Seconds
    ends: Annotated[float, Field(gt=0)] = 1e9


@dataclass(frozen=True, slots=True)
class Press:
    """One `[[press]]`: a button, switch or alarm contact that is on for a while."""

    input: str
    at: Seconds
    seconds: Annotated[float, Field(gt=0)] = 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene as its file tells it."""

    title: str
    seconds: Annotated[float, Field(gt=0, le=100_000)]
    project: Project
    visitors: tuple[Visitor, ...] = ()
    faults: tuple[CameraFault, ...] = ()
    presses: tuple[Press, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    oracle: OracleSettings = field(default_factory=OracleSettings)
    floor: int = 20
    """Of 20 seeds, how many must meet the expectations that are not about safety."""
    name: str = ""


TABLES: Mapping[str, type] = {"camera_fault": CameraFault, "press": Press, "expect": Expectation}
PLAIN = ("title", "seconds", "project", "floor", "oracle", "visitor")


def shipped_scenes() -> list[Path]:
    """The scenes that travel with Latchlens, in the order of their names."""
    return sorted(path for path in FOLDER.glob("*.toml") if path.name != HOUSE)


def find_scene(name: str) -> Path:
    """The file of a scene given by its path or by the beginning of a shipped one's name, such as "s1".

    Raises:
        ConfigError: there is none, or more than one.
    """
    if name.endswith(".toml") or "/" in name:
        return Path(name)
    known = {path.stem: path for path in shipped_scenes()}
    found = [stem for stem in known if stem == name or stem.startswith(f"{name}-")]
    if len(found) != 1:
        raise ConfigError(f"there is no scene {name!r}; {hint(name, known)}")
    return known[found[0]]


def read_scene(path: Path) -> Scene:
    """Read and check a scene.

    Raises:
        ConfigError: naming file, table, key and fix.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    try:
        return _scene(path, tables)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _scene(path: Path, tables: Mapping[str, Any]) -> Scene:
    for key in tables:
        if key not in (*PLAIN, *TABLES):
            raise ConfigError(f"{key} is not known; {hint(key, (*PLAIN, *TABLES))}")
    for key, kind in (("title", str), ("seconds", (int, float))):
        if not isinstance(tables.get(key), kind):
            raise ConfigError(f"{key} is missing or of the wrong kind")
    house = tables.get("project", HOUSE)
    place = path.parent / house if (path.parent / house).is_file() else FOLDER / house
    project = read_project(place)
    read = {name: tuple(_rows(tables, name, kind)) for name, kind in TABLES.items()}
    scene = Scene(
        title=tables["title"],
        seconds=float(tables["seconds"]),
        project=project,
        visitors=tuple(_visitor(number, row) for number, row in enumerate(tables.get("visitor", []), 1)),
        faults=read["camera_fault"],
        presses=read["press"],
        expectations=read["expect"],
        oracle=read_settings(OracleSettings, "[oracle]", tables.get("oracle", {})),
        floor=int(tables.get("floor", 20)),
        name=path.stem,
    )
    _refuse_unknown_names(scene)
    return scene


def _rows(tables: Mapping[str, Any], key: str, kind: type) -> list[Any]:
    rows = tables.get(key, [])
    if not isinstance(rows, list):
        raise ConfigError(f"[[{key}]] must be written with two brackets")
    return [read_settings(kind, f"[[{key}]] {number}", row) for number, row in enumerate(rows, 1)]


def _visitor(number: int, row: Mapping[str, Any]) -> Visitor:
    where = f"[[visitor]] {number}"
    habits = row.get("head", [])
    if not isinstance(habits, list):
        raise ConfigError(f'{where} head must be a list such as [{{ head = "down", begins = 2 }}]')
    for each in habits:
        read_settings(Habit, f"{where} head", each)
    return read_settings(Visitor, where, row)


def _refuse_unknown_names(scene: Scene) -> None:
    names = [visitor.name for visitor in scene.visitors]
    inputs = [part.settings.name for part in scene.project.inputs]
    for number, expectation in enumerate(scene.expectations, 1):
        if expectation.that not in KNOWN:
            raise ConfigError(
                f"[[expect]] {number} that = {expectation.that!r}; {hint(expectation.that, KNOWN)}"
            )
        if expectation.who and expectation.who not in names:
            raise ConfigError(
                f"[[expect]] {number} who = {expectation.who!r}; {hint(expectation.who, names)}"
            )
    for number, press in enumerate(scene.presses, 1):
        if press.input not in inputs:
            raise ConfigError(f"[[press]] {number} input = {press.input!r}; {hint(press.input, inputs)}")
