"""Draws a sitting cat around the photographed face of scikit-image's packaged `chelsea` (CC0).

The face is the photograph; body, ears and tail are cut out of its own fur, since the photograph ends at
the chin. A second cat is the same one in another coat, a raccoon is one in a mask: this shows how the
device works and says nothing about how well it knows real animals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from device.errors import PictureError
from device.messages import Pixels
from simulator.doorstep import dyed, photograph

Floats = NDArray[np.float32]
Point = tuple[float, float]
Pose = Literal["clear", "down", "averted"]

SCALE = 0.5
"""Pixels for one unit of the drawing, which is 480 units wide and 640 high."""
WIDTH_PX, HEIGHT_PX = round(480 * SCALE), round(640 * SCALE)
FACE_SCALE = 0.845
"""Units for one pixel of the photograph."""
FACE_AT = (70, 58)
"""Left and top of the face in the drawing."""
FACE_PX = (402, 299)
"""Width and height of the part of the photograph that shows the face."""
DOWN = 100
"""How much lower the head hangs when it is down."""
BOWED = 120
"""How far the face then slides out of sight under the brow."""
MOUTH = (281, 288)
RACCOON = "raccoon"
EAR, SKIN, MOUSE_COAT = (120, 125, 180), (135, 140, 190), (0.62, 0.68, 0.74)
"""Colours of skin, and of the mouse's fur against the cat's; blue, green, red."""
COATS = ("tabby", "ginger", "grey", "black", "white")
"""What a cat may wear; the household takes them in this order."""

FACE = (
    *((60, 10), (150, -20), (330, -10), (365, 60), (362, 120), (350, 180), (335, 240), (290, 285)),
    *((200, 310), (90, 290), (30, 220), (28, 120)),
)
"""The face in the photograph, and what the photograph cuts off above and below it."""
SKULL = ((40, 20), (110, -38), (210, -48), (310, -38), (372, 50), *FACE[4:])
BODY = ((150, 250), (330, 250), (370, 380), (400, 520), (390, 625), (90, 625), (80, 520), (110, 380))
TAIL = ((330, 605), (420, 605), (452, 545), (440, 475), (430, 435))
LEGS = (185, 295)
CHEST, CHEST_SIZE = (240, 410), (70, 110)
EARS = (((92, 8), (68, 150), (180, 82)), ((372, 2), (285, 78), (376, 145)))
"""Tip, outer and inner foot of each."""
PERSON = (
    *((165, 40), (200, 15), (245, 15), (285, 40), (302, 90), (290, 130), (262, 160), (300, 215)),
    *((305, 235), (345, 265), (362, 340), (330, 360), (295, 400), (275, 450), (280, 511), (20, 511)),
    *((25, 420), (30, 350), (55, 265), (112, 215), (115, 170), (150, 148), (180, 150), (180, 125), (155, 95)),
)
"""Outline of the person in the packaged portrait, in its pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A picture of an animal without what is around it."""

    image: Pixels
    """(height, width, 3) blue, green, red."""
    cover: Floats
    """(height, width), 1 where the animal hides what is behind it, 0 where there is none of it."""

    @property
    def aspect(self) -> float:
        """Width over height."""
        height, width, _ = self.image.shape
        return float(width / height)


@lru_cache(maxsize=64)
def cat(coat: str = "tabby", pose: Pose = "clear", *, carrying: bool = False) -> Sprite:
    """A sitting cat seen from the front.

    Args:
        coat: one of COATS, or RACCOON.
        pose: "down" hides the mouth behind the brow, "averted" shows the back of the head.
        carrying: a mouse hangs from its mouth; not to be seen when the head is averted.

    Raises:
        PictureError: there is no such coat, or scikit-image is not installed.
    """
    if coat not in (*COATS, RACCOON):
        raise PictureError(f"coat {coat!r} does not exist; use {', '.join(COATS)}")
    drawing = _Drawing(dyed(photograph("cat"), "grey" if coat == RACCOON else coat))
    drawing.body(ringed=coat == RACCOON)
    if carrying and pose == "down":
        drawing.mouse(DOWN - 20)
    drawing.head(pose, masked=coat == RACCOON)
    if carrying and pose == "clear":
        drawing.mouse()
    return drawing.finished()


@lru_cache(maxsize=1)
def lying_mouse() -> Sprite:
    """A mouse that was laid on the ground."""
    drawing = _Drawing(photograph("cat"))
    drawing.mouse()
    left, top, right, bottom = (round(each * SCALE) for each in (150, 270, 400, 404))
    whole = drawing.finished()
    return Sprite(whole.image[top:bottom, left:right], whole.cover[top:bottom, left:right])


@lru_cache(maxsize=1)
def person() -> Sprite:
    """A person: scikit-image's packaged `astronaut` (Eileen Collins; NASA, public domain), cut out."""
    portrait = photograph("astronaut")
    cover = np.zeros(portrait.shape[:2], np.uint8)
    cv2.fillPoly(cover, [np.array(PERSON, np.int32)], 255)
    return Sprite(portrait[:, :370], _soft(cover, 3)[:, :370].copy())


class _Drawing:
    """One layer of fur over another."""

    def __init__(self, photo: Pixels) -> None:
        self._photo = photo
        self._fur = _fur(photo)
        self._image: Floats = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.float32)
        self._cover: Floats = np.zeros((HEIGHT_PX, WIDTH_PX), np.float32)

    def finished(self) -> Sprite:
        return Sprite(np.clip(self._image, 0, 255).astype(np.uint8), self._cover)

    def body(self, *, ringed: bool) -> None:
        """Tail, trunk with a paler chest, and the two front legs."""
        rows = np.arange(HEIGHT_PX, dtype=np.float32)[:, None, None] / np.float32(SCALE)
        rings = np.where(rows // 24 % 2, 0.45, 1.1) if ringed else np.full_like(rows, 0.8)
        self._lay(self._fur * rings.astype(np.float32), _stroke(TAIL, 42, 3))
        self._lay(self._shaded(240, 170), _filled(BODY, 4))
        self._lay(self._fur * np.float32(1.15) + np.float32(20), _oval(CHEST, CHEST_SIZE, 18) * 0.8)
        for x in LEGS:
            leg = ((x - 38, 430), (x + 38, 430), (x + 34, 565), (x + 46, 630), (x - 46, 630), (x - 34, 565))
            self._lay(self._shaded(x, 60) * np.float32(1.08), _filled(leg, 4))

    def _shaded(self, middle: float, reach: float) -> Floats:
        """Fur that rounds off into the dark away from the `middle` column."""
        x = np.arange(WIDTH_PX, dtype=np.float32)[None, :, None] / np.float32(SCALE)
        light: Floats = np.clip(1 - 0.45 * ((x - middle) / reach) ** 2, 0.4, 1).astype(np.float32)
        return self._fur * light

    def head(self, pose: Pose, *, masked: bool) -> None:
        """Ears and face; lower and bowed for "down", from behind for "averted"."""
        trunk = self._image.copy(), self._cover.copy()
        if pose == "down":
            self._image[:], self._cover[:] = 0, 0
        self._ears(from_behind=pose == "averted")
        self._lay(self._fur * np.float32(0.95), _filled(_onto_drawing(SKULL), 3))
        if pose != "averted":
            self._face(BOWED if pose == "down" else 0)
        if masked and pose == "clear":
            self._mask_of_a_raccoon()
        if pose == "down":
            bowed, cover = _lowered(self._image), _lowered(self._cover)
            self._image[:], self._cover[:] = trunk
            self._lay(bowed, cover)

    def _ears(self, *, from_behind: bool) -> None:
        for tip, outer, inner in EARS:
            self._lay(self._fur * np.float32(0.85), _filled((outer, tip, tip, inner), 2))
            if not from_behind:
                middle = np.mean([tip, outer, inner], axis=0)
                shell = [
                    tuple((np.array(point) - middle) * 0.6 + middle) for point in (outer, tip, tip, inner)
                ]
                self._lay(_plain(EAR), _filled(shell, 4) * 0.7)

    def _face(self, lower: float) -> None:
        """The photograph within the skull; the lower it lies, the more of the mouth is hidden."""
        scale, (left, top) = FACE_SCALE * SCALE, FACE_AT
        small = (round(FACE_PX[0] * scale), round(FACE_PX[1] * scale))
        photo = self._photo[: FACE_PX[1], : FACE_PX[0]]
        window = np.zeros(photo.shape[:2], np.float32)
        window[14:-8] = 1
        first = round(left * SCALE), round((top + lower) * SCALE)
        part = np.s_[first[1] : first[1] + small[1], first[0] : first[0] + small[0]]
        face, within = np.zeros_like(self._image), np.zeros_like(self._cover)
        face[part] = cv2.resize(photo, small, interpolation=cv2.INTER_AREA)
        within[part] = cv2.resize(window, small, interpolation=cv2.INTER_AREA)
        within = np.asarray(cv2.GaussianBlur(within, (0, 0), 6 * SCALE), np.float32)
        self._lay(face, within * _filled(_onto_drawing(FACE), 5))

    def _mask_of_a_raccoon(self) -> None:
        """Dark patches about the eyes with a pale line above: what tells a raccoon from a grey cat."""
        for centre, size, level in (
            ((215, 120), (150, 24), 215),
            ((205, 168), (92, 40), 25),
            ((338, 182), (60, 36), 25),
        ):
            patch = _oval(centre, size, 7, angle_deg=8) * 0.8
            self._lay(_plain((level, level, level)), patch * (self._cover > 0.5))

    def mouse(self, lower: float = 0) -> None:
        """A dead mouse across the mouth: body, head with an ear, feet and a hanging tail."""
        x, y = MOUTH[0], MOUTH[1] + lower
        tail = ((x - 60, y + 12), (x - 105, y + 30), (x - 95, y + 90), (x - 118, y + 110))
        self._lay(_plain(SKIN), _stroke(tail, 8, 1))
        for foot in (x - 42, x + 28):
            self._lay(_plain(SKIN), _stroke(((foot, y + 25), (foot - 4, y + 45), (foot - 8, y + 62)), 8, 1))
        grey = cv2.cvtColor(self._fur, cv2.COLOR_BGR2GRAY)[..., None]
        coat = np.asarray(grey * np.array(MOUSE_COAT, np.float32), np.float32)
        self._lay(coat, _oval((x - 5, y + 14), (76, 32), 2, angle_deg=10))
        self._lay(coat, _oval((x + 76, y + 24), (36, 24), 2, angle_deg=10))
        self._lay(_plain(EAR), _oval((x + 66, y + 2), (13, 13), 1))
        self._lay(_plain((10, 10, 10)), _oval((x + 94, y + 20), (5, 5), 1))

    def _lay(self, layer: Floats, cover: Floats) -> None:
        self._image += (layer - self._image) * cover[..., None]
        np.maximum(self._cover, cover, out=self._cover)


def _plain(colour: tuple[int, int, int]) -> Floats:
    """One colour everywhere; broadcasts over the drawing."""
    return np.array(colour, np.float32)[None, None, :]


def _fur(photo: Pixels) -> Floats:
    """The fur of the brow, mirrored until it covers the whole drawing."""
    brow = cv2.resize(photo[5:85, 170:320], None, fx=1.8 * SCALE, fy=1.8 * SCALE).astype(np.float32)
    calm = brow * np.float32(0.5) + brow.mean(axis=(0, 1), keepdims=True) * np.float32(0.5)
    pattern = np.vstack([calm, calm[::-1]])
    pattern = np.hstack([pattern, pattern[:, ::-1]])
    times = (HEIGHT_PX // pattern.shape[0] + 1, WIDTH_PX // pattern.shape[1] + 1, 1)
    covered: Floats = np.tile(pattern, times)[:HEIGHT_PX, :WIDTH_PX]
    return covered


def _lowered(layer: Floats) -> Floats:
    down = round(DOWN * SCALE)
    lowered = np.zeros_like(layer)
    lowered[down:] = layer[:-down]
    return lowered


def _onto_drawing(outline: Sequence[Point]) -> list[Point]:
    """From pixels of the photograph to units of the drawing."""
    return [(x * FACE_SCALE + FACE_AT[0], y * FACE_SCALE + FACE_AT[1]) for x, y in outline]


def _filled(outline: Sequence[Point], softness: float) -> Floats:
    mask = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.fillPoly(mask, [_rounded(outline)], 255)
    return _soft(mask, softness * SCALE)


def _oval(centre: Point, size: Point, softness: float, *, angle_deg: float = 0) -> Floats:
    mask = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    middle, half = ((round(x * SCALE), round(y * SCALE)) for x, y in (centre, size))
    cv2.ellipse(mask, middle, half, angle_deg, 0, 360, 255, cv2.FILLED, cv2.LINE_AA)
    return _soft(mask, softness * SCALE)


def _stroke(path: Sequence[Point], thickness: float, softness: float) -> Floats:
    mask = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.polylines(mask, [_rounded(path, closed=False)], False, 255, round(thickness * SCALE), cv2.LINE_AA)
    return _soft(mask, softness * SCALE)


def _soft(mask: NDArray[np.uint8], softness_px: float) -> Floats:
    return cv2.GaussianBlur(mask, (0, 0), softness_px).astype(np.float32) / np.float32(255)


def _rounded(points: Sequence[Point], *, closed: bool = True) -> NDArray[np.int32]:
    """The corners cut four times (Chaikin 1974): a smooth line of units as (n, 2) whole pixels."""
    path = np.array(points, np.float64) * SCALE
    for _ in range(4):
        ahead = np.roll(path, -1, axis=0) if closed else path[1:]
        here = path if closed else path[:-1]
        cut = np.stack([here * 0.75 + ahead * 0.25, here * 0.25 + ahead * 0.75], axis=1).reshape(-1, 2)
        path = cut if closed else np.vstack([path[:1], cut, path[-1:]])
    return path.astype(np.int32)
