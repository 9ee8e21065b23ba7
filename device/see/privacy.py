"""Makes persons unrecognisable in pictures that leave the device."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from device.messages import Box, Detection, Observation, Pixels, Track

PERSON = "person"

ENLARGE = 1.25
"""Boxes are grown so much: a detector's box may cut off hair, hands and the edge of a face."""

CELLS = 6
"""A person is reduced to so many mean colours along the longer side. Nothing finer is left to bring back."""


def blur_persons(image: Pixels, found: Sequence[Detection | Track]) -> Pixels:
    """A copy of a (height, width, 3) BGR picture with every person among `found` blurred beyond recovery.

    Blurring alone can be undone in part (McPherson, Shokri, Shmatikov 2016 recognise faces also in coarse
    mosaics); here at most 6 x 6 mean colours of the whole person survive, and smoothing follows only so
    that it looks kind.
    """
    hidden = image.copy()
    for thing in found:
        if thing.label == PERSON:
            _hide(hidden, thing.box.enlarged(ENLARGE))
    return hidden


def without_anything(image: Pixels, observation: Observation) -> Pixels:  # noqa: ARG001
    """A copy of a picture in which nothing can be recognised, where nobody can tell who is a person."""
    hidden = image.copy()
    _hide(hidden, Box(0.0, 0.0, 1.0, 1.0))
    return hidden


def without_persons(image: Pixels, observation: Observation) -> Pixels:
    """A copy of an observation's picture in which every person is blurred.

    Hidden is whoever the detector boxed in this very frame, be it for the first time; who is followed,
    where the tracker expects them; and whatever the species head takes for a person.
    """
    followed = [sighting.track for sighting in observation.sightings]
    named = [
        Detection(sighting.track.box, verdict.best, verdict.scores[verdict.best])
        for sighting in observation.sightings
        if (verdict := sighting.verdict("species")) is not None
    ]
    return blur_persons(image, [*observation.persons, *followed, *named])


def _hide(image: Pixels, box: Box) -> None:
    """Overwrite the part of `image` in `box`. Overlapping persons are averaged again, never revealed."""
    left, top, right, bottom = box.pixels(*image.shape[:2])
    part = image[top:bottom, left:right]
    height_px, width_px = part.shape[:2]
    cell_px = max(height_px, width_px) / CELLS
    cells = max(round(width_px / cell_px), 1), max(round(height_px / cell_px), 1)
    mosaic = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
    part[:] = np.asarray(cv2.resize(mosaic, (width_px, height_px), interpolation=cv2.INTER_LINEAR))
