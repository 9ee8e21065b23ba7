"""The gallery: animals by name, several pictures of each, searched by another picture.

After the collections of Amazon Rekognition (IndexFaces, ListFaces, SearchFacesByImage, SearchUsersByImage):
the same words, shapes and limits, about animals. A collection is one file in the state directory, exchanged
whole.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import numpy as np
from pydantic import TypeAdapter, ValidationError

from device.errors import DatasetError, StoreError, hint
from device.learn.dataset import Floats, packed, unpacked
from device.learn.similarity import Similarity
from device.messages import Box, Embedding
from device.tell.atomic import write_whole

FOLDER = "galleries"
NAME = re.compile(r"[a-zA-Z0-9_.\-]{1,200}")
EXTERNAL = re.compile(r"[a-zA-Z0-9_.\-:]{1,255}")
"""What Rekognition allows as ExternalImageId; of a CollectionId somewhat less, for it is a file's name."""
THRESHOLD = 80.0
"""FaceMatchThreshold unless another is asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """One animal in one picture."""

    box: Box
    species: str
    score: float
    """Probability that it is of that species."""
    sharpness: float
    brightness: float
    embedding: Embedding
    """Mean of the crop and its mirror image, L2-normalised."""
    coat: str = ""
    """Its colour in a word."""
    reasons: tuple[str, ...] = ()
    """Why it is not good enough to be indexed; empty if it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One indexed picture of an animal."""

    id: str
    """FaceId: a UUID."""
    image: str
    """ImageId: a UUID, the same for all animals of one picture."""
    external: str
    """ExternalImageId: the animal's name."""
    box: Box
    species: str
    score: float
    codes: str = field(repr=False)
    """The embedding in 8 bits, base64."""

    @property
    def embedding(self) -> Embedding:
        embedding: Embedding = unpacked(np.frombuffer(base64.b64decode(self.codes), np.int8)[None])[0]
        return embedding


@dataclass(frozen=True, slots=True)
class Collection:
    """All entries of a collection, in the order in which they came."""

    name: str
    backbone: str
    created: float | None = None
    """UTC seconds."""
    entries: tuple[Entry, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True)
class Indexed:
    """What became of the animals of one picture."""

    entries: tuple[Entry, ...]
    refused: tuple[tuple[Portrait, tuple[str, ...]], ...]
    """Those that were not indexed, with Rekognition's reasons."""


@dataclass(frozen=True, slots=True)
class Match:
    """One picture, or one animal, that is like the one searched for."""

    similarity: float
    """The probability that it is this animal, 0..100; see `similarity`."""
    name: str
    entry: Entry | None = None
    """None where an animal as a whole is meant."""


class Gallery:
    """The collections in one state directory, of embeddings of one backbone."""

    def __init__(self, state: Path, similarity: Similarity) -> None:
        self._folder = state / FOLDER
        self._similarity = similarity

    def create(self, name: str, wall: float | None = None) -> Collection:
        """A new, empty collection; DatasetError if the name is taken or not allowed."""
        if not NAME.fullmatch(name):
            raise DatasetError(f"a collection cannot be called {name!r}; use letters, digits, _ . and -")
        if self._path(name).exists():
            raise DatasetError(
                f"there is a collection {name!r} already; delete it first, or take another name"
            )
        made = Collection(name, self._similarity.backbone, wall)
        self._write(made)
        return made

    def names(self) -> list[str]:
        """The collections there are."""
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def read(self, name: str) -> Collection:
        """A collection.

        Raises:
            DatasetError: there is none of that name, or it was made with another backbone.
            StoreError: its file is damaged.
        """
        path = self._path(name)
        if not NAME.fullmatch(name) or not path.is_file():
            raise DatasetError(f"there is no collection {name!r}; {hint(name, self.names())}")
        try:
            found = _READER.validate_json(path.read_bytes(), strict=True)
        except (OSError, ValidationError) as error:
            raise StoreError(f"{path}: is damaged: {str(error).splitlines()[0]}; restore a copy") from None
        if found.backbone != self._similarity.backbone:
            raise DatasetError(f"{path}: was made with another backbone; index its pictures again")
        return found

    def delete(self, name: str) -> Collection:
        """Delete a collection with everything in it; errors as in `read`."""
        found = self.read(name)
        self._path(name).unlink()
        return found

    def index(
        self, name: str, external: str, portraits: Sequence[Portrait], most: int = 1, filtered: bool = True
    ) -> Indexed:
        """Add the `most` largest animals of one picture under the name `external`.

        Unless `filtered` is False, animals that cannot be seen well are refused with reasons.

        Raises:
            DatasetError: the name is not allowed; and as in `read`.
        """
        if not EXTERNAL.fullmatch(external):
            raise DatasetError(
                f"an animal cannot be called {external!r} here; use letters, digits, _ . : and -"
            )
        collection, image = self.read(name), str(uuid4())
        added: list[Entry] = []
        refused: list[tuple[Portrait, tuple[str, ...]]] = []
        for portrait in portraits:
            reasons = portrait.reasons if filtered else ()
            if len(added) >= most:
                reasons = ("EXCEEDS_MAX_FACES", *reasons)
            if reasons:
                refused.append((portrait, reasons))
            else:
                added.append(_entry(image, external, portrait))
        if added:
            self._write(replace(collection, entries=(*collection.entries, *added)))
        return Indexed(tuple(added), tuple(refused))

    def forget(self, name: str, ids: Iterable[str]) -> tuple[str, ...]:
        """Take entries out by their FaceIds; those that were there."""
        collection, wanted = self.read(name), frozenset(ids)
        gone = tuple(each.id for each in collection.entries if each.id in wanted)
        left = tuple(each for each in collection.entries if each.id not in wanted)
        self._write(replace(collection, entries=left))
        return gone

    def search(
        self, name: str, portrait: Portrait, threshold: float = THRESHOLD, most: int = 80
    ) -> tuple[list[Match], list[Match]]:
        """The pictures, and the animals, that are like a portrait at least to `threshold` (0..100).

        An animal of another species, as most of its pictures show it, is never like it. The surest come
        first, at most `most` of each.
        """
        animals = {
            animal: entries
            for animal, entries in _by_animal(self.read(name).entries).items()
            if _species(entries) == portrait.species
        }
        searched = self._similarity.centred(portrait.embedding[None])[0]
        views = [self._centred(entries) for entries in animals.values()]
        alike = self._similarity.of_animals(searched, views)
        pictures = [
            Match(100 * self._similarity.of_picture(searched, view, len(animals)), animal, entry)
            for (animal, entries), centred in zip(animals.items(), views, strict=True)
            for entry, view in zip(entries, centred, strict=True)
        ]
        whole = [Match(100 * each, animal) for animal, each in zip(animals, alike, strict=True)]
        return _best(pictures, threshold, most), _best(whole, threshold, most)

    def _centred(self, entries: Sequence[Entry]) -> Floats:
        return self._similarity.centred(np.stack([each.embedding for each in entries]))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _write(self, collection: Collection) -> None:
        write_whole(self._path(collection.name), json.dumps(asdict(collection)).encode())


_READER = TypeAdapter(Collection)


def _entry(image: str, external: str, portrait: Portrait) -> Entry:
    codes = base64.b64encode(packed(portrait.embedding).tobytes()).decode()
    return Entry(str(uuid4()), image, external, portrait.box, portrait.species, portrait.score, codes)


def _by_animal(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.external, []).append(entry)
    return found


def _species(entries: Sequence[Entry]) -> str:
    return Counter(entry.species for entry in entries).most_common(1)[0][0]


def _best(matches: Iterable[Match], threshold: float, most: int) -> list[Match]:
    enough = [each for each in matches if each.similarity >= threshold]
    return sorted(enough, key=lambda each: (-each.similarity, each.name))[:most]


def page(entries: Sequence[Entry], token: str | None, most: int) -> tuple[Sequence[Entry], str | None]:
    """At most `most` entries after the one that `token` names, and the token for the next ones.

    Raises:
        DatasetError: the token names no entry.
    """
    start = 0
    if token is not None:
        places = {each.id: number for number, each in enumerate(entries)}
        if token not in places:
            raise DatasetError(f"the token {token!r} is not one that was given out; begin without one")
        start = places[token] + 1
    found = entries[start : start + most]
    return found, found[-1].id if start + most < len(entries) and found else None
