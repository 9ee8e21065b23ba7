"""Draws what the camera will show, and teaches the heads that know it, from packaged photographs.

A cat of the household walks up with an empty mouth and waits: the door stays shut in these frames, for they
are made before anybody decides.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from device.messages import Pixels
from simulator.real import RealVision
from simulator.render import PackagedWardrobe, Painter
from simulator.scene import find_scene, read_scene
from simulator.visitors import Visitor
from simulator.world import World

SCENE = "s1"
HOUSEHOLD = ("mimi", "luna")
RATE = 2.0
"""Frames a second that are fed: an emulated processor sees hardly one."""
EMPTY, VISIT = 10, 70
"""So many frames of an empty doorstep and of a visit; inside/camera.py shows the last of these for ever."""
WALKS_S = 20.0


def painted(count: int, visitors: list[Visitor], seed: int) -> list[Pixels]:
    """One frame after the other, half a second apart."""
    world = World.of(visitors)
    painter = Painter(world, PackagedWardrobe(HOUSEHOLD), seed)
    found = []
    for _ in range(count):
        for _ in range(10):
            world.advance(1 / RATE / 10, bolt_open=False)
        found.append(painter.paint())
    return found


def yuyv(frames: list[Pixels]) -> bytes:
    """As a USB camera delivers them uncompressed."""
    return b"".join(np.asarray(cv2.cvtColor(each, cv2.COLOR_BGR2YUV_YUYV)).tobytes() for each in frames)


def main(folder: Path, heads: Path) -> None:
    """Leaves the frames in `folder` and the heads' models in `heads`/mimi+luna/models."""
    scene = read_scene(find_scene(SCENE))
    RealVision(heads).begin(scene, World.of(scene.visitors), 0)
    (folder / "empty.yuyv").write_bytes(yuyv(painted(EMPTY, [], 1)))
    mimi = Visitor("mimi", arrives=0.5, walks=WALKS_S, patience=1e9, pushes=False)
    (folder / "visit.yuyv").write_bytes(yuyv(painted(VISIT, [mimi], 2)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
