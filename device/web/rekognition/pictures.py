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

    def path(self, bucket: str, name: str) -> Path:
        """Where a stored file lies; raises RequestError if there is none."""
        try:
            path = self.inside(bucket, name)
            if path.is_file():
                return path
        except (OSError, ValueError, RuntimeError):
            pass
        raise RequestError(INVALID_S3_OBJECT, f"there is no {name[:100]!r} in {bucket[:100]!r}")

    def inside(self, bucket: str, name: str) -> Path:
        """Where `name` lies, or would lie, in a bucket that is there.

        Raises:
            RequestError: there is no such bucket.
            ValueError: links out of the bucket, dots and absolute names lead nowhere.
        """
        if self._folder is None:
            raise RequestError(
                INVALID_S3_OBJECT, "there are no buckets; [web] rekognition_pictures names a folder"
            )
        place = (self._folder / bucket).resolve()
        if place.parent != self._folder or not place.is_dir():
            raise RequestError(INVALID_S3_OBJECT, f"there is no bucket {bucket[:100]!r}")
        path = (place / name).resolve()
        if not path.is_relative_to(place):
            raise ValueError(f"{name} leads out of {bucket}")
        return path

    def _stored(self, wanted: S3Object) -> bytes:
        path = self.path(wanted.bucket, wanted.name)
        try:
            if path.stat().st_size > MOST_BYTES_STORED:
                raise RequestError(IMAGE_TOO_LARGE, f"a stored picture may have {MOST_BYTES_STORED} bytes")
            return path.read_bytes()
        except OSError:
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
