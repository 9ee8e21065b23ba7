"""Makes the int8 embedding backbone: EfficientNet-Lite0 of ImageNet up to its 1280 pooled features."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import graph
import numpy as np
import tensorflow as tf
from efficientnet import MEMBER, PACKAGE, published_weights
from packing import pack
from pictures import read_all
from quantise import quantised
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from device.messages import Pixels
from device.see.embedding import TfliteEmbedder
from device.see.tflite import TfliteModel
from device.self_test import note_golden

SIZE = 224
MEAN, STD = 127.0, 128.0
BLOCKS = [
    # repeats, kernel, stride, expansion, channels: table 1 of the EfficientNet paper (Tan, Le 2019)
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]


class Backbone:
    """Builds the Keras graph layer by layer with the checkpoint's weights."""

    def __init__(self, checkpoint: dict[str, np.ndarray]) -> None:
        self._weights = checkpoint
        self.ends: list[Any] = []
        """What each block gives, in order, once the model is made."""

    def model(self) -> tf.keras.Model:
        """BGR pictures (n, 224, 224, 3) as (pixel - MEAN) / STD to their embeddings (n, 1280)."""
        picture = tf.keras.layers.Input((SIZE, SIZE, 3))
        values = self._convolution(picture, "_conv_stem", "_bn0", 3, 2)
        number = 0
        for repeats, kernel, stride, expansion, channels in BLOCKS:
            for repeat in range(repeats):
                name = f"_blocks.{number}."
                values = self._block(values, name, kernel, stride if repeat == 0 else 1, expansion, channels)
                self.ends.append(values)
                number += 1
        values = self._convolution(values, "_conv_head", "_bn1", 1, 1)
        return tf.keras.Model(picture, tf.keras.layers.GlobalAveragePooling2D()(values))

    def _block(self, values: Any, name: str, kernel: int, stride: int, expansion: int, channels: int) -> Any:
        inside = values
        if expansion != 1:
            inside = self._convolution(inside, name + "_expand_conv", name + "_bn0", 1, 1)
        inside = self._depthwise(inside, name + "_depthwise_conv", name + "_bn1", kernel, stride)
        inside = self._convolution(inside, name + "_project_conv", name + "_bn2", 1, 1, clipped=False)
        if stride == 1 and values.shape[-1] == channels:
            return tf.keras.layers.Add()([values, inside])
        return inside

    def _convolution(
        self, values: Any, name: str, norm: str, kernel: int, stride: int, clipped: bool = True
    ) -> Any:
        kernels = self._weights[name + ".weight"].transpose(2, 3, 1, 0)
        if name == "_conv_stem":
            kernels = kernels[:, :, ::-1]  # taught on RGB, shown BGR
        layer = tf.keras.layers.Conv2D(kernels.shape[-1], kernel, stride, "same", use_bias=False)
        values = self._normalised(layer(values), norm)
        layer.set_weights([kernels])
        return tf.keras.layers.ReLU(6.0)(values) if clipped else values

    def _depthwise(self, values: Any, name: str, norm: str, kernel: int, stride: int) -> Any:
        layer = tf.keras.layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False)
        values = self._normalised(layer(values), norm)
        layer.set_weights([self._weights[name + ".weight"].transpose(2, 3, 0, 1)])
        return tf.keras.layers.ReLU(6.0)(values)

    def _normalised(self, values: Any, name: str) -> Any:
        layer = tf.keras.layers.BatchNormalization(epsilon=1e-3)
        values = layer(values)
        parts = ("weight", "bias", "running_mean", "running_var")
        layer.set_weights([self._weights[f"{name}.{part}"] for part in parts])
        return values


def float_model(model: tf.keras.Model) -> bytes:
    """The model as a float .tflite.

    The function is frozen first: from_keras_model fails with Keras 3.15, and an unfrozen function
    leaves the weights in the graph as variables, which nothing fills.
    """
    picture = tf.TensorSpec((1, SIZE, SIZE, 3), tf.float32)
    function = tf.function(lambda values: model(values, training=False)).get_concrete_function(picture)
    frozen = convert_variables_to_constants_v2(function)
    converted = graph.read(tf.lite.TFLiteConverter.from_concrete_functions([frozen]).convert())
    graph.name_signature(converted, ["picture"], ["embedding"])
    return graph.write(converted)


def int8_model(model: bytes, calibration: Path) -> bytes:
    """The float model in int8, taking uint8 pixels and giving an int8 embedding."""
    small = graph.read(quantised(model, prepared(read_all(calibration)), "picture"))
    graph.take_pixels(small)
    return graph.write(small)


def prepared(pictures: Iterator[Pixels]) -> Iterator[np.ndarray]:
    """Pictures as the float model takes them, (1, 224, 224, 3): the whole and its middle square."""
    for picture in pictures:
        height, width, _ = picture.shape
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        for view in (picture, picture[top : top + side, left : left + side]):
            small = cv2.resize(view, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
            yield (small[None].astype(np.float32) - MEAN) / STD


def save(folder: Path, model: bytes, origin: str) -> None:
    """Pack a backbone, float or int8, with what it gives for the golden picture."""
    pack(
        folder,
        model,
        task="embedding",
        licence="Apache-2.0",
        origin=f"PyPI {PACKAGE}, {MEMBER.rsplit('/', 1)[-1]}: EfficientNet-Lite0, ImageNet; {origin}",
        colour="BGR",
        mean=MEAN,
        std=STD,
        meanings=["embedding before L2 normalisation"],
    )
    note_golden(folder, TfliteEmbedder(TfliteModel(folder, "embedding", threads=1)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--calibration", type=Path, required=True, help="folder of pictures that set the ranges"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the int8 model, …/name/version")
    parser.add_argument("--float-out", type=Path, help="also keep the float model here, for comparison")
    arguments = parser.parse_args()
    model = float_model(Backbone(published_weights()).model())
    if arguments.float_out:
        save(arguments.float_out, model, "float weights")
    calibrated = f"int8, ranges of the pictures in {arguments.calibration.name}/"
    save(arguments.out, int8_model(model, arguments.calibration), calibrated)


if __name__ == "__main__":
    main()
