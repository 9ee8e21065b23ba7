"""Draws boxes with labels and scores into pictures, for people to look at."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from device.messages import Detection, Pixels, Track

PERSON_COLOUR = (60, 60, 230)
ANIMAL_COLOUR = (60, 190, 60)
"""Blue, green, red."""


def draw(image: Pixels, found: Sequence[Detection | Track]) -> Pixels:
    """A copy of a (height, width, 3) BGR picture with a box, label and score in percent for each of `found`.

    Lines and letters grow with the picture, so that they can be read at any size.
    """
    drawn = image.copy()
    for thing in found:
        _draw_one(drawn, thing)
    return drawn


def _draw_one(image: Pixels, thing: Detection | Track) -> None:
    height_px, width_px = image.shape[:2]
    left, top, right, bottom = thing.box.pixels(height_px, width_px)
    line_px = max(round(min(height_px, width_px) / 200), 1)
    scale = line_px * 0.4
    text = f"{thing.label} {thing.score:.0%}"
    colour = PERSON_COLOUR if thing.label == "person" else ANIMAL_COLOUR
    cv2.rectangle(image, (left, top), (right - 1, bottom - 1), colour, line_px)
    (text_width, text_height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, line_px)
    # The label stands on the box, or inside it where there is no room above.
    base = top if top >= text_height + 2 * below else top + text_height + 2 * below
    cv2.rectangle(
        image, (left, base - text_height - 2 * below), (left + text_width, base), colour, cv2.FILLED
    )
    white = (255, 255, 255)
    cv2.putText(
        image, text, (left, base - below), cv2.FONT_HERSHEY_SIMPLEX, scale, white, line_px, cv2.LINE_AA
    )
