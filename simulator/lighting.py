"""What the light does to a rendered picture: dusk, the infrared lamp, headlights, a spider, and noise."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from device.messages import Pixels
from simulator.light import Kind

DUSK = np.array((0.34, 0.27, 0.24), np.float32)
"""How much of blue, green and red is left."""
LAMP_EDGE = 0.45
"""How bright the corners are in the lamp's light, against the middle."""
DARK = 0.03
"""How much light comes through a filter that is stuck, at night."""
NOISE = {None: 1.2, "dusk": 3.0}
"""Standard deviation of a sensor's noise, of 255; 2 in any other light."""


def lit(image: Pixels, kind: Kind | None, random: np.random.Generator) -> Pixels:
    """The picture, (height, width, 3) blue, green, red, in a light (None: day) and with noise.

    The infrared lamp has no colour and falls off towards the edges; headlights saturate the picture; a
    spider on the lens is lit by the lamp, large and out of focus.
    """
    match kind:
        case "dusk":
            changed = cv2.transform(image, np.diag(DUSK))
        case "infrared":
            changed = _lamp(image)
        case "spider":
            changed = _spider(_lamp(image), random)
        case "headlights":
            changed = cv2.convertScaleAbs(image, alpha=3.0, beta=200)
        case "filter stuck":
            changed = cv2.convertScaleAbs(image, alpha=DARK)
        case None:
            changed = image
    colour = kind not in ("infrared", "spider")
    return _noisy(np.asarray(changed, np.uint8), NOISE.get(kind, 2.0), colour, random)


def _lamp(image: Pixels) -> Pixels:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    shone = cv2.multiply(grey, _vignette(image.shape[0], image.shape[1]), dtype=cv2.CV_8U)
    return np.asarray(cv2.cvtColor(shone, cv2.COLOR_GRAY2BGR), np.uint8)


def _spider(image: Pixels, random: np.random.Generator) -> Pixels:
    """A bright shape with eight legs that creeps about before the lens."""
    height, width = image.shape[:2]
    glow = np.zeros((height, width), np.uint8)
    x, y = width * 0.35 + random.normal(0, 8), height * 0.4 + random.normal(0, 8)
    cv2.ellipse(glow, (round(x), round(y)), (width // 11, width // 14), 0, 0, 360, 200, cv2.FILLED)
    for angle in np.linspace(0.2, 2 * np.pi, 8, endpoint=False) + random.normal(0, 0.1, 8):
        end = round(x + np.cos(angle) * width * 0.3), round(y + np.sin(angle) * width * 0.3)
        cv2.line(glow, (round(x), round(y)), end, 170, width // 50)
    soft = cv2.GaussianBlur(glow, (0, 0), width / 60)
    return np.asarray(cv2.add(image, cv2.cvtColor(soft, cv2.COLOR_GRAY2BGR)), np.uint8)


def _noisy(image: Pixels, spread: float, colour: bool, random: np.random.Generator) -> Pixels:
    """Gaussian noise with a standard deviation of `spread`, each colour its own or all the same."""
    grain = _grain(3 if colour else 1)
    height, width = image.shape[:2]
    row, column = (int(random.integers(0, limit)) for limit in (grain.shape[0] - height, 97))
    noise = grain[row : row + height, column : column + width]
    noise = noise if colour else np.repeat(noise, 3, axis=2)
    return np.asarray(cv2.scaleAdd(noise, spread, image.astype(np.float32)).clip(0, 255), np.uint8)


@lru_cache(maxsize=2)
def _grain(planes: int) -> NDArray[np.float32]:
    """More noise than a picture needs, of which each frame takes another part: drawing it costs 20 ms."""
    return np.random.default_rng(7).normal(size=(480 + 97, 640 + 97, planes)).astype(np.float32)


@lru_cache(maxsize=4)
def _vignette(height: int, width: int) -> NDArray[np.float32]:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = 1.05 - (1.05 - LAMP_EDGE) * np.clip((x * x + y * y) / 2, 0, 1)
    return np.asarray(light, np.float32)
