"""Writes a model's folder: the .tflite, its labels and the card that describes both."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ai_edge_litert.interpreter import Interpreter

from device.see.card import CARD_FILE, LABELS_FILE, Card, Input, Output, Quantisation
from device.see.card_text import card_as_toml

MODEL_FILE = "model.tflite"


def pack(
    folder: Path,
    model: bytes,
    *,
    task: str,
    licence: str,
    origin: str,
    colour: str,
    mean: float,
    std: float,
    meanings: Sequence[str],
    labels: Sequence[str] = (),
    decoder: Mapping[str, Any] | None = None,
    measured: Mapping[str, str] | None = None,
) -> Card:
    """Write `folder` ("…/name/version"), describing the tensors as the interpreter has them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(model)
    if labels:
        (folder / LABELS_FILE).write_text("\n".join(labels) + "\n", encoding="utf-8")
    interpreter = Interpreter(model_content=model)
    (taken,) = interpreter.get_input_details()
    given = interpreter.get_output_details()
    card = Card(
        name=folder.parent.name,
        version=folder.name,
        task=task,
        file=MODEL_FILE,
        sha256=hashlib.sha256(model).hexdigest(),
        licence=licence,
        origin=origin,
        input=Input(_shape(taken), taken["dtype"].__name__, colour, mean, std, _quantisation(taken)),
        output=tuple(
            Output(each["name"], _shape(each), each["dtype"].__name__, meaning, _quantisation(each))
            for each, meaning in zip(given, meanings, strict=True)
        ),
        decoder=decoder or {},
        measured=measured or {},
    )
    (folder / CARD_FILE).write_text(card_as_toml(card), encoding="utf-8")
    return card


def _shape(details: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(size) for size in details["shape"])


def _quantisation(details: Mapping[str, Any]) -> Quantisation | None:
    scale, zero_point = details["quantization"]
    # The shortest text that reads back as the same 32-bit scale.
    return Quantisation(float(str(scale)), int(zero_point)) if scale else None
