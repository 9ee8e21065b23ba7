"""Reads the weights out of an old PyTorch checkpoint without PyTorch and without running what is in it."""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np

STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Storage(NamedTuple):
    kind: str
    key: str


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


class _Reader(pickle.Unpickler):
    """Knows tensors and ordered dicts; anything else in the pickle is refused."""

    def persistent_load(self, pid: Any) -> _Storage:
        return _Storage(pid[1], pid[2])

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if name == "_rebuild_tensor_v2":
            return lambda storage, offset, shape, stride, *_: _Tensor(storage, offset, shape, stride)
        if module == "torch" and name in STORAGES:
            return name
        raise pickle.UnpicklingError(f"the checkpoint holds {module}.{name}, which no weights need")


def weights(checkpoint: bytes) -> dict[str, np.ndarray]:
    """Every tensor by its name, of a checkpoint in the layout before PyTorch 1.6.

    Source of the layout: torch.serialization._legacy_save (magic number, protocol, system
    information, the pickled names, storage keys, then each storage with its length).
    """
    file = io.BytesIO(checkpoint)
    for _ in range(3):
        _Reader(file).load()
    tensors: dict[str, _Tensor] = _Reader(file).load()
    kinds = {each.storage.key: each.storage.kind for each in tensors.values()}
    storages = {key: _storage(file, STORAGES[kinds[key]]) for key in _Reader(file).load()}
    return {name: _array(storages[each.storage.key], each) for name, each in tensors.items()}


def _storage(file: io.BytesIO, dtype: np.dtype[Any]) -> np.ndarray:
    (length,) = struct.unpack("<q", file.read(8))
    return np.frombuffer(file.read(length * dtype.itemsize), dtype)


def _array(storage: np.ndarray, tensor: _Tensor) -> np.ndarray:
    strides = [step * storage.itemsize for step in tensor.stride]
    return np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, strides).copy()
