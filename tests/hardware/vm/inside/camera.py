"""Within the virtual machine: plays frames into a V4L2 device, as a camera before the door would see them.

What is shown is the name in the file `show`: `empty`, `visit` from its beginning on, or `none`.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import sys
import time
from pathlib import Path

WIDTH_PX, HEIGHT_PX, RATE, WAITING = 640, 480, 2.0, 20
FRAME_BYTES = WIDTH_PX * HEIGHT_PX * 2
VIDIOC_S_FMT = 0xC0D05605
OUTPUT, YUYV, NO_FIELD, SRGB = 2, 0x56595559, 1, 8


def opened(device: str) -> int:
    """The device, told which pictures come. Source: linux/videodev2.h, struct v4l2_format."""
    camera = os.open(device, os.O_RDWR)
    picture = struct.pack("8I", WIDTH_PX, HEIGHT_PX, YUYV, NO_FIELD, WIDTH_PX * 2, FRAME_BYTES, SRGB, 0)
    fcntl.ioctl(camera, VIDIOC_S_FMT, bytearray(struct.pack("I4x", OUTPUT) + picture.ljust(200, b"\0")))
    return camera


def main(device: str, frames: Path, show: Path) -> None:
    camera, films = opened(device), {}
    for film in frames.glob("*.yuyv"):
        with film.open("rb") as file:
            films[film.stem] = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    shown, number = "", 0
    while True:
        wanted = show.read_text().strip()
        shown, number = wanted, 0 if wanted != shown else number + 1
        if wanted in films:
            count = len(films[wanted]) // FRAME_BYTES
            # A visit's last frames are shown over and over: the cat waits.
            begins = count - WAITING if wanted == "visit" else 0
            index = number if number < count else begins + (number - begins) % (count - begins)
            os.write(camera, films[wanted][index * FRAME_BYTES : (index + 1) * FRAME_BYTES])
        time.sleep(1 / RATE)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
