"""Gathers labelled animals from the folders of pictures that the starter head is taught and measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from pictures import picture_paths, read

from device.interfaces import Detector
from device.messages import Box, Pixels
from device.see.crops import crop
from device.see.species import WHOLE, subject

COCO_LABELS = {0: "person", 14: "bird", 15: "cat", 16: "dog", **dict.fromkeys(range(17, 24), "other")}
CAMERA_TRAP_LABELS = {"blank": "nothing", "domestic_dog": "dog", "pheasant": "bird"}
"""By a part of the file's name; any other camera-trap picture shows another animal."""

SMALLEST = 0.01
"""Boxes that cover less of a picture than this show too little to teach."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled region of one picture."""

    path: Path
    label: str
    box: Box
    source: str

    def read(self) -> Pixels:
        return read(self.path)


def gather(data: Path, detector: Detector) -> list[Example]:
    """Every example below `data` (photos/, other_animals/, coco/), boxed by the detector or by COCO."""
    examples = []
    for folder, label in (("cat", "cat"), ("dog", "dog"), ("raccoon", "other")):
        for path in picture_paths(data / "photos" / folder):
            examples.append(Example(path, label, subject(detector.detect(read(path))), folder))
    for path in picture_paths(data / "other_animals"):
        label = next((ours for part, ours in CAMERA_TRAP_LABELS.items() if part in path.stem), "other")
        box = WHOLE if label == "nothing" else subject(detector.detect(read(path)))
        examples.append(Example(path, label, box, "camera trap"))
    for path in picture_paths(data / "coco"):
        examples += _coco_examples(path)
    return examples


def variations(image: Pixels, box: Box, seed: int) -> Iterator[Pixels]:
    """The crop as the device cuts it first, then shifted, scaled, mirrored, in infrared and from afar."""
    yield crop(image, box)
    random = np.random.default_rng(seed)
    for margin in (0.0, 0.25):
        shifted = _shifted(box, random)
        yield crop(image, shifted, margin)[:, ::-1]
    yield crop(image, WHOLE)
    yield infrared(crop(image, _shifted(box, random)), random)
    yield distant(crop(image, _shifted(box, random)), random)


def infrared(image: Pixels, random: np.random.Generator) -> Pixels:
    """The picture as a night camera might show it: grey, of another contrast and noisy."""
    grey = image.astype(np.float32) @ random.dirichlet((2, 2, 2)).astype(np.float32)
    grey = 255 * (grey / 255) ** random.uniform(0.6, 1.6) * random.uniform(0.5, 1.1)
    grey += random.normal(0, random.uniform(1, 8), grey.shape)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def distant(image: Pixels, random: np.random.Generator) -> Pixels:
    """The picture from further away and in other light: coarse, darker or lighter, warmer or colder."""
    side = int(random.uniform(40, 120))
    coarse = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    coarse = coarse ** random.uniform(0.6, 2.2) * random.uniform(0.8, 1.2, 3)
    return np.clip(255 * coarse, 0, 255).astype(np.uint8)


def _shifted(box: Box, random: np.random.Generator) -> Box:
    x, y = random.uniform(-0.12, 0.12, 2) * (box.width, box.height)
    width, height = random.uniform(0.8, 1.25, 2) * (box.width, box.height)
    centre_x, centre_y = box.centre
    left, top = centre_x + x - width / 2, centre_y + y - height / 2
    return Box.from_corners(left, top, left + width, top + height)


def _coco_examples(path: Path) -> Iterator[Example]:
    """The boxed animals and persons of a COCO picture with YOLO labels, and one region without any."""
    taken = []
    labels = path.with_suffix(".txt")  # absent where there is nothing to box
    for line in labels.read_text().splitlines() if labels.exists() else []:
        kind, *numbers = line.split()
        x, y, width, height = map(float, numbers)
        box = Box.from_corners(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        if int(kind) in COCO_LABELS:
            taken.append(box)
            if box.area >= SMALLEST:
                yield Example(path, COCO_LABELS[int(kind)], box, "coco")
    random = np.random.default_rng(int(path.stem))
    for _ in range(50):
        side = random.uniform(0.3, 0.7)
        left, top = random.uniform(0, 1 - side, 2)
        box = Box(left, top, side, side)
        if all(box.intersection(each) < 0.02 * box.area for each in taken):
            yield Example(path, "nothing", box, "coco")
            return
