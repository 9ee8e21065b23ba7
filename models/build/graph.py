"""Edits TFLite graphs: float weights out of half floats, named inputs, and pixels taken as they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

Model = schema.ModelT

SIGNATURE = "serving_default"


def read(data: bytes) -> Model:
    """The graph of a .tflite file."""
    return flatbuffer_utils.read_model_from_bytearray(data)


def write(model: Model) -> bytes:
    """The .tflite file of a graph."""
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def unfold_half_floats(model: Model) -> None:
    """Store half-float weights as floats and drop the DEQUANTIZE operators that turned them into floats."""
    graph = model.subgraphs[0]
    floats = {}
    for operator in list(graph.operators):
        tensor = graph.tensors[operator.inputs[0]]
        if _code(model, operator) != "DEQUANTIZE" or tensor.type != schema.TensorType.FLOAT16:
            continue
        buffer = model.buffers[tensor.buffer]
        halves = np.frombuffer(bytes(bytearray(buffer.data)), np.float16)
        buffer.data = np.frombuffer(halves.astype(np.float32).tobytes(), np.uint8)
        tensor.type = schema.TensorType.FLOAT32
        floats[int(operator.outputs[0])] = int(operator.inputs[0])
        graph.operators.remove(operator)
    for operator in graph.operators:
        operator.inputs = _renumbered(operator.inputs, floats)
    _drop_unused_tensors(graph)


def name_signature(model: Model, inputs: list[str], outputs: list[str]) -> None:
    """Give the graph's inputs and outputs the names by which the quantiser addresses them."""
    graph = model.subgraphs[0]
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = SIGNATURE, 0
    signature.inputs = [_named(name, index) for name, index in zip(inputs, graph.inputs, strict=True)]
    signature.outputs = [_named(name, index) for name, index in zip(outputs, graph.outputs, strict=True)]
    model.signatureDefs = [signature]


def take_pixels(model: Model) -> None:
    """Let the int8 input of a quantised model be uint8, so that a picture goes in as it is."""
    graph = model.subgraphs[0]
    index = int(graph.inputs[0])
    picture = graph.tensors[index]
    if picture.type != schema.TensorType.INT8:
        raise ValueError(f"input {picture.name!r} is not int8; quantise the model first")
    readers = [each for each in graph.operators if index in each.inputs]
    if any(_code(model, each) != "DEQUANTIZE" for each in readers):
        # Only DEQUANTIZE takes either type; for any other operator pixels are turned into int8 first.
        graph.tensors.append(_copy_of(picture, b"pixels"))
        pixels = len(graph.tensors) - 1
        graph.operators.insert(0, _operator(model, "QUANTIZE", pixels, index))
        graph.inputs = np.array([pixels], np.int32)
        for signature in model.signatureDefs or []:
            signature.inputs[0].tensorIndex = pixels
        picture = graph.tensors[pixels]
    picture.type = schema.TensorType.UINT8
    picture.quantization.zeroPoint = np.asarray(picture.quantization.zeroPoint) + 128


def reverse_colours(model: Model) -> None:
    """Swap the first convolution's weights for red and blue, so that a BGR picture is taken as it is."""
    graph = model.subgraphs[0]
    first = next(each for each in graph.operators if _code(model, each) == "CONV_2D")
    tensor = graph.tensors[first.inputs[1]]
    buffer = model.buffers[tensor.buffer]
    weights = np.frombuffer(bytes(bytearray(buffer.data)), np.float32).reshape(tensor.shape)
    buffer.data = np.frombuffer(np.ascontiguousarray(weights[..., ::-1]).tobytes(), np.uint8)


def _code(model: Model, operator: schema.OperatorT) -> str:
    return str(flatbuffer_utils.opcode_to_name(model, operator.opcodeIndex))


def _copy_of(tensor: schema.TensorT, name: bytes) -> schema.TensorT:
    made = schema.TensorT()
    made.name, made.shape, made.buffer, made.type = name, tensor.shape, 0, tensor.type
    made.quantization = schema.QuantizationParametersT()
    made.quantization.scale = np.array(tensor.quantization.scale)
    made.quantization.zeroPoint = np.array(tensor.quantization.zeroPoint)
    return made


def _operator(model: Model, name: str, source: int, target: int) -> schema.OperatorT:
    kind = schema.OperatorCodeT()
    kind.builtinCode = kind.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
    kind.version = 2
    model.operatorCodes.append(kind)
    operator = schema.OperatorT()
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs, operator.outputs = np.array([source], np.int32), np.array([target], np.int32)
    return operator


def _named(name: str, index: int) -> schema.TensorMapT:
    pair = schema.TensorMapT()
    pair.name, pair.tensorIndex = name, int(index)
    return pair


def _renumbered(indices: np.ndarray, numbers: Mapping[int, int]) -> np.ndarray:
    return np.array([numbers.get(int(index), int(index)) for index in indices], np.int32)


def _drop_unused_tensors(graph: schema.SubGraphT) -> None:
    lists = [each for operator in graph.operators for each in (operator.inputs, operator.outputs)]
    used = sorted(
        {int(index) for each in (*lists, graph.inputs, graph.outputs) for index in each if index >= 0}
    )
    numbers = {old: new for new, old in enumerate(used)}
    graph.tensors = [graph.tensors[old] for old in used]
    for operator in graph.operators:
        operator.inputs = _renumbered(operator.inputs, numbers)
        operator.outputs = _renumbered(operator.outputs, numbers)
    graph.inputs = _renumbered(graph.inputs, numbers)
    graph.outputs = _renumbered(graph.outputs, numbers)
