"""Decodes NanoDet in numpy, only to measure it against the detector that ships."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from nanodet_input import SIZE, normalised

from device.messages import Box, Detection, Pixels
from device.see.ssd import Candidates, distinct

STRIDES = {2704: 8, 676: 16, 169: 32}
"""Pixels between the places that a level of so many places looks at."""
LABELS = {0: "person", 14: "bird", 15: "cat", 16: "dog", **dict.fromkeys(range(17, 24), "other")}
COLUMNS = sorted(LABELS)


class NanoDet:
    """A Detector that decodes boxes as distributions over distances (Li et al., GFL, 2020)."""

    def __init__(self, folder: Path, threshold: float, threads: int = 2) -> None:
        self._interpreter = Interpreter(model_path=str(folder / "model.tflite"), num_threads=threads)
        self._interpreter.allocate_tensors()
        (self._input,) = self._interpreter.get_input_details()
        self._outputs = self._interpreter.get_output_details()
        self._threshold = threshold

    def prepare(self, image: Pixels) -> None:
        """Set the input."""
        values = normalised(image)
        scale, zero = self._input["quantization"]
        if scale:
            values = np.clip(np.round(values / scale + zero), -128, 127).astype(np.int8)
        self._interpreter.set_tensor(self._input["index"], values)

    def invoke(self) -> None:
        self._interpreter.invoke()

    def detect(self, image: Pixels) -> Sequence[Detection]:
        """Animals and persons, the best first."""
        self.prepare(image)
        self.invoke()
        outputs = [_real(self._interpreter.get_tensor(each["index"]), each) for each in self._outputs]
        levels = [self._level(outputs, places, stride) for places, stride in STRIDES.items()]
        corners, scores = (np.concatenate(each) for each in zip(*levels, strict=True))
        best = scores.max(axis=1)
        order = np.argsort(-best, kind="stable")
        order = order[best[order] > self._threshold][:100]
        found = Candidates(np.clip(corners[order], 0, 1), scores[order].argmax(axis=1), best[order])
        kept = distinct(found, np.array(COLUMNS)[found.kinds] == 0, max_iou=0.5)
        return [
            Detection(
                Box.from_corners(*found.corners[i].tolist()),
                LABELS[COLUMNS[found.kinds[i]]],
                float(best[order[i]]),
            )
            for i in kept
        ]

    def _level(
        self, outputs: Sequence[np.ndarray], places: int, stride: int
    ) -> tuple[np.ndarray, np.ndarray]:
        scores = next(each for each in outputs if each.shape == (places, 80))
        shares = next(each for each in outputs if len(each) == places and each.shape[1] != 80)
        shares = np.exp(shares.reshape(places, 4, -1))
        distances = (shares / shares.sum(-1, keepdims=True)) @ np.arange(shares.shape[-1]) * stride
        rows, columns = np.divmod(np.arange(places), SIZE // stride)
        centres = np.stack([columns, rows], axis=1) * stride + stride / 2
        corners = np.hstack([centres - distances[:, :2], centres + distances[:, 2:]]) / SIZE
        return corners, scores[:, COLUMNS]


def _real(stored: np.ndarray, details: dict[str, Any]) -> np.ndarray:
    scale, zero = details["quantization"]
    return (stored[0].astype(np.float32) - zero) * scale if scale else stored[0]
