"""Films that every browser plays: WebM with VP8, which OpenCV's packaged encoder writes without a licence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from device.errors import StoreError
from device.messages import Pixels

VP8 = cv2.VideoWriter.fourcc(*"VP80")


def write_webm(path: Path, jpegs: Sequence[bytes], rate: float) -> None:
    """Write JPEG pictures as a film of `rate` frames a second, in the size of the first.

    Raises:
        StoreError: a picture is damaged, the encoder refuses, or the disk is full.
    """
    _encode(path, map(_decoded, jpegs), rate)
    # The encoder says nothing when the disk is full, so the film is asked how long it is.
    film = cv2.VideoCapture(str(path))
    whole = film.isOpened() and round(film.get(cv2.CAP_PROP_FRAME_COUNT)) >= len(jpegs)
    film.release()
    if not whole:
        raise StoreError(f"{path}: the film could not be written whole; free some space")


def _decoded(jpeg: bytes) -> Pixels:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    if picture is None:
        raise StoreError("a picture of a clip is damaged")
    return picture  # type: ignore[return-value]


def _encode(path: Path, pictures: Iterable[Pixels], rate: float) -> None:
    writer: cv2.VideoWriter | None = None
    try:
        for picture in pictures:
            if writer is None:
                size = (picture.shape[1], picture.shape[0])
                writer = cv2.VideoWriter(str(path), VP8, rate, size)
                if not writer.isOpened():
                    raise StoreError(
                        f"{path}: no film can be begun there; free some space or check who owns it"
                    )
            writer.write(cv2.resize(picture, size))
    finally:
        if writer is not None:
            writer.release()
