"""The self-test of models: a golden picture must give the embedding that it gave when it was noted."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import cv2
import numpy as np

from device.errors import ModelError
from device.interfaces import Embedder
from device.learn.dataset import packed, unpacked
from device.messages import Embedding, Pixels
from device.see.head import LogisticHead

GOLDEN_FILE = "golden.json"
"""In the backbone's folder: the embedding of `golden_picture`."""
ALIKE = 0.98
"""The least cosine: processors round differently, a wrong or damaged model is far off."""


def golden_picture() -> Pixels:
    """A picture that needs no file: discs and stripes on a gradient, (224, 224, 3) uint8."""
    rows, columns = np.mgrid[:224, :224].astype(np.float32)
    picture = np.stack([columns, rows, 224 - columns], axis=-1).clip(0, 255).astype(np.uint8)
    for number, centre in enumerate([(60, 70), (150, 60), (110, 150)]):
        cv2.circle(picture, centre, 26 + 8 * number, (30 * number, 200 - 60 * number, 90 + 70 * number), -1)
    picture[180:200:4] = (20, 230, 240)
    return picture


def golden(backbone: Path) -> Embedding | None:
    """The embedding that the backbone in that folder must give; None if nobody noted it."""
    path = backbone / GOLDEN_FILE
    if not path.is_file():
        return None
    try:
        codes = base64.b64decode(json.loads(path.read_text(encoding="utf-8"))["codes"])
        embedding: Embedding = unpacked(np.frombuffer(codes, np.int8)[None])[0]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged ({error}); copy the model again") from None
    return embedding


def note_golden(backbone: Path, embedder: Embedder) -> None:
    """Write down what the backbone in that folder gives; done once, when it is made."""
    codes = base64.b64encode(packed(embedder.embed(golden_picture())).tobytes()).decode()
    (backbone / GOLDEN_FILE).write_text(json.dumps({"codes": codes}) + "\n", encoding="utf-8")


def self_test(backbone: Path, embedder: Embedder, head: LogisticHead) -> None:
    """Embed the golden picture and judge it.

    Raises:
        ModelError: the embedding is another than it should be, or the head gives no probabilities.
    """
    embedding = refuse_changed(backbone, embedder)
    scores = np.array(list(head.judge(embedding).scores.values()))
    if not (np.isfinite(scores).all() and abs(scores.sum() - 1) < 1e-3):
        raise ModelError(f"{head.card.folder} gives no probabilities on the golden picture; teach it again")


def refuse_changed(backbone: Path, embedder: Embedder) -> Embedding:
    """The golden picture's embedding.

    Raises:
        ModelError: it is another than it should be.
    """
    embedding, expected = embedder.embed(golden_picture()), golden(backbone)
    if expected is not None and (cosine := float(embedding @ expected)) < ALIKE:
        raise ModelError(
            f"{backbone} does not give the embedding it should (cosine {cosine:.3f} on the golden picture); "
            "reinstall Latchlens, or the interpreter"
        )
    return embedding
