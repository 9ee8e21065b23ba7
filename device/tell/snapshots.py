"""Pictures of visits: the best views of each, persons made unrecognisable, within a share of the disk."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from device.errors import StoreError
from device.messages import Observation, Pixels, Sighting, Visit, VisitPhase
from device.tell.atomic import write_whole
from device.tell.quota import Quota
from device.tell.sink import Told

Redact = Callable[[Pixels, Observation], Pixels]
"""Gives a copy of a picture in which no person can be recognised."""

PICTURES = 3
"""Of each visit."""
BETTER = 1.25
"""A view is worth another picture if it is so many times as good as the best before."""
JPEG_QUALITY = 85
FORGET_S = 60.0
"""Views of a track that is in no visit are given up after so long."""


def goodness(sighting: Sighting) -> float:
    """How well a view shows its animal: large, sharp, sure, neither dark nor glaring; 0 is worthless."""
    view, track = sighting.view, sighting.track
    if not track.seen:
        return 0.0
    light = math.sqrt(max(0.0, 1.0 - abs(2.0 * view.brightness - 1.0)))
    return track.score * view.height * math.log1p(max(view.sharpness, 0.0)) * light


class BestViews:
    """Says of each frame whether it shows some animal clearly better than all frames before; no I/O."""

    def __init__(self) -> None:
        self._best: dict[int, float] = {}

    def __call__(self, observation: Observation) -> bool:
        tracks = {sighting.track.id for sighting in observation.sightings}
        if observation.looked:
            self._best = {track: best for track, best in self._best.items() if track in tracks}
        better = False
        for sighting in observation.sightings:
            good = goodness(sighting)
            if good > 0 and good >= BETTER * self._best.get(sighting.track.id, 0.0):
                self._best[sighting.track.id] = good
                better = True
        return better


@dataclass(frozen=True, slots=True)
class Candidate:
    """A view that may become a picture of a visit."""

    good: float
    time: float
    jpeg: bytes


class Snapshots:
    """Implements sink.Sink: keeps the best views of each visit as JPEG files, the best one as number 1."""

    def __init__(self, folder: Path, redact: Redact, quota: Quota) -> None:
        self._folder = folder
        self._redact = redact
        self._quota = quota
        self._views: dict[int, list[Candidate]] = {}
        self._open: dict[str, tuple[int, ...]] = {}
        self._written: dict[str, list[float]] = {}

    def tell(self, passes: Sequence[Told]) -> None:
        visits: dict[str, Visit] = {}
        for told in passes:
            if told.image is not None:
                self._look(told.image, told.observation)
            visits.update({visit.id: visit for visit in told.decision.visits})
        for visit in visits.values():
            self._open[visit.id] = visit.tracks
            try:
                self._keep(visit)
            finally:
                self._close_visit(visit)
        if passes:
            self._forget(passes[-1].observation.time)

    def close(self) -> None:
        """Everything has been written."""

    def _look(self, image: Pixels, observation: Observation) -> None:
        encoded, jpeg = cv2.imencode(
            ".jpg", self._redact(image, observation), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        )
        if not encoded:
            raise StoreError(f"a picture of {image.shape} pixels cannot be written as JPEG")
        content = jpeg.tobytes()
        for sighting in observation.sightings:
            if sighting.track.seen:
                found = self._views.setdefault(sighting.track.id, [])
                found.append(Candidate(goodness(sighting), observation.time, content))
                self._views[sighting.track.id] = _best(found)

    def _keep(self, visit: Visit) -> None:
        views = {each.time: each for track in visit.tracks for each in self._views.get(track, [])}
        best = _best(views.values())
        times = [each.time for each in best]
        before = self._written.get(visit.id, [])
        if times == before:
            return
        self._quota.make_room(sum(len(each.jpeg) for each in best))
        for number, each in enumerate(best, 1):
            if before[number - 1 : number] != [each.time]:
                write_whole(picture_path(self._folder, visit, number), each.jpeg, lasting=False)
        self._written[visit.id] = times

    def _close_visit(self, visit: Visit) -> None:
        if visit.phase is VisitPhase.END:
            self._written.pop(visit.id, None)
            for track in self._open.pop(visit.id):
                self._views.pop(track, None)

    def _forget(self, now: float) -> None:
        held = {track for tracks in self._open.values() for track in tracks}
        for track, views in list(self._views.items()):
            if track not in held and now - max(each.time for each in views) > FORGET_S:
                del self._views[track]


def _best(views: Iterable[Candidate]) -> list[Candidate]:
    return sorted(views, key=lambda each: (-each.good, each.time))[:PICTURES]


def picture_path(folder: Path, visit: Visit, number: int) -> Path:
    """Where a picture of `visit` lies: by the UTC day it began, or "undated" before the clock was set."""
    wall = visit.started_wall
    day = "undated" if wall is None else f"{datetime.fromtimestamp(wall, UTC):%Y-%m-%d}"
    return folder / day / f"{_file_name(visit.id)}-{number}.jpg"


def pictures_of(folder: Path, visit: Visit) -> list[Path]:
    """The pictures kept of `visit`, the best first."""
    first = picture_path(folder, visit, 1)
    return sorted(first.parent.glob(f"{_file_name(visit.id)}-[0-9].jpg"))


def shrunk(jpeg: bytes, width_px: int) -> bytes:
    """A picture at most so wide; as it came if it is that already, or damaged."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    if picture is None or picture.shape[1] <= width_px:
        return jpeg
    height_px = max(round(picture.shape[0] * width_px / picture.shape[1]), 1)
    small = cv2.resize(picture, (width_px, height_px), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def _file_name(number: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", number)
