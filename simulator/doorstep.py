"""A doorstep in pictures: a real photograph of a cat, moved through a scene, seen by a fake camera.

The cat is scikit-image's packaged `chelsea` (CC0, Stefan van der Walt), the wall and the ground are
its packaged brick and gravel textures (CC0). A stranger is the same photograph in another coat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from device.errors import PictureError
from device.interfaces import EndOfVideo
from device.messages import Frame, Pixels
from device.see.luma import make_frame

WIDTH_PX, HEIGHT_PX = 640, 480
HORIZON_PX = 170
HEAD_OUTLINE = (
    *((38, 0), (402, 0), (372, 70), (362, 120), (350, 180), (325, 250), (290, 299)),
    *((15, 299), (0, 230), (20, 140), (30, 60)),
)
"""Corners of the cat's head in the photograph, in pixels."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone who walks up to the door, waits before it and goes away again."""

    coat: str = "tabby"
    """"tabby" as photographed, or "black", "grey", "ginger"."""
    arrives: float = 2.0
    waits: float = 6.0
    walks: float = 3.0
    """Seconds from the far end of the path to the door."""
    mirrored: bool = False

    @property
    def leaves(self) -> float:
        return self.arrives + self.walks + self.waits + self.walks

    def nearness(self, time: float) -> float | None:
        """0 at the far end of the path, 1 at the door; None when not in the picture."""
        if not self.arrives <= time < self.leaves:
            return None
        walked = (time - self.arrives) / self.walks
        left = (self.leaves - time) / self.walks
        return min(walked, left, 1.0)


class Doorstep:
    """Implements interfaces.Camera: renders the visitors at a fixed rate, the same for the same seed."""

    def __init__(
        self, visitors: Sequence[Visitor], seconds: float, rate: float = 10.0, seed: int = 0
    ) -> None:
        self._visitors = visitors
        self._seconds = seconds
        self._rate = rate
        self._random = np.random.default_rng(seed)
        self._jitter = self._random.uniform(-1, 1, size=(len(visitors), 3))
        self._number = 0

    def next(self, timeout: float) -> Frame | None:  # noqa: ARG002 - a rendered camera never waits
        """The next rendered frame; raises EndOfVideo after the last."""
        time = self._number / self._rate
        if time >= self._seconds:
            raise EndOfVideo
        image = background().copy()
        for visitor, jitter in zip(self._visitors, self._jitter, strict=True):
            nearness = visitor.nearness(time)
            if nearness is not None:
                _paste(image, visitor, nearness, time, jitter)
        noise = self._random.integers(-4, 5, size=image.shape, dtype=np.int8)
        image = cv2.add(image, noise, dtype=cv2.CV_8U).astype(np.uint8, copy=False)
        self._number += 1
        return make_frame(image, time, self._number - 1)

    def close(self) -> None:
        """Nothing to give back."""


def photograph(name: str) -> Pixels:
    """One of scikit-image's packaged pictures, blue, green, red.

    Raises:
        PictureError: scikit-image is not installed.
    """
    try:
        from skimage import data  # noqa: PLC0415 - only the simulator's extra brings it
    except ImportError:
        raise PictureError("the rendered doorstep needs scikit-image: pip install 'latchlens[sim]'") from None
    picture = np.asarray(getattr(data, name)(), dtype=np.uint8)
    code = cv2.COLOR_GRAY2BGR if picture.ndim == 2 else cv2.COLOR_RGB2BGR
    return cv2.cvtColor(picture, code).astype(np.uint8)


@lru_cache(maxsize=1)
def background() -> Pixels:
    """The empty scene: a brick wall above gravel."""
    wall = cv2.resize(photograph("brick"), (WIDTH_PX, WIDTH_PX))[:HORIZON_PX] // 2 + 70
    ground = cv2.resize(photograph("gravel"), (WIDTH_PX, WIDTH_PX))[: HEIGHT_PX - HORIZON_PX] // 2 + 40
    return np.vstack([wall, ground]).astype(np.uint8)


@lru_cache(maxsize=16)
def sprite(coat: str, mirrored: bool) -> tuple[Pixels, NDArray[np.float32]]:
    """The cat's head in a coat, and its soft mask (height, width) 0..1."""
    picture = dyed(photograph("cat"), coat)
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.array(HEAD_OUTLINE, np.int32)], 255)
    soft: NDArray[np.float32] = cv2.GaussianBlur(mask, (0, 0), 4).astype(np.float32) / np.float32(255)
    return (np.ascontiguousarray(picture[:, ::-1]), soft[:, ::-1].copy()) if mirrored else (picture, soft)


def dyed(picture: Pixels, coat: str) -> Pixels:
    """The picture in another coat of fur.

    Raises:
        PictureError: there is no such coat.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    coats: dict[str, NDArray[np.float32]] = {
        "black": np.stack([grey, grey, grey], axis=-1) * 0.35,
        "grey": np.stack([grey * 1.05, grey, grey * 0.97], axis=-1),
        "ginger": np.stack([grey * 0.35, grey * 0.75, grey * 1.25], axis=-1),
        "white": np.stack([grey * 0.77 + 75, grey * 0.8 + 75, grey * 0.82 + 75], axis=-1),
    }
    if coat == "tabby":
        return picture
    if coat not in coats:
        raise PictureError(f"coat {coat!r} does not exist; use tabby, {', '.join(coats)}")
    dyed: Pixels = np.clip(coats[coat], 0, 255).astype(np.uint8)
    return dyed


def _paste(
    image: Pixels, visitor: Visitor, nearness: float, time: float, jitter: NDArray[np.float64]
) -> None:
    """Blend the visitor into `image`: small and high at the far end, large and low at the door."""
    picture, mask = sprite(visitor.coat, visitor.mirrored)
    height = int((60 + 190 * nearness) * (1 + 0.06 * jitter[0]))
    width = height * picture.shape[1] // picture.shape[0]
    sway = 12 * np.sin(2.1 * time + 3 * jitter[1]) + 30 * jitter[2]
    left = int(WIDTH_PX * 0.5 + sway - width / 2)
    top = int(HORIZON_PX - 40 + 130 * nearness + 5 * np.sin(3.3 * time))
    part = image[top : top + height, left : left + width]
    size = (part.shape[1], part.shape[0])
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    part[:] = cv2.blendLinear(small, part, alpha, 1 - alpha)
