"""How sharp and how bright a part of the picture is, for whoever aims the camera and turns its lens."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from device.messages import Box, Pixels


@dataclass(frozen=True, slots=True)
class Framing:
    """What was measured."""

    sharpness: float
    """Variance of the Laplacian at full resolution: only to be compared with itself, as the lens turns."""
    brightness: float
    """Mean, 0..1."""


def judge(image: Pixels, box: Box) -> Framing:
    """Measure the part of a BGR picture within `box`; green stands for luma."""
    height, width, _ = image.shape
    left, top, right, bottom = box.pixels(height, width)
    green = np.ascontiguousarray(image[top:bottom, left:right, 1])
    _, deviation = cv2.meanStdDev(cv2.Laplacian(green, cv2.CV_32F))
    return Framing(float(deviation[0, 0]) ** 2, cv2.mean(green)[0] / 255)
