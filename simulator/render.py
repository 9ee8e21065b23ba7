"""Renders what the camera over the flap sees of the world: real photographs on a doorstep."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np

from device.messages import Pixels
from simulator.cat import COATS, RACCOON, Pose, Sprite, cat, lying_mouse, person
from simulator.doorstep import HEIGHT_PX, WIDTH_PX, background
from simulator.light import LightChange, kind_at
from simulator.lighting import lit
from simulator.visitors import Actor, Phase, Visitor
from simulator.world import World

BRICK, GRAVEL = (0.86, 0.94, 1.16), (0.9, 1.0, 1.06)
"""By how much blue, green and red of the grey textures are changed, so that by day there is colour."""
HORIZON_PX = 170
PALE = "white"
MOUSE = 0.22
"""Height of a mouse on the ground, as a ratio of the cat's."""
SHADOW = 0.6
"""How much light an animal takes from the ground beneath it."""
BLUR = 0.045
"""Standard deviation of a hurrying animal's blur, as a ratio of its height."""


class Wardrobe(Protocol):
    """Who has the pictures of the visitors."""

    def sprite(self, visitor: Visitor, pose: Pose, *, carrying: bool) -> Sprite: ...


@dataclass(frozen=True, slots=True)
class PackagedWardrobe:
    """Every visitor played by the packaged cat in a coat of its own, a person by the packaged portrait.

    The household takes the first coats; strangers share the rest by their name: "the black tom" wears
    black. White is worn by name only, since the detector often takes that one for a person. What is
    neither cat nor person wears a raccoon's mask, since no other picture is packaged.
    """

    household: tuple[str, ...]

    def coat(self, visitor: Visitor) -> str:
        """What the visitor wears."""
        if visitor.name in self.household:
            return COATS[self.household.index(visitor.name) % len(COATS)]
        if visitor.species != "cat":
            return RACCOON
        free = self.free_coats()
        named = [coat for coat in free if coat in visitor.name]
        likely = [coat for coat in free if coat != PALE] or free
        return named[0] if named else likely[sum(visitor.name.encode()) % len(likely)]

    def free_coats(self) -> tuple[str, ...]:
        """The coats that strangers wear."""
        return COATS[len(self.household) :] or COATS[-1:]

    def sprite(self, visitor: Visitor, pose: Pose, *, carrying: bool) -> Sprite:
        if visitor.species == "person":
            return person()
        return cat(self.coat(visitor), pose, carrying=carrying)


class Painter:
    """Paints the world as it stands; the same world, seed and order of calls give the same pictures."""

    def __init__(
        self, world: World, wardrobe: Wardrobe, seed: int, lights: tuple[LightChange, ...] = ()
    ) -> None:
        self.clear: list[tuple[float, str]] = []
        """When whose face was to be seen in a picture."""
        self._world = world
        self._wardrobe = wardrobe
        self._random = np.random.default_rng([seed, 2])
        self._looks = {id(actor): _Look.drawn(self._random) for actor in world.actors}
        """By actor; one who was invited later gets a look when it is first seen."""
        self._lights = lights

    def paint(self) -> Pixels:
        """A (480, 640, 3) picture of everyone in view, the farthest first."""
        image = scenery().copy()
        for actor in sorted(self._world.actors, key=lambda each: each.near):
            if actor.in_view:
                self._paint_one(image, actor, self._look(actor))
        return lit(image, kind_at(self._lights, self._world.time), self._random)

    def _look(self, actor: Actor) -> _Look:
        if id(actor) not in self._looks:
            self._looks[id(actor)] = _Look.drawn(self._random)
        return self._looks[id(actor)]

    def _paint_one(self, image: Pixels, actor: Actor, look: _Look) -> None:
        time, visitor = self._world.time, actor.visitor
        head = "averted" if actor.phase is Phase.GOING else actor.head(time)
        pose: Pose = "down" if head == "down" else "averted" if head == "averted" else "clear"
        sprite = self._wardrobe.sprite(visitor, pose, carrying=actor.carrying(time))
        left, top, right, bottom = actor.box().pixels(HEIGHT_PX, WIDTH_PX)
        height = (bottom - top) * look.size
        x = (left + right) / 2 + height * look.sway(time, moving=actor.phase is not Phase.WAITING)
        _shade(image, x, bottom, height)
        paste(image, sprite, x, bottom, height, mirrored=look.mirrored)
        if _laid_down(actor, time):
            paste(image, lying_mouse(), x + 0.3 * height, bottom + 0.06 * height, MOUSE * height)
        if head is None:
            self.clear.append((time, visitor.name))
        if head == "blurred":
            _blur(image, x, bottom, height)


@dataclass(frozen=True, slots=True)
class _Look:
    """What differs between one visit and the next."""

    mirrored: bool
    size: float
    phase: float

    @classmethod
    def drawn(cls, random: np.random.Generator) -> _Look:
        return cls(bool(random.integers(2)), float(random.uniform(0.94, 1.0)), float(random.uniform(0, 6.3)))

    def sway(self, time: float, *, moving: bool) -> float:
        """How far to the side of its path it is, in heights of itself."""
        return float((0.06 if moving else 0.02) * np.sin((3.1 if moving else 1.3) * time + self.phase))


def paste(
    image: Pixels, sprite: Sprite, x: float, bottom: float, height: float, *, mirrored: bool = False
) -> None:
    """Blend a sprite into the picture, its feet at `bottom`, its middle at `x`, all in pixels."""
    tall = max(round(height), 2)
    wide = max(round(height * sprite.aspect), 2)
    left, top = round(x - wide / 2), round(bottom) - tall
    rows = slice(max(top, 0), min(top + tall, image.shape[0]))
    columns = slice(max(left, 0), min(left + wide, image.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    small = cv2.resize(sprite.image, (wide, tall), interpolation=cv2.INTER_AREA)
    cover = cv2.resize(sprite.cover, (wide, tall), interpolation=cv2.INTER_AREA)
    if mirrored:
        small, cover = small[:, ::-1], cover[:, ::-1]
    inner = np.s_[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    part, alpha = image[rows, columns], np.ascontiguousarray(cover[inner])
    part[:] = cv2.blendLinear(np.ascontiguousarray(small[inner]), part.copy(), alpha, 1 - alpha)


def _laid_down(actor: Actor, time: float) -> bool:
    """Whether what it brought lies on the ground before it."""
    visitor, seconds = actor.visitor, time - actor.visitor.arrives
    dropped = visitor.drops is not None and seconds >= visitor.drops
    return dropped and not actor.carrying(time) and (visitor.carries or visitor.grabs is not None)


def _blur(image: Pixels, x: float, bottom: float, height: float) -> None:
    """Smear an animal and what is about it, as a short look at something fast does."""
    reach = 0.8 * height
    rows = slice(max(round(bottom - 1.1 * height), 0), min(round(bottom + 0.1 * height), image.shape[0]))
    columns = slice(max(round(x - reach), 0), min(round(x + reach), image.shape[1]))
    part = image[rows, columns]
    smeared = cv2.GaussianBlur(part, (0, 0), max(BLUR * height, 1.5))
    inside = np.zeros(part.shape[:2], np.float32)
    edge = max(round(0.06 * height), 1)
    inside[edge:-edge, edge:-edge] = 1
    cover = np.asarray(cv2.GaussianBlur(inside, (0, 0), edge / 2), np.float32)
    part[:] = cv2.blendLinear(smeared, part.copy(), cover, 1 - cover)


def _shade(image: Pixels, x: float, bottom: float, height: float) -> None:
    """The shadow on the ground under an animal."""
    wide, tall = round(0.42 * height), round(0.1 * height)
    rows = slice(max(round(bottom) - tall, 0), min(round(bottom) + tall, image.shape[0]))
    columns = slice(max(round(x) - wide, 0), min(round(x) + wide, image.shape[1]))
    part = image[rows, columns]
    if part.size:
        across = np.linspace(-1, 1, part.shape[1], dtype=np.float32)[None, :] ** 2
        along = np.linspace(-1, 1, part.shape[0], dtype=np.float32)[:, None] ** 2
        light = 1 - SHADOW * np.clip(1 - across - along, 0, 1)
        part[:] = (part * light[..., None]).astype(np.uint8)


@lru_cache(maxsize=1)
def scenery() -> Pixels:
    """The doorstep with nobody on it: a brick wall above gravel, in colour."""
    grey = background()
    return np.vstack(
        [
            np.clip(part * np.array(tint), 0, 255).astype(np.uint8)
            for part, tint in ((grey[:HORIZON_PX], BRICK), (grey[HORIZON_PX:], GRAVEL))
        ]
    )
