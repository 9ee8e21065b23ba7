"""Clips of visits: some seconds before, the visit, some seconds after, from a ring of frames in memory.

The loop's thread only shrinks a few frames a second and hands them over; everything else (hiding persons,
JPEG, the file) happens in a thread of its own at low priority. Nothing reaches the disk before a visit is
over, and then once.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import cv2
from pydantic import Field

from device.errors import LatchlensError
from device.messages import Decision, Frame, Observation, Pixels, Visit, VisitPhase
from device.tell.atomic import write_whole
from device.tell.handover import Handover
from device.tell.quota import Quota
from device.tell.snapshots import Redact, picture_path
from device.tell.webm import write_webm

log = logging.getLogger(__name__)

WAITING = 16
"""So many frames may wait for the thread; later ones are left out of the clip."""
CLOSING_S = 10.0
JPEG_QUALITY = 75
LOW_PRIORITY = 10
"""Of the thread, as of `nice`: a clip may take its time, the loop may not."""

Seconds = Annotated[float, Field(ge=0, le=30)]


@dataclass(frozen=True, slots=True)
class Settings:
    """`[clips]`: the short films of visits."""

    keep: bool = True
    before_s: Seconds = 4.0
    after_s: Seconds = 4.0
    longest_s: Annotated[float, Field(gt=0, le=600)] = 60.0
    """Of a visit that lasts longer, the beginning is kept."""
    rate: Annotated[float, Field(gt=0, le=15)] = 5.0
    """Frames a second."""
    width_px: Annotated[int, Field(ge=160, le=1280)] = 480


@dataclass(frozen=True, slots=True)
class Moment:
    """One pass as the thread gets it."""

    time: float
    hiding: Observation
    """The last pass in which the detector looked: who stood still since then is still there."""
    visits: tuple[Visit, ...]
    image: Pixels | None
    """The frame shrunk to the clip's width; None if it is not part of a clip."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame of a clip."""

    time: float
    jpeg: bytes


@dataclass(slots=True)
class Take:
    """A visit being filmed."""

    visit: Visit
    shots: list[Shot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Clip:
    """A visit's frames, complete."""

    visit: Visit
    shots: tuple[Shot, ...]


class Reel:
    """Which frames belong to which visit; no clock, no file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ring: deque[Shot] = deque()
        self._takes: dict[str, Take] = {}

    def visit(self, visit: Visit) -> None:
        """Hear of a visit that began, changed or ended."""
        take = self._takes.get(visit.id)
        if take is not None:
            take.visit = visit
        else:
            self._takes[visit.id] = Take(visit, list(self._ring))

    def add(self, shot: Shot) -> None:
        """Take one frame."""
        self._ring.append(shot)
        while shot.time - self._ring[0].time > self._settings.before_s:
            self._ring.popleft()
        for take in self._takes.values():
            if not take.shots or shot.time - take.visit.started <= self._settings.longest_s:
                take.shots.append(shot)

    def finished(self, now: float) -> list[Clip]:
        """The clips that are complete at `now`; they are given out once."""
        over = [
            take
            for take in self._takes.values()
            if take.visit.phase is VisitPhase.END and now >= take.visit.ended + self._settings.after_s
        ]
        return [self._cut(take) for take in over]

    def rest(self) -> list[Clip]:
        """What there is of every visit, when nothing more will come."""
        return [self._cut(take) for take in list(self._takes.values())]

    def _cut(self, take: Take) -> Clip:
        del self._takes[take.visit.id]
        first = take.visit.started - self._settings.before_s
        last = take.visit.ended + self._settings.after_s
        return Clip(take.visit, tuple(shot for shot in take.shots if first <= shot.time <= last))


class ClipRecorder:
    """Implements interfaces.Publisher: films every visit into `<folder>/<day>/<visit>.webm`."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        redact: Redact,
        quota: Quota,
        *,
        threaded: bool = True,
        said: Callable[[str | None], None] | None = None,
    ) -> None:
        """`said` hears what went wrong with the latest clip, None if nothing."""
        self._settings = settings
        self._folder = folder
        self._redact = redact
        self._quota = quota
        self._said = said
        self._reel = Reel(settings)
        self._last = float("-inf")
        self._hiding: Observation | None = None
        self._handover: Handover[Moment] = Handover(WAITING)
        self._thread = threading.Thread(target=self._run, name="clips", daemon=True) if threaded else None
        if self._thread:
            self._thread.start()

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:
        """Hand over one pass; never waits for the disk."""
        if observation.looked or self._hiding is None:
            self._hiding = observation
        moment = Moment(observation.time, self._hiding, decision.visits, self._image(frame, observation))
        if moment.image is None and not moment.visits:
            return
        if self._thread is None:
            self._take(moment)
        elif not self._handover.put(moment, bool(moment.visits)) and moment.image is not None:
            self._handover.put(replace(moment, image=None), bool(moment.visits))

    def close(self) -> None:
        """Write what there is of visits that are cut short."""
        self._handover.close()
        if self._thread is None:
            self._write(self._reel.rest())
            return
        self._thread.join(CLOSING_S)
        if self._thread.is_alive():
            log.error("the disk did not answer within %.0f s; the last clip may be missing", CLOSING_S)

    def _image(self, frame: Frame | None, observation: Observation) -> Pixels | None:
        """The frame shrunk, if one is due; a clock that was set back starts the count anew."""
        due = not 0 <= observation.time - self._last < 0.9 / self._settings.rate
        if frame is None or not due:
            return None
        self._last = observation.time
        height_px, width_px = frame.image.shape[:2]
        width = min(self._settings.width_px, width_px) // 2 * 2
        height = max(round(height_px * width / width_px) // 2 * 2, 2)
        image: Pixels = cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
        return image

    def _run(self) -> None:
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOW_PRIORITY)
            while (moments := self._handover.take(1.0)) is not None:
                for moment in moments:
                    self._take(moment)
            self._write(self._reel.rest())
        except Exception:  # the top of a thread: a device without clips still does its work
            log.exception("no more clips are kept")
            self._tell("the thread that writes clips has stopped; start again")

    def _take(self, moment: Moment) -> None:
        for visit in moment.visits:
            self._reel.visit(visit)
        if moment.image is not None:
            hidden = self._redact(moment.image, moment.hiding)
            encoded, jpeg = cv2.imencode(".jpg", hidden, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            if encoded:
                self._reel.add(Shot(moment.time, jpeg.tobytes()))
        self._write(self._reel.finished(moment.time))

    def _write(self, clips: Sequence[Clip]) -> None:
        for clip in clips:
            if not clip.shots:
                continue
            path = clip_path(self._folder, clip.visit)
            try:
                self._keep(clip, path)
            except (LatchlensError, OSError) as error:
                log.error("%s", error)
                self._tell(str(error))
            else:
                self._tell(None)

    def _keep(self, clip: Clip, path: Path) -> None:
        """The encoder goes by the end of the name, and the film counts only once it is whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        try:
            write_webm(draft, [shot.jpeg for shot in clip.shots], self._settings.rate)
            self._quota.make_room(draft.stat().st_size)
            draft.replace(path)
            write_whole(times_path(path), _times(clip).encode(), lasting=False)
        finally:
            draft.unlink(missing_ok=True)

    def _tell(self, fault: str | None) -> None:
        if self._said is not None:
            self._said(fault)


def times_path(film: Path) -> Path:
    """Where the times of a film's frames lie: frames may be missing from it, and it plays at an even rate."""
    return film.with_suffix(".times")


def read_times(film: Path) -> tuple[float, ...]:
    """The time of each frame of a film, in monotonic seconds; none if nobody kept them."""
    try:
        found = json.loads(times_path(film).read_bytes())
        return tuple(map(float, found))
    except (OSError, ValueError, TypeError):
        return ()


def _times(clip: Clip) -> str:
    return json.dumps([round(shot.time, 3) for shot in clip.shots])


def clip_path(folder: Path, visit: Visit) -> Path:
    """Where the clip of `visit` lies, beside its pictures."""
    picture = picture_path(folder, visit, 1)
    return picture.with_name(f"{picture.stem.rpartition('-')[0]}.webm")
