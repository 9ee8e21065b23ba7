"""What makes the real picamera2 run on libcamera's virtual camera, and pads the rows of its small stream.

A Pi's image processor delivers BGR and YUV420, rows padded to a multiple of 64; the virtual camera only
NV12 without padding. So the small stream is made wider than asked for and then declared to be as narrow
as was asked: what is right of that is padding, exactly as picamera2 finds it in a Pi's memory.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import cv2


class _Absent(ModuleType):
    """The screen's library: picamera2 imports it, and a camera without a screen never uses it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent(name)


sys.modules["kms"] = sys.modules["pykms"] = _Absent("pykms")

import picamera2  # noqa: E402 - after the library that it imports
from picamera2.allocators import LibcameraAllocator  # noqa: E402

STRIDE = 384
"""Bytes of a row of the small stream that is 320 wide."""


class PictureRequest:
    """A completed request whose main stream is converted to a Pi's format; the rest is picamera2's own."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def make_array(self, name: str) -> Any:
        array = self._request.make_array(name)
        return cv2.cvtColor(array, cv2.COLOR_YUV2BGR_NV12) if name == "main" else array

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


class VirtualPicamera2(picamera2.Picamera2):  # type: ignore[misc]
    """picamera2 for a camera without raw modes, whose memory has planes for brightness and colour."""

    def __init__(self, camera_num: int = 0) -> None:
        super().__init__(camera_num)
        self.allocator = LibcameraAllocator(self.camera)

    def _get_raw_modes(self) -> list[dict[str, Any]]:
        return [{"format": "NV12", "size": (1280, 720)}]

    def configure(self, camera_config: Any = "preview") -> Any:
        lores = camera_config["lores"]
        size, lores["size"] = lores["size"], (STRIDE, lores["size"][1])
        done = super().configure(camera_config)
        self.camera_config["lores"].update(size=size, format="YUV420")
        return done

    def wait(self, job: Any, timeout: float | None = None) -> Any:
        return PictureRequest(super().wait(job, timeout))


def install() -> None:
    """Let whoever opens a camera by picamera2 get this one."""
    picamera2.Picamera2 = VirtualPicamera2
