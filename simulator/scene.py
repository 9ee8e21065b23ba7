"""Scenes: plain TOML files that say who comes when, what fails, and what must and must not happen."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from device.config import Project, read_project
from device.errors import ConfigError, hint
from device.parts import read_settings
from simulator.expectations import KNOWN, Expectation
from simulator.faults import CameraFault, DeviceFault, NetworkFault, Press, Span
from simulator.light import LightChange
from simulator.oracle import OracleSettings
from simulator.owner import Tap
from simulator.places import line_meant
from simulator.sensors import SensorSettings
from simulator.visitors import Habit, Slip, Visitor
from simulator.weather import WeatherChange

FOLDER = Path(__file__).parent / "scenes"
HOUSE = "house.toml"
"""The project that scenes are played at, unless they name another."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene as its file tells it."""

    title: str
    seconds: Annotated[float, Field(gt=0, le=100_000)]
    project: Project
    visitors: tuple[Visitor, ...] = ()
    faults: tuple[CameraFault, ...] = ()
    device_faults: tuple[DeviceFault, ...] = ()
    network_faults: tuple[NetworkFault, ...] = ()
    presses: tuple[Press, ...] = ()
    lights: tuple[LightChange, ...] = ()
    weather: tuple[WeatherChange, ...] = ()
    taps: tuple[Tap, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    sensors: SensorSettings = field(default_factory=SensorSettings)
    oracle: OracleSettings = field(default_factory=OracleSettings)
    floor: int = 20
    """Of 20 seeds, how many must meet the expectations that are not about safety."""
    starts: float | None = None
    """UTC seconds at second 0; None: the device's clock is not set."""
    name: str = ""


TABLES: Mapping[str, type] = {
    "visitor": Visitor,
    "camera_fault": CameraFault,
    "device_fault": DeviceFault,
    "network_fault": NetworkFault,
    "press": Press,
    "light": LightChange,
    "weather": WeatherChange,
    "tap": Tap,
    "expect": Expectation,
}
"""The tables that are written with two brackets, one block for each."""


@dataclass(frozen=True, slots=True)
class _Opening:
    """The keys that stand before the first table, and the tables with one bracket."""

    title: str
    seconds: Annotated[float, Field(gt=0, le=100_000)]
    project: str = HOUSE
    starts: str = ""
    floor: Annotated[int, Field(ge=0, le=20)] = 20
    oracle: OracleSettings = field(default_factory=OracleSettings)
    sensors: SensorSettings = field(default_factory=SensorSettings)


def shipped_scenes() -> list[Path]:
    """The scenes that travel with Latchlens, in the order of their names."""
    return sorted(path for path in FOLDER.glob("*.toml") if not path.stem.startswith("house"))


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
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    try:
        return _scene(path, tables)
    except ConfigError as error:
        line = line_meant(text, str(error))
        place = f"{path}, line {line}" if line else str(path)
        raise ConfigError(f"{place}: {error}") from None


def _scene(path: Path, tables: Mapping[str, Any]) -> Scene:
    opening = _opening(tables)
    place = path.parent / opening.project
    project = read_project(place if place.is_file() else FOLDER / opening.project)
    read = {name: tuple(_rows(tables, name, kind)) for name, kind in TABLES.items()}
    scene = Scene(
        title=opening.title,
        seconds=opening.seconds,
        project=project,
        visitors=tuple(_with_chip(visitor, project) for visitor in read["visitor"]),
        faults=read["camera_fault"],
        device_faults=read["device_fault"],
        network_faults=read["network_fault"],
        presses=read["press"],
        lights=read["light"],
        weather=read["weather"],
        taps=read["tap"],
        expectations=read["expect"],
        oracle=opening.oracle,
        sensors=opening.sensors,
        floor=opening.floor,
        starts=_wall(opening.starts, project),
        name=path.stem,
    )
    _refuse_unknown_names(scene)
    return scene


def _opening(tables: Mapping[str, Any]) -> _Opening:
    known = [each.name for each in fields(_Opening)]
    for key in tables:
        if key not in (*known, *TABLES):
            raise ConfigError(f"{key} is not known; {hint(key, (*known, *TABLES))}")
    for key, kind in (("oracle", OracleSettings), ("sensors", SensorSettings)):
        read_settings(kind, f"[{key}]", tables.get(key, {}))
    return read_settings(_Opening, "the scene's", {key: tables[key] for key in known if key in tables})


def _wall(starts: str, project: Project) -> float | None:
    """UTC seconds of a date and time; without an offset it is local in the project's time zone."""
    if not starts:
        return None
    try:
        begins = datetime.fromisoformat(starts)
    except ValueError:
        raise ConfigError(
            f'starts = {starts!r} is no date with a time; write it like "2026-10-25T01:50:00+02:00"'
        ) from None
    return begins.replace(tzinfo=begins.tzinfo or project.policy.zone).timestamp()


def _rows(tables: Mapping[str, Any], key: str, kind: type) -> list[Any]:
    rows = tables.get(key, [])
    if not isinstance(rows, list):
        raise ConfigError(f"[{key}] must be written with two brackets, one block for each: [[{key}]]")
    return [_row(kind, f"[[{key}]] {number}", row) for number, row in enumerate(rows, 1)]


def _with_chip(visitor: Visitor, project: Project) -> Visitor:
    """An own animal wears the chip that the project says, unless the scene says otherwise."""
    chips = {animal.name: animal.chip for animal in project.policy.animals}
    return replace(visitor, chip=visitor.chip or chips.get(visitor.name, ""))


def _row(kind: type, where: str, row: Any) -> Any:
    """One block; the tables in a list within it are asked for unknown keys, too."""
    for key, inner in (("head", Habit), ("slips", Slip)):
        listed = row.get(key) if kind is Visitor and isinstance(row, dict) else None
        for each in listed if isinstance(listed, list) else ():
            read_settings(inner, f"{where} {key}", each)
    return read_settings(kind, where, row)


def _refuse_unknown_names(scene: Scene) -> None:
    names = [visitor.name for visitor in scene.visitors]
    inputs = [part.settings.name for part in scene.project.inputs]
    for number, expectation in enumerate(scene.expectations, 1):
        where = f"[[expect]] {number}"
        if expectation.that not in KNOWN:
            raise ConfigError(f"{where} that = {expectation.that!r}; {hint(expectation.that, KNOWN)}")
        if expectation.who and expectation.who not in names:
            raise ConfigError(f"{where} who = {expectation.who!r}; {hint(expectation.who, names)}")
        if expectation.before <= expectation.after:
            raise ConfigError(f"{where} before = {expectation.before:g} must be later than after")
    for number, press in enumerate(scene.presses, 1):
        if press.input not in inputs:
            raise ConfigError(f"[[press]] {number} input = {press.input!r}; {hint(press.input, inputs)}")
    if scene.weather and not any(part.kind == "thermometer" for part in scene.project.inputs):
        fix = 'give the project an [[input]] with kind = "thermometer"'
        raise ConfigError(f"[[weather]] 1 is felt by nothing; {fix}")
    spans: Mapping[str, Sequence[Span]] = {
        "camera_fault": scene.faults,
        "device_fault": scene.device_faults,
        "network_fault": scene.network_faults,
        "light": scene.lights,
    }
    for key, each in spans.items():
        for number, span in enumerate(each, 1):
            if span.ends <= span.begins:
                raise ConfigError(f"[[{key}]] {number} ends = {span.ends:g} must be later than begins")
