"""Turns a crop of an animal into an embedding with the frozen backbone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from device.messages import Embedding, Pixels
from device.see.tflite import TfliteModel
from device.shipped import model_folder


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of `[embedder]` with `kind = "embedding"`."""

    model: str = "efficientnet-lite0"
    threads: Annotated[int, Field(ge=1, le=16)] = 2


def build(settings: Settings, state: Path | None = None) -> TfliteEmbedder:
    """The embedder; its model is looked for in the `state` directory first."""
    return TfliteEmbedder(TfliteModel(model_folder(settings.model, state), "embedding", settings.threads))


class TfliteEmbedder:
    """An Embedder: one crop, stretched to the model's square, to one L2-normalised embedding."""

    def __init__(self, model: TfliteModel) -> None:
        self.model = model
        stored = model.card.output[0].quantisation
        self._zero_point = np.float32(stored.zero_point if stored else 0)

    @property
    def sha256(self) -> str:
        """The hash of the model, by which heads know their backbone."""
        return self.model.card.sha256

    def embed(self, crop: Pixels) -> Embedding:
        """The L2-normalised embedding, (1280,) float32 for the shipped backbone, of a BGR crop."""
        self.model.show(crop)
        (stored,) = self.model.invoke()
        # The scale drops out with the normalisation.
        values: Embedding = stored[0].astype(np.float32) - self._zero_point
        length = float(np.linalg.norm(values))
        return values / np.float32(length) if length > 0 else values
