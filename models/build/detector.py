"""Makes the int8 detector out of MediaPipe Objectron's SSD-MobileNetV2 of Open Images."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import graph
import numpy as np
from packages import npm_file, verified
from packing import pack
from pictures import read_all
from quantise import quantised

from device.messages import Pixels

PACKAGE = "@mediapipe/objectron@0.4.1675468480"
MEMBER = "objectron_solution_packed_assets.data"
MEMBER_SHA256 = "470986ca5df183f41698da6de74b027d838fe289d77b5ab094497d350bee664e"
LABELS_END, MODEL_END = 184, 9_987_912
MODEL_SHA256 = "d0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6"

SIZE = 300
MEAN = STD = 127.5
FIRST_CONVOLUTION = ".*MobilenetV2/Conv/Conv2D.*"
"""Stays in float: with it in int8 the detector lost two thirds of a clip's frames."""
RAW_OUTPUTS = {r"BoxPredictor_|concat|raw_outputs/": 12.0}
"""Some anchors never learnt a size and give -80, which would cost all others their resolution."""

DECODER = {
    "kind": "ssd",
    "grids": [19, 10, 5, 3, 2, 1],
    "smallest": 0.2,
    "largest": 0.95,
    "centre_scale": 10.0,
    "size_scale": 5.0,
    "labels": {"Cat": "cat", "Dog": "dog", "Person": "person", "Cattle": "other"},
}


def float_model() -> tuple[bytes, list[str]]:
    """The published half-float detector as a float one that takes BGR, and its labels."""
    assets = npm_file(PACKAGE, MEMBER, MEMBER_SHA256)
    labels = assets[:LABELS_END].decode().split("\n")[:24]
    model = graph.read(verified(assets[LABELS_END:MODEL_END], MODEL_SHA256, "the detector in the package"))
    graph.unfold_half_floats(model)
    graph.reverse_colours(model)
    graph.name_signature(model, ["picture"], ["boxes", "scores"])
    return graph.write(model), labels


def prepared(pictures: Iterator[Pixels]) -> Iterator[np.ndarray]:
    """Pictures as the float model takes them, (1, 300, 300, 3)."""
    for picture in pictures:
        small = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
        yield (small[None].astype(np.float32) - MEAN) / STD


def int8_model(model: bytes, calibration: Path) -> bytes:
    """The float model in int8 but for its first convolution, taking uint8 pixels."""
    pictures = prepared(read_all(calibration))
    small = graph.read(quantised(model, pictures, "picture", kept=[FIRST_CONVOLUTION], limits=RAW_OUTPUTS))
    graph.take_pixels(small)
    return graph.write(small)


def save(folder: Path, model: bytes, labels: list[str], origin: str) -> None:
    """Pack a detector of this kind, float or int8."""
    pack(
        folder,
        model,
        task="detection",
        licence="Apache-2.0",
        origin=f"npm {PACKAGE}, {MEMBER}: SSD-MobileNetV2, Open Images V4 (24 classes); {origin}",
        colour="BGR",
        mean=MEAN,
        std=STD,
        meanings=["box encodings: y, x, height, width against the anchors", "class scores as logits"],
        labels=labels,
        decoder=DECODER,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--calibration", type=Path, required=True, help="folder of pictures that set the ranges"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the int8 model, …/name/version")
    parser.add_argument("--float-out", type=Path, help="also keep the float model here, for comparison")
    arguments = parser.parse_args()
    model, labels = float_model()
    if arguments.float_out:
        save(arguments.float_out, model, labels, "float weights")
    calibrated = (
        f"int8 but for the first convolution, ranges of the pictures in {arguments.calibration.name}/"
    )
    save(arguments.out, int8_model(model, arguments.calibration), labels, calibrated)


if __name__ == "__main__":
    main()
