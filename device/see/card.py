"""Reads a model's card and refuses a model or head that is not the one its card describes."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from device.errors import ModelError

CARD_FILE = "card.toml"
LABELS_FILE = "labels.txt"
STRICT = ConfigDict(extra="forbid")

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Quantisation:
    """How whole numbers stand for real ones: value = (number - zero_point) * scale."""

    scale: Annotated[float, Field(gt=0)]
    zero_point: int

    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Input:
    """What a model takes; a picture's value = (pixel - mean) / std before quantisation."""

    shape: tuple[int, ...]
    dtype: str
    colour: str = ""
    """"BGR" or "RGB" for pictures, empty for embeddings."""
    mean: float = 0.0
    std: float = 1.0
    quantisation: Quantisation | None = None

    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Output:
    """One tensor that a model gives, in the order in which the interpreter lists them."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    meaning: str
    quantisation: Quantisation | None = None

    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Backbone:
    """The embedding model that a head was taught on; no other will do."""

    name: str
    sha256: Sha256

    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Training:
    """What a head was taught with."""

    data: str
    split: str
    examples: Mapping[str, int]
    """How many crops of each label."""
    weights: Mapping[str, float]
    """How much one class counted against its share of the crops; the scores are divided by it."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a meter must exceed with this head's scores in one light, and what that promises."""

    needed: Annotated[float, Field(gt=0)]
    alpha: Annotated[float, Field(gt=0, lt=1)]
    """The most of bad attempts that get in, once enough were seen."""
    delta: Annotated[float, Field(gt=0, lt=1)]
    """The probability that this is broken all the same."""
    n: Annotated[int, Field(ge=0)]
    """Bad visits, or distinct strangers, that it rests on."""
    missing: Annotated[int, Field(ge=0)]
    """How many more are needed before it is promised; 0 if it is."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Of one head, for each light."""

    day: Threshold
    infrared: Threshold

    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that is known of one model or head; `folder` is where it was read from."""

    name: str
    version: str
    task: str
    """"detection", "embedding", "species", "who" or "prey"."""
    file: str
    sha256: Sha256
    licence: str
    origin: str
    input: Input
    output: tuple[Output, ...] = ()
    decoder: Mapping[str, Any] = field(default_factory=dict)
    """Constants of a detector's decoding; `decoder.labels` maps the model's labels to ours."""
    backbone: Backbone | None = None
    training: Training | None = None
    thresholds: Thresholds | None = None
    """Of the meter that a head feeds; None: the project file's hold."""
    measured: Mapping[str, str] = field(default_factory=dict)
    """Figures as "k of n" with how they were taken."""
    labels: tuple[str, ...] = ()
    """From labels.txt; not in the card itself."""
    folder: Path = Path()

    __pydantic_config__ = STRICT

    @property
    def path(self) -> Path:
        return self.folder / self.file

    @property
    def title(self) -> str:
        """ "name/version", as a project file may call it."""
        return f"{self.name}/{self.version}"


_CARD = TypeAdapter(Card)


def load_card(folder: Path) -> Card:
    """The card of the model in `folder`, with its file present and its hash as the card says.

    Raises:
        ModelError: something is missing, damaged or does not fit; names the file and the fix.
    """
    card = read_card(folder)
    if not card.path.is_file():
        raise ModelError(f"{card.path} is missing; reinstall Latchlens or copy the model again")
    found = sha256_of(card.path)
    if found != card.sha256:
        raise ModelError(
            f"{card.path} is not the file its card describes (sha256 {found[:12]}…, "
            f"card says {card.sha256[:12]}…); it is damaged or was replaced: copy the model again"
        )
    return card


def read_card(folder: Path) -> Card:
    """The card and labels in `folder`, without looking at the model's own file."""
    path = folder / CARD_FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path} is missing; a model is a folder with {CARD_FILE} beside its file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path} cannot be read ({error}); copy the model again") from None
    for reserved in {"labels", "folder"} & table.keys():
        raise ModelError(f"{path}: unknown key {reserved!r}; labels belong in {LABELS_FILE}")
    try:
        return _CARD.validate_python({**table, "labels": _read_labels(folder), "folder": folder})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path}: {key}: {first['msg']}; correct the card") from None


def require_task(card: Card, *tasks: str) -> Card:
    """The card itself if it is for one of `tasks`, else a ModelError that says what it is."""
    if card.task not in tasks:
        raise ModelError(
            f"{card.folder} is a model for {card.task!r}, here one for {' or '.join(map(repr, tasks))} "
            "is needed; name another model"
        )
    return card


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_labels(folder: Path) -> tuple[str, ...]:
    path = folder / LABELS_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read ({error}); copy the model again") from None
    return tuple(line.strip() for line in lines if line.strip())
