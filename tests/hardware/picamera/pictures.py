"""What the virtual camera plays: each picture is known again in either stream, and its padding is white."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from device.messages import Luma

COUNT = 12
HEIGHT_PX, WIDTH_PX = 720, 1280
SHOWN = 320 / 384
"""The ratio of the width that is not padding in the small stream."""


def picture(number: int) -> Luma:
    """Grey steps with a black bar at a place of its own; what becomes padding is white."""
    plane = np.tile(np.linspace(60, 190, WIDTH_PX).astype(np.uint8), (HEIGHT_PX, 1))
    bar = round(WIDTH_PX * SHOWN * (number + 0.25) / COUNT)
    plane[:, bar : bar + 80] = 20
    plane[:, round(WIDTH_PX * SHOWN) :] = 255
    return plane


def write(folder: Path) -> None:
    """As JPEG files, in the order in which they are played."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(COUNT):
        cv2.imwrite(str(folder / f"{number}.jpg"), picture(number), [cv2.IMWRITE_JPEG_QUALITY, 97])


def recognised(plane: Luma, shown: float) -> tuple[int, float]:
    """Which picture it is whose left part of that ratio is in `plane`, and by how much a pixel differs."""
    size = plane.shape[1], plane.shape[0]
    differences = []
    for number in range(COUNT):
        part = picture(number)[:, : round(WIDTH_PX * shown)]
        known = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        differences.append(float(np.abs(known.astype(int) - plane).mean()))
    best = int(np.argmin(differences))
    return best, differences[best]
