"""Portraits: the animals of a still picture, how well each can be seen, and its embedding.

What a gallery is made of and searched with; the reasons for which a portrait is not good enough are those of
Amazon Rekognition's IndexFaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from device.config import Project
from device.errors import ModelError, PictureError
from device.interfaces import Detector, Embedder, Head
from device.learn.gallery import Portrait
from device.messages import Box, Detection, Embedding, Pixels
from device.see import crops, embedding
from device.see.head import find_heads
from device.see.species import WHOLE, living

DARK, BRIGHT = 0.08, 0.95
SHARP = 15.0
"""Variance of the Laplacian below which a picture is blurred; see messages.View."""
SMALL = 0.08
"""Height of the box as a ratio of the picture's."""
SURE = 0.5
"""Probability of the species head."""


@dataclass(frozen=True, slots=True)
class Portraitist:
    """Finds and embeds the animals of still pictures with the models of a project."""

    detector: Detector
    embedder: Embedder
    species: Head
    backbone: str
    """sha256 of the model that embeds."""
    version: str
    """Of detector and species head, as answers give it."""

    @classmethod
    def of(cls, project: Project, state: Path | None) -> Portraitist:
        """Load the models; those in the `state` directory come first.

        Raises:
            ModelError: one is missing, damaged or does not fit.
        """
        embedder = embedding.build(project.section("embedding"), state)
        heads = find_heads(project.section("heads"), state, embedder.sha256)
        species = next((head for head in heads if head.task == "species"), None)
        if species is None:
            raise ModelError('no head tells species; set [heads] species = "starter-species"')
        detector = project.detector.build(state)
        names = (f"{card.name}/{card.version}" for card in (detector.model.card, species.card))
        return cls(detector, embedder, species, embedder.sha256, "+".join(names))

    def living(self, image: Pixels) -> list[Detection]:
        """Every animal and person in a (height, width, 3) BGR picture, the surest first."""
        return living(image, self.detector, self.embedder, self.species)

    def animals(self, image: Pixels) -> list[Portrait]:
        """A portrait of every animal in a (height, width, 3) BGR picture, the largest first."""
        animals = [each for each in self.living(image) if each.label != "person"]
        portraits = [self._portrait(image, each.box, each.label, each.score) for each in animals]
        return sorted(portraits, key=lambda each: -each.box.area)

    def best(self, image: Pixels) -> Portrait:
        """The largest animal, or all of the picture if none is found."""
        return next(iter(self.animals(image)), None) or self._portrait(image, WHOLE, "", 0.0)

    def only(self, image: Pixels, path: Path) -> Portrait:
        """The largest animal.

        Raises:
            PictureError: there is none.
        """
        found = self.animals(image)
        if not found:
            raise PictureError(f"{path}: no animal was found in it; show it larger, or in better light")
        return found[0]

    def _portrait(self, image: Pixels, box: Box, species: str, score: float) -> Portrait:
        view = crops.view(image, box)
        reasons = []
        if not DARK <= view.brightness <= BRIGHT:
            reasons.append("LOW_BRIGHTNESS" if view.brightness < DARK else "LOW_FACE_QUALITY")
        if view.sharpness < SHARP:
            reasons.append("LOW_SHARPNESS")
        if view.height < SMALL:
            reasons.append("SMALL_BOUNDING_BOX")
        if score < SURE:
            reasons.append("LOW_CONFIDENCE")
        crop = crops.crop(image, box)
        return Portrait(
            box=box,
            species=species,
            score=score,
            sharpness=view.sharpness,
            brightness=view.brightness,
            embedding=embed_both_ways(crop, self.embedder),
            coat=coat(crop),
            reasons=tuple(reasons),
        )


def embed_both_ways(crop: Pixels, embedder: Embedder) -> Embedding:
    """The L2-normalised mean of the embeddings of a crop and its mirror image: an animal has two sides."""
    both = embedder.embed(crop) + embedder.embed(np.ascontiguousarray(crop[:, ::-1]))
    mean: Embedding = both / np.float32(max(float(np.linalg.norm(both)), 1e-9))
    return mean


def coat(crop: Pixels) -> str:
    """The colour of the coat in a word, from the middle of a crop; in grey light only how dark it is."""
    height, width = crop.shape[:2]
    middle = crop[height // 4 : max(3 * height // 4, 1), width // 4 : max(3 * width // 4, 1)]
    lab = cv2.cvtColor((middle if middle.size else crop).astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    light, red, yellow = np.median(lab.reshape(-1, 3), axis=0)
    if yellow > 20 and red > 5:
        return "ginger"
    if light < 28:
        return "black"
    if light > 75:
        return "white"
    return "brown" if yellow > 10 else "grey"
