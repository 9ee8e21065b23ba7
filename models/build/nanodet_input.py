"""Prepares pictures for NanoDet, the same for calibration and for measuring."""

from __future__ import annotations

import cv2
import numpy as np

from device.messages import Pixels

SIZE = 416
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
STD = np.array([57.375, 57.12, 58.395], np.float32)


def normalised(picture: Pixels) -> np.ndarray:
    """One BGR picture of any size as (1, 3, 416, 416) float32."""
    small = (cv2.resize(picture, (SIZE, SIZE)).astype(np.float32) - MEAN) / STD
    return np.ascontiguousarray(small.transpose(2, 0, 1)[None])
