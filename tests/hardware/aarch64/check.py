"""Imports every part of the installed wheel and sees with its models; prints what came out, for compare.py.

Run under emulation within an arm64 system, and once more here.
"""

from __future__ import annotations

import json
import pkgutil
import platform
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

import device
from device import shipped
from device.analysis import Analyst
from device.building.eyes import build_sight
from device.config import read_project
from device.see.head import find_heads
from device.self_test import golden_picture, self_test

LIBRARIES = ("ai-edge-litert", "numpy", "opencv-python-headless", "pydantic", "fastapi")


def import_everything() -> list[str]:
    """Every module of the device; what reaches a Pi's pins and camera is imported later, by their drivers."""
    names = [
        each.name for each in pkgutil.walk_packages(device.__path__, "device.") if "__main__" not in each.name
    ]
    for name in names:
        import_module(name)
    return names


def main(picture: Path) -> None:
    imported = import_everything()
    with TemporaryDirectory() as state:
        project = read_project(shipped.project("cat-flap"))
        embedder = build_sight(project, Path(state)).embedder
        for head in find_heads(project.section("heads"), Path(state), embedder.sha256):
            self_test(embedder.model.card.folder, embedder, head)
        answer = next(iter(Analyst(project, Path(state), 50.0, None, 0.5, None).answer(picture).lines(True)))
        frame = np.asarray(cv2.imread(str(picture)), np.uint8)
        found = {
            "machine": platform.machine(),
            "python": platform.python_version(),
            "versions": {name: version(name) for name in LIBRARIES},
            "modules": len(imported),
            "labels": json.loads(answer)["Labels"],
            "golden": embedder.embed(golden_picture()).tolist(),
            "picture": embedder.embed(frame).tolist(),
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
