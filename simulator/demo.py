"""The day that `make run` plays: a cat of the house, then a stranger in another coat, at a rendered door."""

from __future__ import annotations

from pathlib import Path

from device.building.eyes import Sight
from device.decide.subject import STRANGER
from device.see.video import every_frame
from device.teaching import Examples, animal_crops, embed_all, save
from simulator.doorstep import Doorstep, Visitor

OWN = "chelsea"
STRANGERS = ("black", "grey", "ginger")
DAY = (Visitor(arrives=2.0), Visitor("black", arrives=22.0, mirrored=True))
DAY_SECONDS = 40.0
LESSON_SECONDS, LESSON_RATE = 9.0, 2.0
"""Of one lesson; more frames a second would only repeat each other."""


def teach_demo(sight: Sight, name: str, models: Path) -> Path:
    """Teach the head `name` from rendered lessons (other seeds than the day's); returns its folder.

    The strangers are the same photograph in other coats: this shows how teaching works and claims
    nothing about accuracy.
    """
    examples = Examples()
    for coat, mirrored in (("tabby", False), ("tabby", True), *((coat, False) for coat in STRANGERS)):
        visitor = Visitor(coat, arrives=0.0, waits=3.0, mirrored=mirrored)
        lesson = Doorstep([visitor], LESSON_SECONDS, LESSON_RATE, seed=100)
        crops = animal_crops((frame.image for frame in every_frame(lesson)), sight.eyes.detector)
        examples.add(OWN if coat == "tabby" else STRANGER, embed_all(crops, sight.embedder))
    return save(examples, name, sight.embedder.model.card, models)
