"""Writes a newly taught head as the next version of its name, in one step that cannot be left half done."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.errors import StoreError
from device.neighbours import Neighbours
from device.see.card import CARD_FILE, LABELS_FILE, Backbone, Card, Input, Thresholds, Training
from device.see.card_text import card_as_toml

HEAD_FILE = "head.npz"

Floats = NDArray[np.float32]


def save_head(
    root: Path,
    name: str,
    task: str,
    labels: Sequence[str],
    weights: Floats,
    bias: Floats,
    backbone: Backbone,
    training: Training,
    *,
    examples: Floats | None = None,
    familiar_cosine: float = 0.0,
    neighbours: Neighbours | None = None,
    likeness: float = 0.0,
    thresholds: Thresholds | None = None,
    measured: Mapping[str, str] | None = None,
    licence: str = "the owner's",
    origin: str = "taught on this device",
) -> Path:
    """Write `root`/name/N, N one above the newest version there, and return that folder.

    Args:
        root: the `models` folder of the state directory.
        weights, bias: (d, K) and (K,), K labels in the same order.
        examples: (n, d) L2-normalised embeddings of the own animals, stored as int8.
        familiar_cosine: mean cosine to the nearest examples below which an animal is unfamiliar.
        neighbours, likeness: examples of every label, and what one of likeness to a label adds to its logit.
        thresholds: of the meter that the head feeds; without them the project file's hold.

    Everything is written beside its place, synced, then renamed: a power cut leaves the old head.

    Raises:
        StoreError: the disk is full or cannot be written; then nothing has changed.
    """
    data = _packed(weights, bias, examples, familiar_cosine, neighbours, likeness)
    version = _next_version(root / name)
    card = Card(
        name=name,
        version=version,
        task=task,
        file=HEAD_FILE,
        sha256=hashlib.sha256(data).hexdigest(),
        licence=licence,
        origin=origin,
        input=Input((weights.shape[0],), "float32"),
        backbone=backbone,
        training=training,
        thresholds=thresholds,
        measured=measured or {},
    )
    return _written(root, card, labels, data)


def save_again(root: Path, card: Card, thresholds: Thresholds) -> Path:
    """Write the head of `card` as its next version with other thresholds; errors as in `save_head`."""
    version = _next_version(root / card.name)
    changed = replace(card, version=version, thresholds=thresholds)
    return _written(root, changed, card.labels, card.path.read_bytes())


def _next_version(versions: Path) -> str:
    versions.mkdir(parents=True, exist_ok=True)
    return str(1 + max((int(each.name) for each in versions.iterdir() if each.name.isdigit()), default=0))


def _written(root: Path, card: Card, labels: Sequence[str], data: bytes) -> Path:
    files = {
        card.file: data,
        LABELS_FILE: "".join(f"{label}\n" for label in labels).encode(),
        CARD_FILE: card_as_toml(card).encode(),
    }
    return _place(root / card.name / card.version, files)


def _packed(
    weights: Floats,
    bias: Floats,
    examples: Floats | None,
    familiar_cosine: float,
    neighbours: Neighbours | None,
    likeness: float,
) -> bytes:
    arrays: dict[str, NDArray[np.generic]] = {
        "weights": weights.astype(np.float32),
        "bias": bias.astype(np.float32),
    }
    if examples is not None:
        arrays["examples"] = _in_8_bits(examples)
        arrays["familiar_cosine"] = np.array(familiar_cosine, np.float32)
    if neighbours is not None:
        arrays["neighbours"] = _in_8_bits(neighbours.examples)
        arrays["owners"] = neighbours.owners.astype(np.int16)
        arrays["centre"] = neighbours.lens.centre
        arrays["directions"] = neighbours.lens.directions.astype(np.float16)
        arrays["gains"] = neighbours.lens.gains
        arrays["likeness"] = np.array(likeness, np.float32)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _in_8_bits(examples: Floats) -> NDArray[np.int8]:
    """Only directions matter, so each example may use the whole range of an int8."""
    scale = 127 / np.maximum(np.abs(examples).max(axis=1, keepdims=True), 1e-9)
    codes: NDArray[np.int8] = np.round(examples * scale).astype(np.int8)
    return codes


def _place(folder: Path, files: Mapping[str, bytes]) -> Path:
    draft: Path | None = None
    try:
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
        for name, data in files.items():
            with (draft / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        draft.chmod(0o755)
        _sync(draft)
        draft.rename(folder)
        _sync(folder.parent)
    except OSError as error:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
        raise StoreError(
            f"{folder}: cannot be written: {error.strerror}; free some space or check who owns it"
        ) from None
    return folder


def _sync(folder: Path) -> None:
    """Make a folder's entries survive a power cut; not possible, nor needed, on Windows."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
