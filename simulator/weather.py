"""The weather of a scene, and the thermometer outside that feels it: a driver like any other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field

from device.act.drivers import Senses
from device.config import Project
from device.messages import Inputs
from simulator.visitors import Seconds
from simulator.world import World


@dataclass(frozen=True, slots=True)
class WeatherChange:
    """One `[[weather]]`: how warm it is from a second of the scene on."""

    temperature_c: Annotated[float, Field(ge=-60, le=60)]
    begins: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class Outdoors:
    """Settings of the simulated thermometer: the weather of the scene, in any order, and its time."""

    name: str
    changes: tuple[WeatherChange, ...]
    world: World


@dataclass(frozen=True, slots=True)
class Thermometer:
    """Implements drivers.Input; knows the temperature at every moment."""

    outdoors: Outdoors
    senses: Senses = "temperature"

    def read(self, snapshot: Inputs) -> Inputs:
        begun = [change for change in self.outdoors.changes if change.begins <= self.outdoors.world.time]
        latest = max(begun, key=lambda change: change.begins, default=None)
        return replace(snapshot, temperature_c=None if latest is None else latest.temperature_c)

    def close(self) -> None:
        """Nothing to give back."""


def in_the_weather(project: Project, changes: tuple[WeatherChange, ...], world: World) -> Project:
    """The project with its thermometer, if it has one, in the weather of a scene."""
    inputs = [
        replace(part, module=__name__, settings=Outdoors(part.settings.name, changes, world))
        if part.kind == "thermometer"
        else part
        for part in project.inputs
    ]
    return replace(project, inputs=tuple(inputs))


def build(outdoors: Outdoors, factory: Any) -> Thermometer:  # noqa: ARG001 - it needs no pin
    return Thermometer(outdoors)
