"""Brings labelled pictures from elsewhere into the album: found, cut, embedded, kept, all of them or none."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import cv2

from device.errors import DatasetError, StoreError
from device.interfaces import Detector, Embedder
from device.learn.album import Album, Import, Said, View
from device.learn.album_reader import AlbumReader
from device.learn.dataset import Picture, packed
from device.learn.split import with_visits
from device.learn.vocabulary import require_label
from device.messages import Box, Pixels
from device.see.crops import crop
from device.see.pictures import read_picture
from device.tell.quota import free_bytes

FOLDER = "dataset"
"""Where the imported pictures lie in the state directory."""
LONGEST_PX = 640
"""Larger pictures are kept smaller: enough to look at, and to cut and embed again."""
JPEG_QUALITY = 90
ABANDONED_S = 86_400.0
"""What an import left that was killed so long ago is cleared away by the next."""
PERSON = "person"


class Backbone(Embedder, Protocol):
    """An embedder that can say which model it is."""

    @property
    def sha256(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Eyes:
    """What looks at the pictures."""

    embedder: Backbone
    detector: Detector | None
    """Finds the animal in a picture that has no box; None: the whole picture is taken."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import did, for people."""

    views: int
    labels: int
    known: int
    """Pictures that were in the album already."""
    whole: int
    """Pictures in which no animal was found: they were taken whole."""


def bring(
    album: Album,
    reader: AlbumReader,
    pictures: Sequence[Picture],
    files: Mapping[str, Path],
    eyes: Eyes,
    origin: Import,
    by: str,
    *,
    replacing: bool = False,
    floor: int = 0,
    free: Callable[[Path], int] = free_bytes,
    progress: Callable[[Iterable[Picture]], Iterable[Picture]] = iter,
) -> Brought:
    """Put pictures with their labels and boxes into the album. Whatever fails, nothing has changed.

    Args:
        files: of every picture's source.
        by: who labelled them.
        replacing: a label that says otherwise than the album overrules it; else that is refused.
        floor: bytes that must stay free on the disk.

    Raises:
        DatasetError, PictureError: a label does not exist or says otherwise than before, or a picture
            cannot be read.
        StoreError: the disk is full or cannot be written.
    """
    for each in pictures:
        for task, label in each.labels.items():
            try:
                require_label(task, label)
            except DatasetError as error:
                raise DatasetError(
                    f"{each.source}: {error}; --rename {label}=OURS calls it otherwise, "
                    f"--rename {label}= leaves it out"
                ) from None
    place = reader.folder / FOLDER
    draft = _draft(place)
    try:
        views: dict[str, View] = {}
        twins: dict[str, Picture] = {}
        known = reader.ids()
        whole = 0
        for each in progress(with_visits(pictures)):
            number = _identity(files[each.source])
            twins[number] = _together(twins.get(number, each), each)
            if number in known or number in views:
                continue
            _refuse_full(place, floor, free)
            view, was_whole = _view(number, each, files[each.source], eyes, draft)
            views[number], whole = view, whole + was_whole
        said = list(_labels(reader, twins, origin, by, replacing))
        before = reader.boxes()
        drawn = {
            number: each.boxes
            for number, each in twins.items()
            if each.boxes and each.boxes != before.get(number)
        }
        _settle(draft, place, lambda: album.add(list(views.values()), said, drawn, origin))
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Brought(len(views), len(said), len(pictures) - len(views), whole)


def _draft(place: Path) -> Path:
    try:
        place.mkdir(parents=True, exist_ok=True)
        for left in place.glob(".import-*"):
            if time.time() - left.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=".import-", dir=place))
    except OSError as error:
        raise StoreError(f"{place}: cannot be written: {error.strerror}; check who owns it") from None


def _identity(path: Path) -> str:
    """The same picture under two names is one: it is known by its content."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check who may read it") from None


def _together(one: Picture, other: Picture) -> Picture:
    """What two names of the same picture say of it; raises DatasetError if they contradict each other."""
    for task, label in other.labels.items():
        if one.labels.get(task, label) != label:
            raise DatasetError(
                f"{other.source} and {one.source} are the same picture, but {label!r} and "
                f"{one.labels[task]!r} for {task!r}; keep one of the two"
            )
    return replace(one, labels={**one.labels, **other.labels}, boxes=one.boxes or other.boxes)


def _refuse_full(place: Path, floor: int, free: Callable[[Path], int]) -> None:
    if free(place) < floor:
        raise StoreError(f"{place}: the disk is full; free some space; nothing was changed")


def _view(number: str, picture: Picture, path: Path, eyes: Eyes, draft: Path) -> tuple[View, bool]:
    """The view of one picture, and whether it was taken whole because no animal was found."""
    image = read_picture(path)
    shown, box = cut_out(image, picture, eyes.detector)
    _write(draft / f"{number}.jpg", _smaller(image))
    height_px, width_px = image.shape[:2]
    view = View(
        id=number,
        visit=picture.visit if picture.visit not in (None, picture.source) else number,
        wall=picture.wall,
        infrared=picture.infrared,
        backbone=eyes.embedder.sha256,
        codes=packed(eyes.embedder.embed(shown)),
        file=f"{FOLDER}/{number}.jpg",
        crop=box,
        picture=replace(picture, size_px=picture.size_px or (width_px, height_px)),
    )
    return view, box is None and eyes.detector is not None


def cut_out(image: Pixels, picture: Picture, detector: Detector | None) -> tuple[Pixels, Box | None]:
    """What of a picture is embedded: the largest box drawn, else the animal found; None: all of it."""
    box = _boxed(picture)
    if box is None and detector is not None:
        box = _best(image, detector)
    return (image if box is None else crop(image, box)), box


def _boxed(picture: Picture) -> Box | None:
    """The largest box that somebody drew around anything but a person."""
    drawn = [each.box for each in picture.boxes if each.label != PERSON]
    return max(drawn, key=lambda box: box.area, default=None)


def _best(image: Pixels, detector: Detector) -> Box | None:
    animals = [found for found in detector.detect(image) if found.label != PERSON]
    return max(animals, key=lambda found: found.score).box if animals else None


def _smaller(image: Pixels) -> Pixels:
    factor = LONGEST_PX / max(image.shape[:2])
    if factor >= 1:
        return image
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(image.dtype)


def _write(path: Path, image: Pixels) -> None:
    encoded, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not encoded:
        raise StoreError(f"{path}: a picture of {image.shape} pixels cannot be written as JPEG")
    try:
        path.write_bytes(jpeg.tobytes())
    except OSError as error:
        raise StoreError(
            f"{path.parent.parent}: cannot be written: {error.strerror}; free some space; nothing was changed"
        ) from None


def _labels(
    reader: AlbumReader, pictures: Mapping[str, Picture], origin: Import, by: str, replacing: bool
) -> Iterator[Said]:
    """What the pictures say that the album does not say yet."""
    for number, each in pictures.items():
        before = reader.labels("example", number)
        for task, label in each.labels.items():
            if before.get(task, label) != label and not replacing:
                raise DatasetError(
                    f"{each.source} is {label!r} for {task!r} here and {before[task]!r} in the album; "
                    "correct one of them, or overrule the album with --replace"
                )
            if before.get(task) != label:
                yield Said("example", number, task, label, by, origin.wall)


def _settle(draft: Path, place: Path, keep: Callable[[], None]) -> None:
    """Move the pictures to their place and keep what names them; if that fails, take them away again."""
    moved: list[Path] = []
    try:
        for path in draft.iterdir():
            moved.append(path.rename(place / path.name))
        keep()
    except BaseException:
        for path in moved:
            path.unlink(missing_ok=True)
        raise
