"""A cat at the rendered doorstep for three seconds, written to files as cameras and people would."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import cv2

from device.interfaces import EndOfVideo
from device.messages import Pixels
from simulator.doorstep import Doorstep, Visitor

RATE = 5
PROJECT = """
[door]
require_prey_proof = false
[camera]
kind = "video"
path = "{path}"
speed = "real-time"
[pins]
kind = "mock"
[web]
port = 0
[[animal]]
name = "chelsea"
[[rule]]
name = "my cat"
who = "own"
direction = "in"
then = "unlock"
[bolt]
kind = "servo"
pin = 18
"""
"""Watches a recording as a live camera would show it, on pins without hardware."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """Files in one folder; nobody writes to it after they were made."""

    folder: Path

    @property
    def pictures(self) -> Path:
        """A folder of 15 JPEGs, five a second."""
        return self.folder / "pictures"

    @property
    def stranger(self) -> Path:
        """A folder of 5 JPEGs of a black cat."""
        return self.folder / "stranger"

    @property
    def film(self) -> Path:
        """The same as an AVI file."""
        return self.folder / "film.avi"

    @property
    def cut_film(self) -> Path:
        """The film's first two thirds: it ends in the middle of a frame."""
        return self.folder / "cut.avi"

    @property
    def picture(self) -> Path:
        """One picture of the cat right before the door."""
        return self.pictures / "010.jpg"

    @property
    def project(self) -> Path:
        """A project that watches the pictures."""
        return self.folder / "watch.toml"


def render(folder: Path) -> Recordings:
    """Write all recordings into `folder`."""
    made = Recordings(folder)
    images = doorstep(Visitor(arrives=-1.0, waits=3.0), seconds=3.0)
    _write(made.pictures, images)
    _write(made.stranger, doorstep(Visitor("black", arrives=-2.0), seconds=1.0))
    film = cv2.VideoWriter(str(made.film), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (640, 480))
    for image in images:
        film.write(image)
    film.release()
    whole = made.film.read_bytes()
    made.cut_film.write_bytes(whole[: len(whole) * 2 // 3])
    made.project.write_text(PROJECT.format(path=made.pictures))
    return made


def _write(folder: Path, images: Iterable[Pixels]) -> None:
    folder.mkdir()
    for number, image in enumerate(images):
        cv2.imwrite(str(folder / f"{number:03}.jpg"), image)


def doorstep(visitor: Visitor, seconds: float) -> list[Pixels]:
    """What the camera sees of a visitor, five pictures a second."""
    camera = Doorstep([visitor], seconds, RATE)
    images: list[Pixels] = []
    for _ in count():
        try:
            frame = camera.next(0)
        except EndOfVideo:
            return images
        if frame is not None:
            images.append(frame.image)
    return images
