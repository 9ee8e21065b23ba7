"""Runs a TFLite model that is what its card says, and counts the time it takes."""

from __future__ import annotations

import importlib
import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError
from device.messages import Pixels
from device.see.card import Card, Input, Output, Quantisation, load_card, require_task


class TfliteModel:
    """One interpreter, owned by one thread: `show()` it a picture, `invoke()`, read what that returns.

    `invoke_seconds` and `invocations` add up over the model's life, for the benchmark.
    """

    def __init__(self, folder: Path, task: str, threads: int) -> None:
        """Load the model in `folder`.

        Raises:
            ModelError: the model is missing, damaged, for another task or not as its card says,
                or no interpreter is installed that can run it.
        """
        self.card = require_task(load_card(folder), task)
        self._interpreter = _load(interpreter_class(), self.card, threads)
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        _check(self.card, inputs, outputs)
        self._input = self._interpreter.tensor(inputs[0]["index"])
        self._output_indices = [each["index"] for each in outputs]
        _, height, width, _ = self.card.input.shape
        self._size = width, height
        self._as_it_is = inputs[0]["dtype"] is np.uint8
        """The card's quantisation undoes its normalisation: pixels go in as they are."""
        self.invoke_seconds = 0.0
        self.invocations = 0

    def show(self, image: Pixels) -> None:
        """Resize a (height, width, 3) BGR picture of any size, straight into the interpreter's own memory."""
        # The view is given up at once: the interpreter refuses to run while anyone holds one.
        tensor: NDArray[Any] = self._input()[0]
        if self._as_it_is:
            cv2.resize(image, self._size, dst=tensor, interpolation=cv2.INTER_LINEAR)
            return
        small = cv2.resize(image, self._size, interpolation=cv2.INTER_LINEAR)
        np.divide(small - np.float32(self.card.input.mean), self.card.input.std, out=tensor)

    def invoke(self) -> tuple[NDArray[Any], ...]:
        """The outputs for what was shown last, in the card's order, as copies."""
        started = time.perf_counter()
        self._interpreter.invoke()
        self.invoke_seconds += time.perf_counter() - started
        self.invocations += 1
        return tuple(self._interpreter.get_tensor(index) for index in self._output_indices)


def interpreter_class() -> Callable[..., Any]:
    """LiteRT's Interpreter, or that of its predecessor tflite-runtime where only that is installed.

    Raises:
        ModelError: neither is installed, or tflite-runtime stands beside numpy 2, which installs
            without complaint and then crashes inside Interpreter() with a misleading message.
    """
    if _installed("ai_edge_litert"):
        return _interpreter("ai_edge_litert.interpreter")
    if not _installed("tflite_runtime"):
        raise ModelError("no TFLite interpreter is installed; pip install 'ai-edge-litert>=2.1.6,<3'")
    if int(np.__version__.split(".")[0]) >= 2:
        raise ModelError(
            f"tflite-runtime cannot work with numpy {np.__version__}; pip install 'numpy<2', "
            "or ai-edge-litert in place of tflite-runtime"
        )
    return _interpreter("tflite_runtime.interpreter")


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:
        return False


def _interpreter(module: str) -> Callable[..., Any]:
    interpreter: Callable[..., Any] = importlib.import_module(module).Interpreter
    return interpreter


def _load(interpreter: Callable[..., Any], card: Card, threads: int) -> Any:
    try:
        loaded = interpreter(model_path=str(card.path), num_threads=threads)
        loaded.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ModelError(
            f"{card.path} is not a TFLite model that can run here ({error}); copy it again"
        ) from None
    return loaded


def _check(card: Card, inputs: Sequence[Mapping[str, Any]], outputs: Sequence[Mapping[str, Any]]) -> None:
    if (len(inputs), len(outputs)) != (1, len(card.output)):
        raise ModelError(
            f"{card.path} has {len(inputs)} inputs and {len(outputs)} outputs, its card says 1 and "
            f"{len(card.output)}; the card belongs to another model"
        )
    all_described: tuple[Input | Output, ...] = (card.input, *card.output)
    for described, found in zip(all_described, (*inputs, *outputs), strict=True):
        expected = _signature(described.shape, described.dtype, described.quantisation)
        actual = _signature(tuple(found["shape"]), found["dtype"].__name__, _quantisation(found))
        if expected != actual:
            raise ModelError(
                f"{card.path}: {found['name']} is {actual}, its card says {expected}; "
                "the card belongs to another model"
            )


def _quantisation(found: Mapping[str, Any]) -> Quantisation | None:
    scale, zero_point = found["quantization"]
    return Quantisation(float(scale), int(zero_point)) if scale else None


def _signature(shape: tuple[int, ...], dtype: str, quantisation: Quantisation | None) -> str:
    text = f"{'x'.join(str(int(size)) for size in shape)} {dtype}"
    if quantisation is None:
        return text
    # Seven digits: cards are text, scales are 32-bit floats.
    return f"{text} with scale {quantisation.scale:.6g} and zero point {quantisation.zero_point}"
