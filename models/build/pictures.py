"""Reads the pictures that calibration, training and measuring are given by path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2

from device.messages import Pixels

SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


def picture_paths(folder: Path) -> list[Path]:
    """Every picture below `folder`, in the order of their names."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise SystemExit(f"there are no pictures in {folder}; name a folder with JPEG or PNG files")
    return paths


def read(path: Path) -> Pixels:
    """The picture as (height, width, 3) BGR."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise SystemExit(f"{path} is not a picture that OpenCV can read")
    return image


def read_all(folder: Path) -> Iterator[Pixels]:
    """Every picture below `folder`."""
    return map(read, picture_paths(folder))
