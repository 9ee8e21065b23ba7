"""Checks one model or head thoroughly, as the command `latchlens models verify` does."""

from __future__ import annotations

from pathlib import Path

from device.errors import ModelError
from device.see import blazeface
from device.see.card import Card, load_card
from device.see.head import TASKS, load_head
from device.see.ssd import Settings, SsdDetector
from device.see.tflite import TfliteModel


def verify_model(folder: Path) -> Card:
    """The card of the model in `folder`, after loading it as the device would.

    Raises:
        ModelError: hash, shapes, quantisation, labels or backbone do not fit; names file and fix.
    """
    card = load_card(folder)
    if card.task == "detection":
        SsdDetector(TfliteModel(folder, "detection", threads=1), Settings())
    elif card.task == "embedding":
        TfliteModel(folder, "embedding", threads=1)
    elif card.task == blazeface.TASK:
        blazeface.FaceDetector(TfliteModel(folder, blazeface.TASK, threads=1))
    elif card.task in TASKS:
        load_head(folder, card.backbone.sha256 if card.backbone else "")
    else:
        raise ModelError(f"{folder / 'card.toml'}: task {card.task!r} is unknown; correct the card")
    return card
