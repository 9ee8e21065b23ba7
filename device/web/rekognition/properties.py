"""ImageProperties of DetectLabels: how bright, sharp and rich in contrast a picture is, and its colours.

What is boxed counts as the foreground, all else as the background. Amazon does not say how it computes its
figures; these are of the same kind and range, 0..100, and not the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from device.messages import Box, Pixels

Json = dict[str, Any]
Floats = NDArray[np.float32]

SIDE_PX = 96
"""Colours are counted on a picture no longer than this."""
SHARP = 500.0
"""Variance of the Laplacian at 256 pixels' width that counts as wholly sharp."""
SHARP_PX = 256
CENTRES = 12
"""So many colours at most are told apart."""
ALIKE = 18.0
"""Two colours nearer than this in CIELAB are one."""

SIMPLE: Mapping[str, tuple[int, int, int]] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "red": (220, 20, 20),
    "green": (40, 160, 60),
    "blue": (30, 70, 200),
    "yellow": (240, 220, 40),
    "orange": (240, 140, 30),
    "brown": (110, 70, 40),
    "pink": (240, 150, 180),
    "purple": (120, 50, 160),
}
"""The colours that SimplifiedColor knows, as red, green, blue."""
CSS: Mapping[str, tuple[int, int, int]] = {
    "black": (0, 0, 0),
    "dimgrey": (105, 105, 105),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "white": (255, 255, 255),
    "maroon": (128, 0, 0),
    "red": (255, 0, 0),
    "chocolate": (210, 105, 30),
    "orange": (255, 165, 0),
    "tan": (210, 180, 140),
    "saddlebrown": (139, 69, 19),
    "darkslategrey": (47, 79, 79),
    "olive": (128, 128, 0),
    "yellow": (255, 255, 0),
    "darkolivegreen": (85, 107, 47),
    "green": (0, 128, 0),
    "lime": (0, 255, 0),
    "teal": (0, 128, 128),
    "aqua": (0, 255, 255),
    "navy": (0, 0, 128),
    "blue": (0, 0, 255),
    "steelblue": (70, 130, 180),
    "purple": (128, 0, 128),
    "fuchsia": (255, 0, 255),
    "pink": (255, 192, 203),
}
"""Some of CSS's named colours (CSS Color Module Level 4), from all around."""


def image_properties(image: Pixels, boxes: Iterable[Box], most: int) -> Json:
    """The properties of a BGR picture; of each part `most` colours at most, the commonest first."""
    scale = min(SIDE_PX / max(image.shape[:2]), 1.0)
    height, width = (max(round(side * scale), 1) for side in image.shape[:2])
    small = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    front = np.zeros((height, width), np.bool_)
    for box in boxes:
        left, top, right, bottom = box.pixels(height, width)
        front[top:bottom, left:right] = True
    found: Json = {"Quality": _quality(image), "DominantColors": _colours(small.reshape(-1, 3), most)}
    for name, mask in (("Foreground", front), ("Background", ~front)):
        if mask.any():
            found[name] = {
                "Quality": _quality(_around(image, mask)),
                "DominantColors": _colours(small[mask], most),
            }
    return found


def _around(image: Pixels, mask: NDArray[np.bool_]) -> Pixels:
    """The smallest rectangle of the picture that has all of `mask`."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    down, across = image.shape[0] / mask.shape[0], image.shape[1] / mask.shape[1]
    return image[
        int(rows[0] * down) : max(int((rows[-1] + 1) * down), 1),
        int(columns[0] * across) : max(int((columns[-1] + 1) * across), 1),
    ]


def _quality(image: Pixels) -> Json:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    height = max(round(grey.shape[0] * SHARP_PX / grey.shape[1]), 1)
    small = cv2.resize(grey, (SHARP_PX, height), interpolation=cv2.INTER_AREA)
    mean, deviation = cv2.meanStdDev(grey)
    return {
        "Brightness": round(float(mean[0, 0]) / 2.55, 4),
        "Sharpness": round(min(float(cv2.Laplacian(small, cv2.CV_32F).var()) / SHARP, 1.0) * 100, 4),
        "Contrast": round(min(float(deviation[0, 0]) / 127.5, 1.0) * 100, 4),
    }


def _colours(pixels: Pixels, most: int) -> list[Json]:
    """The commonest colours of (n, 3) BGR pixels with their share, by k-means in CIELAB; always the same."""
    if most < 1:
        return []
    lab = _lab(pixels)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 1.0)
    count = min(CENTRES, len(np.unique(pixels, axis=0)))
    cv2.setRNGSeed(1)
    _, owners, centres = cv2.kmeans(lab, count, np.empty(0, np.int32), stop, 1, cv2.KMEANS_PP_CENTERS)
    shares = np.bincount(owners.ravel(), minlength=count) / len(lab)
    return [_colour(*each) for each in _merged(np.asarray(centres, np.float32), shares)[:most]]


def _merged(centres: Floats, shares: NDArray[np.float64]) -> list[tuple[Floats, float]]:
    """Colours that nobody tells apart, as one, the commonest first."""
    found: list[tuple[Floats, float]] = []
    for place in np.argsort(-shares, kind="stable"):
        centre, share = centres[place], float(shares[place])
        near = next((n for n, (other, _) in enumerate(found) if np.linalg.norm(other - centre) < ALIKE), None)
        if near is None:
            found.append((centre, share))
        else:
            found[near] = found[near][0], found[near][1] + share
    return sorted(found, key=lambda each: -each[1])


def _colour(centre: Floats, share: float) -> Json:
    blue, green, red = (int(part) for part in np.round(_bgr(centre) * 255))
    return {
        "Red": red,
        "Green": green,
        "Blue": blue,
        "HexCode": f"#{red:02x}{green:02x}{blue:02x}",
        "CSSColor": _nearest(centre, CSS),
        "SimplifiedColor": _nearest(centre, SIMPLE),
        "PixelPercent": round(100 * share, 4),
    }


def _nearest(centre: Floats, names: Mapping[str, tuple[int, int, int]]) -> str:
    known = _lab(np.array([each[::-1] for each in names.values()], np.uint8))
    return list(names)[int(np.linalg.norm(known - centre, axis=1).argmin())]


def _lab(pixels: Pixels) -> Floats:
    """(n, 3) BGR as CIELAB, in which distances are as people see them."""
    scaled = pixels.reshape(1, -1, 3).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_BGR2LAB), np.float32).reshape(-1, 3)


def _bgr(centre: Floats) -> Floats:
    mixed = np.asarray(cv2.cvtColor(centre.reshape(1, 1, 3), cv2.COLOR_LAB2BGR), np.float32)
    return np.clip(mixed, 0, 1).ravel()
