"""Follows boxes over frames, so that many detections become one animal with a direction.

Two stages as in ByteTrack (Zhang et al., ECCV 2022): boxes with a high score are given to the tracks
first, the weak ones then keep alive what is already followed. Made for few frames a second and one
to three animals: boxes are enlarged before they are compared (Yang et al., "C-BIoU", WACV 2023), and
everything runs by timestamps, never by frame counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from device.messages import Box, Detection, Track
from device.see.association import associate
from device.see.heading import Line, Point, Side, Way

Ratio = Annotated[float, Field(ge=0, le=1)]

COAST = 0.7
"""Seconds for which an unseen animal is expected to walk on; then it more likely stopped than went on."""

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
    """Score from which a detection may begin a track."""
    low: Ratio = 0.15
    """Score from which a detection may continue a track."""
    lost_seconds: Annotated[float, Field(gt=0, le=30)] = 2.0
    """How long an animal that is no longer detected is still followed."""
    confirm: Annotated[int, Field(ge=1, le=20)] = 2
    """Number of detections that make a track."""
    enlarge: Annotated[float, Field(ge=1, le=4)] = 1.5
    """Factor by which boxes are enlarged before their overlap is measured."""
    overlap: Annotated[float, Field(gt=0, le=1)] = 0.05
    """Least intersection over union of the enlarged boxes of one animal."""
    part: Annotated[float, Field(gt=0, le=1)] = 0.6
    """A box that shares this much of the smaller one with an animal just seen is part of it, not another."""

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

    def predicted(self, time: float) -> Box:
        """Where the animal should be at `time`; its centre stays within the picture."""
        seconds = min(max(time - self.time, 0.0), COAST)
        x, y = (
            min(max(place + speed * seconds, 0.0), 1.0)
            for place, speed in zip(self.box.centre, self.velocity, strict=True)
        )
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
        return max(self.votes, key=lambda label: self.votes[label])


class BoxTracker:
    """A Tracker: two-stage association of enlarged boxes with constant-velocity predictions.

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
        strong = [each for each in detections if each.score >= settings.high]
        weak = [each for each in detections if settings.low <= each.score < settings.high]
        seen, new = self._match(time, strong, self._followed)
        lost = [each for each in self._followed if each.id is not None and each not in seen]
        seen += self._match(time, weak, lost)[0]
        for detection in new:
            if not self._is_part(detection, seen):
                begun = self._begin(time, detection)
                self._followed.append(begun)
                seen.append(begun)
        self._forget(time, settings.lost_seconds)
        for each in seen:
            if each.id is None and each.frames >= settings.confirm:
                self._confirmed += 1
                each.id = self._confirmed
        return [_track(each, time, each in seen) for each in self._followed if each.id is not None]

    def _match(
        self, time: float, detections: list[Detection], candidates: list[Followed]
    ) -> tuple[list[Followed], list[Detection]]:
        """Give `detections` to `candidates`: those that got one, and the detections left over."""
        overlaps = [[self._overlap(time, each, one) for one in detections] for each in candidates]
        pairs = associate(overlaps, self._settings.overlap)
        for row, column in pairs.items():
            candidates[row].take(time, detections[column])
        left = sorted(set(range(len(detections))) - set(pairs.values()))
        return [candidates[row] for row in pairs], [detections[column] for column in left]

    def _overlap(self, time: float, followed: Followed, detection: Detection) -> float:
        """Intersection over union of the enlarged boxes; the longer unseen, the larger."""
        if followed.person != (detection.label == "person"):
            return 0.0
        factor = self._settings.enlarge + min(max(time - followed.time, 0.0), 1.0)
        return _grown(followed.predicted(time), factor).iou(_grown(detection.box, factor))

    def _is_part(self, detection: Detection, seen: Sequence[Followed]) -> bool:
        """Whether the box rather shows a part of an animal that already has a box in this look."""
        if detection.label == "person":
            return False
        boxes = [each.box for each in seen if not each.person]
        least = self._settings.part
        return any(
            detection.box.intersection(box) > least * min(detection.box.area, box.area) for box in boxes
        )

    def _begin(self, time: float, detection: Detection) -> Followed:
        way = Way(self._line, self._settings.hysteresis, self._settings.approach, detection.box.centre)
        begun = Followed(detection.box, time, way, time, detection.label == "person")
        begun.vote(detection, 1.0)
        return begun

    def _forget(self, time: float, seconds: float) -> None:
        """Give up what was not seen for more than `seconds`."""
        self._followed = [each for each in self._followed if time - each.time <= seconds]


def _grown(box: Box, factor: float) -> Box:
    """The box enlarged about its centre and, unlike `Box.enlarged`, not clipped: edges keep their reach."""
    width, height = box.width * factor, box.height * factor
    return Box(box.left - (width - box.width) / 2, box.top - (height - box.height) / 2, width, height)


def _track(followed: Followed, time: float, seen: bool) -> Track:
    box = followed.box if seen else followed.predicted(time)
    assert followed.id is not None
    return Track(
        id=followed.id,
        time=time,
        box=Box.from_corners(box.left, box.top, box.right, box.bottom),
        label=followed.label,
        score=followed.score,
        heading=followed.way.heading,
        first_time=followed.first_time,
        frames=followed.frames,
        seen=seen,
    )
