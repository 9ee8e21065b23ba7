"""The picture that a request carries, or names in the configured folder."""

from __future__ import annotations

import base64
from pathlib import Path

from device.errors import PictureError
from device.messages import Pixels
from device.see.picture_header import read_header
from device.see.pictures import decode_picture
from device.web.rekognition.faults import (
    IMAGE_TOO_LARGE,
    INVALID_IMAGE,
    INVALID_PARAMETER,
    INVALID_S3_OBJECT,
    RequestError,
)
from device.web.rekognition.shapes import Image, S3Object

MOST_BYTES = 5 * 1024 * 1024
"""Of a picture in the request."""
MOST_BYTES_STORED = 15 * 1024 * 1024
MOST_PIXELS = 48_000_000
"""A small file may unfold to more than fits into memory."""


class Pictures:
    """Reads the pictures of requests; buckets are the folders of one folder."""

    def __init__(self, folder: str) -> None:
        """`folder`: where the buckets are; empty if there are none."""
        self._folder = Path(folder).resolve() if folder else None

    def read(self, image: Image) -> Pixels:
        """The picture as (height, width, 3) BGR uint8.

        Raises:
            RequestError: there is none, or it cannot be read.
        """
        if (image.bytes is None) == (image.s3_object is None):
            raise RequestError(INVALID_PARAMETER, "Image needs either Bytes or S3Object")
        if image.s3_object is not None:
            return _decoded(self._stored(image.s3_object), image.s3_object.name)
        return _decoded(_from_base64(image.bytes or ""), "the picture")

    def _stored(self, wanted: S3Object) -> bytes:
        if self._folder is None:
            raise RequestError(
                INVALID_S3_OBJECT, "there are no buckets; [web] rekognition_pictures names a folder"
            )
        try:
            bucket = (self._folder / wanted.bucket).resolve()
            path = (bucket / wanted.name).resolve()
            # Links out of the folder, dots and absolute names lead nowhere.
            if bucket.parent != self._folder or not path.is_relative_to(bucket) or not path.is_file():
                raise FileNotFoundError
            if path.stat().st_size > MOST_BYTES_STORED:
                raise RequestError(IMAGE_TOO_LARGE, f"a stored picture may have {MOST_BYTES_STORED} bytes")
            return path.read_bytes()
        except (OSError, ValueError, RuntimeError):
            raise RequestError(
                INVALID_S3_OBJECT, f"there is no picture {wanted.name[:100]!r} in {wanted.bucket!r}"
            ) from None


def _from_base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise RequestError(INVALID_PARAMETER, "Image.Bytes is no base64") from None
    if len(data) > MOST_BYTES:
        raise RequestError(IMAGE_TOO_LARGE, f"a picture in a request may have {MOST_BYTES} bytes")
    return data


def _decoded(data: bytes, name: str) -> Pixels:
    header = read_header(data)
    if header is not None and header.width_px * header.height_px > MOST_PIXELS:
        raise RequestError(
            IMAGE_TOO_LARGE, f"it has {header.width_px} x {header.height_px} pixels; save it smaller"
        )
    try:
        return decode_picture(data, name)
    except PictureError as error:
        raise RequestError(INVALID_IMAGE, str(error)) from None
