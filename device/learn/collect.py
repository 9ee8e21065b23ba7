"""Collects what learning learns from: a few views of each visit, unlike each other, and their embeddings.

No picture is looked at a second time: the classifier has made the embedding anyway, and it comes with the
sighting. What is kept is the part of the picture around the animal, persons made unrecognisable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from device.errors import StoreError
from device.learn.album import Album, View
from device.learn.dataset import Codes, packed, unpacked
from device.learn.kcentre import k_centre
from device.messages import Box, Observation, Pixels, Sighting, Visit, VisitPhase
from device.tell.atomic import write_whole
from device.tell.quota import Quota
from device.tell.sink import Told
from device.tell.snapshots import Redact, goodness, picture_path

CROPS = "crops"
"""The folder of the crops in the state directory."""
NOT_ANIMALS = frozenset({"person", "nothing"})
EVERY_S = 0.7
"""How often a frame is looked at for learning."""
HELD = 16
"""So many views of one track wait for the end of its visit; then the half that covers them best stays."""
PENDING = 20
"""So many visits wait for a disk that fails; then the oldest are given up."""
FORGET_S = 60.0
JPEG_QUALITY = 90
DAY_S = 86_400.0

Cut = Callable[[Pixels, Box], Pixels]
"""Cuts the part of a picture out that is embedded, as see.crops.crop."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`[learning]`: what is collected to learn from, and for how long."""

    collect: bool = True
    """The owner's consent: keep views of each visit. Nothing ever leaves the device by itself."""
    per_visit: Annotated[int, Field(ge=1, le=20)] = 5
    crops_mb: Annotated[float, Field(gt=0)] = 300.0
    """Older crops make room; embeddings and labels stay."""
    keep_days: Annotated[float, Field(gt=0)] = 180.0
    """Views of visits that nobody labelled are forgotten after so many days."""
    lockouts: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """The most of the visits of those who may enter that a head may lock out before it goes back."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A view that may be kept."""

    time: float
    good: float
    codes: Codes
    infrared: bool
    jpeg: bytes


class EverySoOften:
    """Says of each frame whether it is worth keeping to learn from: an animal was embedded, now and then."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._last: float | None = None

    def __call__(self, observation: Observation) -> bool:
        if not any(map(teaches, observation.sightings)):
            return False
        if self._last is not None and 0 <= observation.time - self._last < self._every_s:
            return False
        self._last = observation.time
        return True


class Collector:
    """Implements sink.Sink: keeps views of each visit that ended; a disk that fails is tried again."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        backbone: str,
        album: Album,
        redact: Redact,
        cut: Cut,
        quota: Quota,
    ) -> None:
        """
        Args:
            folder: the state directory.
            backbone: sha256 of the model whose embeddings the sightings carry.
            quota: of the crops' folder.
        """
        self._settings = settings
        self._folder = folder
        self._backbone = backbone
        self._album = album
        self._redact = redact
        self._cut = cut
        self._quota = quota
        self._seen: dict[int, list[Candidate]] = {}
        self._last: dict[int, float] = {}
        """When each track was looked at last; its latest view need not be among those held."""
        self._open: dict[str, tuple[int, ...]] = {}
        self._pending: list[tuple[Visit, list[Candidate]]] = []
        self._day: float | None = None

    def tell(self, passes: Sequence[Told]) -> None:
        for told in passes:
            if told.image is not None:
                self._look(told.image, told.observation)
            for visit in told.decision.visits:
                self._note(visit)
        if passes:
            self._forget(passes[-1].observation.time)
            self._forget_old(passes[-1].observation.wall)
        while self._pending:
            self._keep(*self._pending[0])
            del self._pending[0]

    def close(self) -> None:
        """Visits that are cut short teach nothing: nobody knows how they would have gone."""

    def _look(self, image: Pixels, observation: Observation) -> None:
        wanted = [each for each in observation.sightings if teaches(each)]
        shown = self._redact(image, observation) if wanted else image
        for sighting in wanted:
            self._last[sighting.track.id] = observation.time
            held = self._seen.setdefault(sighting.track.id, [])
            held.append(self._candidate(shown, sighting, observation))
            if len(held) > HELD:
                held[:] = covering(held, HELD // 2)

    def _candidate(self, shown: Pixels, sighting: Sighting, observation: Observation) -> Candidate:
        assert sighting.embedding is not None
        return Candidate(
            time=observation.time,
            good=goodness(sighting),
            codes=packed(sighting.embedding),
            infrared=observation.infrared,
            jpeg=_jpeg(self._cut(shown, sighting.track.box)),
        )

    def _note(self, visit: Visit) -> None:
        self._open[visit.id] = visit.tracks
        if visit.phase is VisitPhase.END:
            del self._open[visit.id]
            seen = [each for track in visit.tracks for each in self._seen.pop(track, [])]
            if seen:
                self._pending = [
                    *self._pending[1 - PENDING :],
                    (visit, covering(seen, self._settings.per_visit)),
                ]

    def _keep(self, visit: Visit, chosen: Sequence[Candidate]) -> None:
        """Crops first, then the rows that name them; if those cannot be written, no crop stays."""
        crops = self._folder / CROPS
        self._quota.make_room(sum(len(each.jpeg) for each in chosen))
        paths = [picture_path(crops, visit, number) for number in range(1, len(chosen) + 1)]
        try:
            for path, each in zip(paths, chosen, strict=True):
                write_whole(path, each.jpeg, lasting=False)
            views = [self._view(visit, *pair) for pair in zip(paths, chosen, strict=True)]
            self._album.take(visit.id, views)
        except StoreError:
            for path in paths:
                with suppress(OSError):
                    path.unlink()
            raise

    def _view(self, visit: Visit, path: Path, candidate: Candidate) -> View:
        began = visit.started_wall
        return View(
            id=path.stem,
            visit=visit.id,
            wall=None if began is None else began + candidate.time - visit.started,
            infrared=candidate.infrared,
            backbone=self._backbone,
            codes=candidate.codes,
            file=path.relative_to(self._folder).as_posix(),
        )

    def _forget(self, now: float) -> None:
        """Let go of tracks that came to nothing."""
        held = {track for tracks in self._open.values() for track in tracks}
        for track, last in list(self._last.items()):
            if track not in self._seen or (track not in held and now - last > FORGET_S):
                self._seen.pop(track, None)
                del self._last[track]

    def _forget_old(self, wall: float | None) -> None:
        """Once a day: what nobody labelled in time is forgotten, with its crop."""
        if wall is None or (self._day is not None and 0 <= wall - self._day < DAY_S):
            return
        for file in self._album.forget(wall - self._settings.keep_days * DAY_S):
            with suppress(OSError):
                (self._folder / file).unlink()
        self._day = wall


def teaches(sighting: Sighting) -> bool:
    """Whether a sighting can be learnt from: an animal, seen in this very frame, and embedded."""
    species = sighting.verdict("species")
    named = {sighting.track.label, species.best if species and species.scores else ""}
    return sighting.embedding is not None and sighting.track.seen and not named & NOT_ANIMALS


def covering(candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """At most `count` of them, the best view and those least like it and each other, in order of time."""
    best = max(range(len(candidates)), key=lambda number: candidates[number].good)
    chosen = k_centre(unpacked(np.stack([each.codes for each in candidates])), count, best)
    return [candidates[number] for number in sorted(chosen)]


def _jpeg(crop: Pixels) -> bytes:
    encoded, jpeg = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not encoded:
        raise StoreError(f"a crop of {crop.shape} pixels cannot be written as JPEG")
    return jpeg.tobytes()
