"""The owner's own pictures of animals, cut out: `simulate --vision real --sprites DIR`.

`mimi.png` with transparency is what Mimi looks like, or `mimi.jpg` beside a `mimi.toml` that says where in
it she is. `mimi-prey`, `mimi-down` and `mimi-averted` show her so; without them a mouse is drawn at her
mouth, and a head that is down or averted shows her fur in place of her face. `raccoon.png` serves every
raccoon, `cat.png` every strange cat that has no picture of its own; who has none at all is played by
the packaged pictures.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
from pydantic import Field

from device.errors import ConfigError, PictureError
from device.parts import read_settings
from simulator.cat import Floats, Pose, Sprite, lying_mouse
from simulator.render import Wardrobe, paste
from simulator.visitors import Visitor

log = logging.getLogger(__name__)

TALLEST_PX = 640
"""A picture is reduced to this height; no animal is ever rendered taller."""
MOUTH = (0.5, 0.3)
"""Where a mouse is drawn unless the owner says where, as ratios of the cut-out."""
MOUSE = 0.16
"""Height of a mouse in the mouth, as a ratio of the animal's."""
OPAQUE = 0.5
SUFFIXES = (".png", ".jpg", ".jpeg")

Pixel = Annotated[float, Field(ge=0)]
Point = tuple[Pixel, Pixel]


@dataclass(frozen=True, slots=True)
class Sidecar:
    """`NAME.toml` beside a picture: what a picture alone cannot say. All in pixels of the picture."""

    box: tuple[Pixel, Pixel, Pixel, Pixel] | None = None
    """Left, top, right, bottom of the animal; its corners are rounded off."""
    polygon: tuple[Point, ...] = ()
    """The animal's outline."""
    mouth: Point | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CutOut:
    """One picture of an animal."""

    sprite: Sprite
    mouth: tuple[float, float] | None
    """In ratios of the sprite."""


class FolderWardrobe:
    """Implements render.Wardrobe with the pictures of a folder, and with another one where it has none."""

    def __init__(self, folder: Path, household: Sequence[str], otherwise: Wardrobe) -> None:
        """Read every picture of the folder.

        Raises:
            ConfigError: the folder is missing or empty, or a sidecar has a mistake.
            PictureError: a picture is damaged, or does not say where the animal is.
        """
        self._pictures = read_folder(folder)
        self._household = household
        self._otherwise = otherwise
        self._posed: dict[tuple[str, Pose, bool], Sprite] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Whom or what the pictures show."""
        poses = ("-prey", "-down", "-averted")
        return tuple(name for name in self._pictures if not name.endswith(poses))

    def sprite(self, visitor: Visitor, pose: Pose, *, carrying: bool) -> Sprite:
        own = visitor.name in self._household
        wanted = (visitor.name,) if own else (visitor.name, visitor.species)
        name = next((each for each in wanted if each in self._pictures), None)
        if name is None:
            return self._otherwise.sprite(visitor, pose, carrying=carrying)
        key = (name, pose, carrying)
        if key not in self._posed:
            self._posed[key] = self._pose(name, pose, carrying)
        return self._posed[key]

    def _pose(self, name: str, pose: Pose, carrying: bool) -> Sprite:
        attitude = pose if pose != "clear" else "prey" if carrying else ""
        own = self._pictures.get(f"{name}-{attitude}" if attitude else name)
        if own is not None:
            return own.sprite
        shown = self._pictures[name]
        return faceless(shown.sprite) if pose != "clear" else with_mouse(name, shown)


def read_folder(folder: Path) -> Mapping[str, CutOut]:
    """Every cut-out of a folder by its file's name without the ending."""
    if not folder.is_dir():
        raise ConfigError(f"--sprites {folder}: there is no such folder")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise ConfigError(f"--sprites {folder}: no picture in it; name them mimi.png, mimi-prey.png, cat.png")
    return {path.stem: read_cut_out(path) for path in paths}


def read_cut_out(path: Path) -> CutOut:
    """One picture, cut to what can be seen of the animal."""
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise PictureError(f"{path}: cannot be read: {error.strerror}") from None
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if len(data) else None
    if picture is None or picture.dtype != np.uint8:
        raise PictureError(f"{path}: not a picture of 8 bits a colour; save it again as PNG or JPEG")
    sidecar = _sidecar(path.with_suffix(".toml"))
    cover = _cover(path, np.asarray(picture, np.uint8), sidecar)
    ys, xs = np.nonzero(cover > OPAQUE)
    if not len(ys):
        raise PictureError(f"{path}: nothing of an animal is in it; everything is transparent or outside")
    top, bottom, left, right = ys.min(), ys.max() + 1, xs.min(), xs.max() + 1
    colours = picture[..., :3] if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    cut, cover = colours[top:bottom, left:right], cover[top:bottom, left:right]
    scale = min(TALLEST_PX / (bottom - top), 1.0)
    size = max(round((right - left) * scale), 1), max(round((bottom - top) * scale), 1)
    sprite = Sprite(
        np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8),
        np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), np.float32),
    )
    if sidecar.mouth is None:
        return CutOut(sprite, None)
    x, y = sidecar.mouth
    return CutOut(sprite, (float((x - left) / (right - left)), float((y - top) / (bottom - top))))


def _sidecar(path: Path) -> Sidecar:
    if not path.is_file():
        return Sidecar()
    try:
        return read_settings(Sidecar, f"{path}:", tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None


def _cover(path: Path, picture: np.ndarray[Any, np.dtype[np.uint8]], sidecar: Sidecar) -> Floats:
    """(height, width), 1 where the animal is."""
    drawn = np.zeros(picture.shape[:2], np.uint8)
    if sidecar.polygon:
        cv2.fillPoly(drawn, [np.array(sidecar.polygon).round().astype(np.int32)], 255)
    elif sidecar.box:
        left, top, right, bottom = sidecar.box
        middle = round((left + right) / 2), round((top + bottom) / 2)
        half = max(round((right - left) / 2), 1), max(round((bottom - top) / 2), 1)
        cv2.ellipse(drawn, middle, half, 0, 0, 360, 255, cv2.FILLED)
    elif picture.ndim == 3 and picture.shape[2] == 4 and picture[..., 3].min() < 255:
        return np.asarray(picture[..., 3], np.float32) / np.float32(255)
    else:
        raise PictureError(
            f"{path}: does not say where the animal is; make what is around it transparent (PNG), or write "
            f"box = [left, top, right, bottom] in pixels into {path.with_suffix('.toml').name}"
        )
    softened = cv2.GaussianBlur(drawn, (0, 0), max(max(drawn.shape) / 300, 0.5))
    return np.asarray(softened, np.float32) / np.float32(255)


def faceless(sprite: Sprite) -> Sprite:
    """The same outline with the mirrored lower half of the animal in place of the upper one."""
    image, half = sprite.image.copy(), sprite.image.shape[0] // 2
    image[:half] = image[::-1][:half]
    return Sprite(image, sprite.cover)


def with_mouse(name: str, shown: CutOut) -> Sprite:
    """The animal with a mouse drawn at its mouth."""
    if shown.mouth is None:
        log.warning(
            "%s: the mouse is drawn where a sitting animal's mouth is; show %s-prey.png, or say mouth = "
            "[x, y] in %s.toml",
            *(name, name, name),
        )
    (x, y), (height, width) = shown.mouth or MOUTH, shown.sprite.cover.shape
    image, tall = shown.sprite.image.copy(), MOUSE * height
    paste(image, lying_mouse(), x * width, y * height + 0.6 * tall, tall)
    solid = np.zeros((height, width, 3), np.uint8)
    white = Sprite(np.full_like(lying_mouse().image, 255), lying_mouse().cover)
    paste(solid, white, x * width, y * height + 0.6 * tall, tall)
    cover = np.maximum(shown.sprite.cover, solid[..., 0].astype(np.float32) / np.float32(255))
    return Sprite(image, cover)
