"""The light before the door: what the camera's pictures look like in it, and how much worse is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from device.messages import Pixels
from simulator.visitors import Seconds

SIZE_PX = (48, 64)
"""Height and width of the pictures that only the blindness check looks at."""

Kind = Literal["dusk", "infrared", "headlights", "filter stuck", "spider"]


@dataclass(frozen=True, slots=True)
class LightChange:
    """One `[[light]]` of a scene: by default it is day."""

    what: Kind
    begins: Seconds = 0.0
    ends: Annotated[float, Field(gt=0)] = 1e9


@dataclass(frozen=True, slots=True)
class Light:
    """One kind of light."""

    darkest: int
    brightest: int
    """The pixels of an empty doorstep lie between these, of 255."""
    colour: bool = True
    separation: float = 1.0
    """What the scene's d' is multiplied by: how well clean and prey, own and strange are told apart."""
    missed: float = 0.0
    """How much more often an animal in view is not boxed."""
    view: float = 0.5
    """Mean brightness of an animal's crop."""
    blurred: float = 0.0
    """How often a view is blurred."""
    stirs: bool = False
    """Something moves in the picture all the while."""


DAY = Light(90, 160)
KINDS: Mapping[Kind, Light] = {
    "dusk": Light(20, 60, separation=0.8, missed=0.08, view=0.15),
    "infrared": Light(40, 120, colour=False, separation=0.85, missed=0.05, view=0.35),
    "headlights": Light(252, 256, missed=0.9, view=0.99, stirs=True),
    # The filter that keeps infrared out by day stays before the sensor: the lamps shine for nothing.
    "filter stuck": Light(0, 11, missed=0.7, view=0.02),
    "spider": Light(60, 200, colour=False, missed=0.15, view=0.6, blurred=0.4, stirs=True),
}


def kind_at(changes: tuple[LightChange, ...], time: float) -> Kind | None:
    """What the light is at a second of the scene: the last change that is in force, None by day."""
    now = [each.what for each in changes if each.begins <= time < each.ends]
    return now[-1] if now else None


def light_at(changes: tuple[LightChange, ...], time: float) -> Light:
    """The same, as what the oracle sees in it."""
    kind = kind_at(changes, time)
    return DAY if kind is None else KINDS[kind]


def empty_picture(light: Light, random: np.random.Generator) -> Pixels:
    """What the camera's noise makes of an empty doorstep in that light."""
    shape = (*SIZE_PX, 3 if light.colour else 1)
    noise: np.ndarray[Any, np.dtype[np.uint8]] = random.integers(
        light.darkest, light.brightest, size=shape, dtype=np.uint16
    ).astype(np.uint8)
    return noise if light.colour else np.repeat(noise, 3, axis=2)
