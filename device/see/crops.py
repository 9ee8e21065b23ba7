"""Cuts a boxed animal out of a picture and says how well it can be seen."""

from __future__ import annotations

import cv2
import numpy as np

from device.messages import Box, Pixels, View

MARGIN = 0.05
"""How far the crop reaches beyond the box on each side, as a ratio of the box's longer side."""
VIEW_SIDE = 64


def crop(image: Pixels, box: Box, margin: float = MARGIN) -> Pixels:
    """The square around a box with a margin, shifted and cut where it would leave the picture.

    A (side, side, 3) view into the BGR picture, not a copy; less than square only where the
    picture itself is too narrow. The backbone stretches its input, so a square keeps proportions.
    """
    height, width, _ = image.shape
    left, top, right, bottom = box.pixels(height, width)
    side = round(max(right - left, bottom - top) * (1 + 2 * margin))
    first_row, last_row = _span((top + bottom) / 2, side, height)
    first_column, last_column = _span((left + right) / 2, side, width)
    return image[first_row:last_row, first_column:last_column]


def view(image: Pixels, box: Box) -> View:
    """Sharpness, brightness and height of the animal in `box`.

    Green stands for luma, of a large box only every so manieth pixel is read, and only the last halving
    averages: a quarter of the time of averaging all pixels at once, and the logarithm agrees to 0.999.
    """
    height, width, _ = image.shape
    left, top, right, bottom = box.pixels(height, width)
    step = max(min(right - left, bottom - top) // (2 * VIEW_SIDE), 1)
    green = np.ascontiguousarray(image[top:bottom:step, left:right:step, 1])
    twice = cv2.resize(green, (2 * VIEW_SIDE, 2 * VIEW_SIDE), interpolation=cv2.INTER_LINEAR)
    small = cv2.resize(twice, (VIEW_SIDE, VIEW_SIDE), interpolation=cv2.INTER_AREA)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(small, cv2.CV_32F))
    return View(sharpness=float(deviation[0, 0]) ** 2, brightness=cv2.mean(small)[0] / 255, height=box.height)


def _span(centre: float, size: int, limit: int) -> tuple[int, int]:
    """`size` whole pixels about `centre`, moved inside 0..limit, and at most all of them."""
    size = min(max(size, 1), limit)
    start = min(max(round(centre - size / 2), 0), limit - size)
    return start, start + size
