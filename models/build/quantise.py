"""Turns a float TFLite model into an int8 one, calibrated with true minima and maxima over pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from graph import SIGNATURE
from litert_quantizer import qtyping, quantizer, recipe


def quantised(
    model: bytes,
    pictures: Iterable[np.ndarray],
    name: str,
    *,
    kept: Sequence[str] = (),
    limits: Mapping[str, float] | None = None,
) -> bytes:
    """The model with int8 weights and activations.

    Args:
        model: a float .tflite with a signature whose one input is called `name`.
        pictures: prepared inputs, each with the model's input shape.
        kept: regular expressions of the operators that stay in float.
        limits: largest magnitude to represent in the tensors whose names match a regular expression.

    Each picture is calibrated alone and the ranges are merged: the quantiser's own moving average
    over many pictures clips rare high scores (it cut NanoDet's at 0.5).
    """
    ranges: dict[str, Any] = {}
    for picture in pictures:
        _widen(ranges, _prepared(model, kept).calibrate({SIGNATURE: [{name: picture}]}))
    for expression, limit in (limits or {}).items():
        _limit(ranges, re.compile(expression), limit)
    result = _prepared(model, kept).quantize(ranges)
    return bytes(result.quantized_model)


def _prepared(model: bytes, kept: Sequence[str]) -> quantizer.Quantizer:
    tool = quantizer.Quantizer(model)
    tool.load_quantization_recipe(recipe.static_wi8_ai8())
    for expression in kept:
        tool.update_quantization_recipe(
            regex=expression,
            operation_name=qtyping.TFLOperationName.ALL_SUPPORTED,
            algorithm_key="no_quantize",
        )
    return tool


def _widen(ranges: dict[str, Any], found: dict[str, Any]) -> None:
    for tensor, limits in found.items():
        known = ranges.setdefault(tensor, limits)
        if "min" in limits:
            known["min"] = np.minimum(known["min"], limits["min"])
            known["max"] = np.maximum(known["max"], limits["max"])


def _limit(ranges: dict[str, Any], names: re.Pattern[str], limit: float) -> None:
    for tensor, limits in ranges.items():
        if "min" in limits and names.match(tensor):
            limits["min"] = np.maximum(limits["min"], -limit)
            limits["max"] = np.minimum(limits["max"], limit)
