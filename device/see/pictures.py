"""Reads one stored picture safely for analysis, and finds the pictures and videos of a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from device.errors import PictureError
from device.messages import Pixels
from device.see.picture_header import Header, read_header

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mpg", ".mpeg", ".h264"})

LONGEST_PX = 4000
"""Larger pictures are made smaller, by halves, while they are decoded."""

MOST_PIXELS_WHOLE = 48_000_000
"""What is decoded whole (PNG, WebP, BMP, progressive JPEG) may have as many: about 150 MB of memory."""

MOST_PIXELS_REDUCED = 400_000_000
MOST_BYTES = 256 * 1024 * 1024

REDUCED = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}


def read_picture(path: Path) -> Pixels:
    """The picture in a file as (height, width, 3) BGR uint8 with its EXIF orientation applied.

    Grey becomes three equal channels, transparency is dropped, 16 bits become 8. A picture with a side
    above 4000 pixels is reduced to a half, a quarter or an eighth while it is decoded.

    Raises:
        PictureError: the file is missing, empty, cut short, too large or not a picture.
    """
    return decode_picture(_read_bytes(path), str(path))


def decode_picture(data: bytes, name: str) -> Pixels:
    """The picture in `data`, the content of a file, as `read_picture` gives it.

    Raises:
        PictureError: it is cut short, too large or not a picture; the message calls it by its `name`.
    """
    header = read_header(data)
    if header is None or header.width_px < 1 or header.height_px < 1:
        raise PictureError(f"{name} is not a picture that can be read; save it as JPEG or PNG")
    if not header.complete:
        raise PictureError(f"{name} ends in the middle of the picture; copy it again from where it came from")
    _refuse_too_large(name, header)
    return _decode(name, data, header)


def find_pictures_and_videos(paths: Iterable[Path]) -> list[Path]:
    """The files among `paths` and all pictures and videos in its folders and theirs, sorted by name.

    A file is taken whatever its name; hidden files in folders are passed over.

    Raises:
        PictureError: a path does not exist or a folder holds neither pictures nor video.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found.extend(_in_folder(path))
        elif path.exists():
            found.append(path)
        else:
            raise PictureError(f"{path} does not exist; give a picture, a video or a folder of them")
    return list(dict.fromkeys(found))


def is_video(path: Path) -> bool:
    """Whether a file is taken for a video, by the ending of its name."""
    return path.suffix.lower() in VIDEOS


def _in_folder(folder: Path) -> list[Path]:
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURES | VIDEOS and not path.name.startswith(".") and path.is_file()
    )
    if not found:
        endings = ", ".join(sorted(PICTURES | VIDEOS))
        raise PictureError(f"{folder} holds no pictures or video; put files there that end in {endings}")
    return found


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise PictureError(
                f"{path} has {size:,} bytes; a picture may have {MOST_BYTES:,}: save it as a smaller JPEG"
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise PictureError(f"{path} does not exist; check the name") from None
    except IsADirectoryError:
        raise PictureError(f"{path} is a folder; give the picture's own name") from None
    except OSError as error:
        raise PictureError(f"{path} cannot be read ({error.strerror}); check who may read it") from None
    if not data:
        raise PictureError(f"{path} is empty; copy it again from where it came from")
    return data


def _refuse_too_large(name: str, header: Header) -> None:
    pixels = header.width_px * header.height_px
    most = MOST_PIXELS_REDUCED if header.reducible else MOST_PIXELS_WHOLE
    if pixels > most:
        raise PictureError(
            f"{name} has {header.width_px} x {header.height_px} pixels, more than fit into memory; "
            "save it smaller or as a baseline JPEG"
        )


def _decode(name: str, data: bytes, header: Header) -> Pixels:
    factor = 1
    while max(header.width_px, header.height_px) / factor > LONGEST_PX and factor < 8:
        factor *= 2
    mode = REDUCED.get(factor, cv2.IMREAD_REDUCED_COLOR_8)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    except cv2.error:
        image = None
    if image is None:
        raise PictureError(f"{name} is damaged; copy it again from where it came from")
    return np.asarray(image, np.uint8)
