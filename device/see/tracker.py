"""Follows boxes over frames, so that many detections become one animal with a direction.

Weak boxes keep alive what is already followed, as in ByteTrack (Zhang et al., ECCV 2022), but are given to
the tracks together with the strong ones: else who walks in front takes the track of whom it covers. Made for
few frames a second and one to three animals: a strong box that is nobody's, and an animal just seen that has
none, are compared once more with both boxes enlarged (Yang et al., "C-BIoU", WACV 2023), for one that stood
may begin to walk. A wider reach for all would take one animal for another, and with it what was proven of it.
Boxes of unlike size count as less alike. Everything runs by timestamps, never by frame counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from device.messages import Box, Detection, Track
from device.see.association import associate
from device.see.heading import Line, Point, Side, Way

Ratio = Annotated[float, Field(ge=0, le=1)]

COAST = 0.7
"""Seconds for which an unseen animal is expected to walk on, and to be found by a second comparison: later it
more likely stopped, and who is seen may be another."""

WEAKER = 0.7
"""What the likeness of a weak box counts, beside a strong one's in the same place."""

SAME = 0.2
"""Likeness from which a strong box that is nobody's takes the place of an animal's weak one."""

LABEL_SECONDS = 3.0
"""Time constant with which old votes for a label fade."""

VELOCITY_SECONDS = 0.25
"""Time constant with which the velocity follows: shorter shakes at 15 frames a second, longer lags at 3."""

LOOK_GAP = 2.5
"""Seconds between two looks that a track outlives: more than the motion gate's pause while it is shut."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of `[tracker]`; the defaults suit a camera that looks out over the doorstep.

    There the flap lies at the bottom of the picture: an animal that moves down comes in, one that
    moves up goes out.
    """

    line: tuple[tuple[Ratio, Ratio], tuple[Ratio, Ratio]] = ((0.0, 0.6), (1.0, 0.6))
    """Two points x, y (ratios of the picture) of the line whose crossing tells the direction."""
    inward: Side = "down"
    """Which way in the picture leads into the house."""
    hysteresis: Annotated[float, Field(gt=0, le=0.5)] = 0.04
    """How far to each side of the line an animal's centre must get for a crossing to count."""
    approach: Annotated[float, Field(gt=0, le=1)] = 0.12
    """Movement towards the house or away, as a ratio of the picture, that counts without a crossing."""
    high: Ratio = 0.35
    """Score from which a detection is strong: it may begin a track, and counts in full."""
    low: Ratio = 0.15
    """Score from which a detection may continue a track."""
    lost_seconds: Annotated[float, Field(gt=0, le=30)] = 2.0
    """How long an animal that is no longer detected is still followed."""
    confirm: Annotated[int, Field(ge=1, le=20)] = 2
    """Number of detections that make a track."""
    enlarge: Annotated[float, Field(ge=1, le=4)] = 1.75
    """Factor by which boxes are enlarged to find an animal that just left the place where it should be."""
    overlap: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Least likeness of two boxes of one animal: intersection over union times the ratio of their sizes."""
    part: Annotated[float, Field(gt=0, le=1)] = 0.6
    """A box that shares this much of the smaller one with an animal seen just now, or hidden a moment ago,
    shows that one and begins no track."""

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}; use low <= high")
        Line(self.line, self.inward)


def build(settings: Settings) -> BoxTracker:
    """A tracker that follows nothing yet."""
    return BoxTracker(settings)


@dataclass(slots=True, eq=False)
class Followed:
    """One animal as the tracker knows it; `box` is where it was last detected, at `time`."""

    box: Box
    time: float
    way: Way
    first_time: float
    person: bool
    score: float = 0.0
    velocity: Point = (0.0, 0.0)
    frames: int = 1
    id: int | None = None
    """None until confirmed."""
    votes: dict[str, float] = field(default_factory=dict)

    def expected(self, time: float) -> Point:
        """Where the animal's centre should be at `time`, within the picture."""
        seconds = min(max(time - self.time, 0.0), COAST)
        (x, y), (vx, vy) = self.box.centre, self.velocity
        return min(max(x + vx * seconds, 0.0), 1.0), min(max(y + vy * seconds, 0.0), 1.0)

    def predicted(self, time: float) -> Box:
        """The box in which the animal should be at `time`."""
        x, y = self.expected(time)
        return Box(x - self.box.width / 2, y - self.box.height / 2, self.box.width, self.box.height)

    def take(self, time: float, detection: Detection) -> None:
        """Go on with a detection of this very animal."""
        passed = max(time - self.time, 0.0)
        if passed > 0:
            weight = max(1 - math.exp(-passed / VELOCITY_SECONDS), 1 / self.frames)
            (x, y), (old_x, old_y), (vx, vy) = detection.box.centre, self.box.centre, self.velocity
            self.velocity = (
                vx + weight * ((x - old_x) / passed - vx),
                vy + weight * ((y - old_y) / passed - vy),
            )
        self.box, self.time = detection.box, max(time, self.time)
        self.frames += 1
        self.way.move(detection.box.centre)
        self.vote(detection, math.exp(-passed / LABEL_SECONDS))

    def vote(self, detection: Detection, fade: float) -> None:
        """Count the detection's score for its label after fading the earlier votes."""
        self.score = detection.score
        self.votes = {label: votes * fade for label, votes in self.votes.items()}
        self.votes[detection.label] = self.votes.get(detection.label, 0.0) + detection.score

    @property
    def label(self) -> str:
        return max(self.votes, key=self.votes.__getitem__)


class BoxTracker:
    """A Tracker: all boxes of a look are given to constant-velocity predictions, the doubtful ones last.

    A person never continues an animal's track nor the other way round. Lost tracks are returned
    with `seen` False for `lost_seconds`, at their predicted place.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._line = Line(settings.line, settings.inward)
        self._followed: list[Followed] = []
        self._confirmed = 0

    def update(self, time: float, detections: Sequence[Detection]) -> Sequence[Track]:
        """Confirmed tracks after a look at `time` (monotonic seconds), oldest first."""
        settings = self._settings
        self._forget(time, max(settings.lost_seconds, LOOK_GAP))
        usable = [each for each in detections if each.score >= settings.low and each.box.area > 0]
        given = self._match(time, usable, self._followed, settings.overlap)
        free = [each for each in _free(usable, given) if each.score >= settings.high]
        begun = self._settle(time, free, given) if free else []
        for followed, detection in given.items():
            followed.take(time, detection)
        self._followed += begun
        self._forget(time, settings.lost_seconds)
        seen = dict.fromkeys([*given, *begun])
        for each in seen:
            if each.id is None and each.frames >= settings.confirm:
                self._confirmed += 1
                each.id = self._confirmed
        return [_track(each, time, each in seen) for each in self._followed if each.id is not None]

    def _settle(self, time: float, free: list[Detection], given: dict[Followed, Detection]) -> list[Followed]:
        """Give strong boxes that are nobody's so far to whom they may show; who begins with another.

        One that is much like an animal takes the place of its weak box, or one animal would become two; less
        alike, it may be another one beside it, with a track of its own.
        """
        lost = [each for each in self._followed if each not in given and time - each.time <= COAST]
        apart = [each for each in free if not self._is_part(each, _boxes(given))]
        given |= self._match(time, apart, lost, self._settings.overlap, self._settings.enlarge)
        weak = [each for each, detection in given.items() if detection.score < self._settings.high]
        given |= self._match(time, _free(free, given), weak, SAME)
        hidden = [each for each in lost if each.id is not None and each not in given and not each.person]
        animals = [*_boxes(given), *(each.predicted(time) for each in hidden)]
        begun = []
        for detection in _free(free, given):
            if not self._is_part(detection, animals):
                begun.append(self._begin(time, detection))
                animals += [] if begun[-1].person else [detection.box]
        return begun

    def _match(
        self,
        time: float,
        detections: list[Detection],
        followed: list[Followed],
        least: float,
        reach: float = 1.0,
    ) -> dict[Followed, Detection]:
        """Which of `detections` shows whom, being alike by `least` or more."""
        if not detections or not followed:
            return {}
        overlaps = [self._overlaps(time, each, detections, reach) for each in followed]
        pairs = associate(overlaps, least)
        return {followed[row]: detections[column] for row, column in pairs.items()}

    def _overlaps(
        self, time: float, followed: Followed, detections: Sequence[Detection], reach: float
    ) -> list[float]:
        """How much each detection is like the box in which the animal should be; 0.0 where it may not be."""
        high, weak = self._settings.high, WEAKER if followed.id is not None else 0.0
        likenesses = _likenesses(followed.box, followed.expected(time), detections, reach)
        for column, each in enumerate(detections):
            if followed.person != (each.label == "person"):
                likenesses[column] = 0.0
            elif each.score < high:
                likenesses[column] *= weak
        return likenesses

    def _is_part(self, detection: Detection, animals: Sequence[Box]) -> bool:
        """Whether the box rather shows a part of one of `animals`, or one of them a part of it."""
        if detection.label == "person":
            return False
        least = self._settings.part
        return any(
            detection.box.intersection(box) > least * min(detection.box.area, box.area) for box in animals
        )

    def _begin(self, time: float, detection: Detection) -> Followed:
        way = Way(self._line, self._settings.hysteresis, self._settings.approach, detection.box.centre)
        begun = Followed(detection.box, time, way, time, detection.label == "person")
        begun.vote(detection, 1.0)
        return begun

    def _forget(self, time: float, seconds: float) -> None:
        """Give up what was not seen for more than `seconds`."""
        self._followed = [each for each in self._followed if time - each.time <= seconds]


def _free(detections: Sequence[Detection], given: Mapping[Followed, Detection]) -> list[Detection]:
    """The detections that were given to nobody."""
    taken = set(map(id, given.values()))
    return [each for each in detections if id(each) not in taken]


def _boxes(given: Mapping[Followed, Detection]) -> list[Box]:
    """Where the animals are that were given a detection; a person hides nobody."""
    return [detection.box for followed, detection in given.items() if not followed.person]


def _likenesses(one: Box, centre: Point, detections: Sequence[Detection], factor: float) -> list[float]:
    """Intersection over union of `one`, moved to `centre`, with each detection, times the ratio of the sizes.

    All are enlarged by `factor` about their centres and not clipped: edges keep their reach. On bare numbers
    and with the distance across first, for most animals are far from most boxes.
    """
    width, height, (x, y) = one.width, one.height, centre
    size = width * height
    found = []
    for each in detections:
        box = each.box
        wide = (width + box.width) * factor / 2 - abs(box.left + box.width / 2 - x)
        high = (height + box.height) * factor / 2 - abs(box.top + box.height / 2 - y) if wide > 0 else 0.0
        if high <= 0:
            found.append(0.0)
            continue
        shared = min(wide / factor, width, box.width) * min(high / factor, height, box.height)
        other = box.width * box.height
        ratio = other / size if other < size else size / other
        found.append(shared / (size + other - shared) * ratio)
    return found


def _track(followed: Followed, time: float, seen: bool) -> Track:
    box = followed.box if seen else followed.predicted(time)
    assert followed.id is not None
    return Track(
        id=followed.id,
        time=time,
        box=box.clipped(),
        label=followed.label,
        score=followed.score,
        heading=followed.way.heading,
        first_time=followed.first_time,
        frames=followed.frames,
        seen=seen,
    )
