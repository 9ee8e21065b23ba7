"""The motion gate beside what one would use instead, on the same frames: python -m benchmarks.gates

Rendered doorsteps, five frames a second: animals that walk, hurry far away and creep, of which each frame is
known in which they moved; and an hour each of wind in a bush, clouds before the sun, a lamp that switches to
infrared and back, and of nothing, in which every opening is a false one. What opens by the clock alone (our
safety looks) is left out. A method opens where its largest moving region passes its own least area.

`RunningAverage` states how Frigate tells motion (github.com/blakeblackshear/frigate, with the defaults of its
frigate/motion/improved_motion.py): 100 pixels high, contrast stretched to the 4th and 96th percentiles of the
last 50 frames, blurred, compared with a running average (weight 0.01) that learns nothing during the first
ten frames of a movement, threshold 30, dilated, contours above 10 pixels; recalibrated where more than 80 %
changed.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import Protocol

import cv2
import numpy as np

from device.messages import Frame, Luma, Pixels
from device.see import motion
from device.see.luma import make_frame
from simulator.cat import cat
from simulator.lighting import lit
from simulator.render import paste, scenery

RATE = 5.0
SETTLE_S = 20.0
"""Every method may learn the empty scene first."""
HOUR_S = 3600.0
GRACE_S = 0.6
"""An opening counts for so long, as our gate holds: between two frames of a slow walk nothing may move."""
AREA = motion.Settings().area
"""Of the picture; what MOG2 and KNN, which bring none, must pass, as ours does."""
TURN = 250
"""Frames that one method sees before the next sees them."""
STEP_PX = 0.4
"""An animal whose outline moved less since the last frame did not move."""


class Gate(Protocol):
    """Takes frames in their order."""

    def moved(self, frame: Frame) -> bool: ...


class Ours:
    """The device's gate without its safety looks and without holding."""

    def __init__(self) -> None:
        self._gate = motion.build(replace(motion.Settings(), safety_seconds=60.0, hold_seconds=0.0))
        self._gate.open = self._gate.open  # the method that is timed

    def moved(self, frame: Frame) -> bool:
        self._gate.open(frame)
        return self._gate.moving_region() is not None


class Subtractor:
    """One of OpenCV's background subtractors, with the opening and the least area that ours has."""

    def __init__(self, made: Callable[[], cv2.BackgroundSubtractor]) -> None:
        self._subtractor = made()

    def moved(self, frame: Frame) -> bool:
        mask = self._subtractor.apply(cv2.blur(frame.luma, (3, 3)))
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, motion.SPECK)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, motion.GAP)
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        return max(map(cv2.contourArea, outlines), default=0.0) >= AREA * mask.size


class RunningAverage:
    """See the top of this file."""

    HEIGHT_PX, THRESHOLD, LEAST_PX, WEIGHT, QUICK = 100, 30, 10, 0.01, 0.2
    PATIENCE, HISTORY, LIGHTNING, CALM = 10, 50, 0.8, 0.05

    def __init__(self) -> None:
        self._average: np.ndarray | None = None
        self._calibrating = True
        self._moving = 0
        self._spreads: deque[tuple[float, float]] = deque([(0.0, 0.0)] * self.HISTORY, self.HISTORY)

    def moved(self, frame: Frame) -> bool:
        small = cv2.GaussianBlur(self._stretched(_shrunk(frame.image, self.HEIGHT_PX)), (3, 3), 1)
        if self._average is None:
            self._average = np.zeros(small.shape, np.float32)
        change = cv2.absdiff(small, cv2.convertScaleAbs(self._average))
        _, mask = cv2.threshold(change, self.THRESHOLD, 255, cv2.THRESH_BINARY)
        outlines, _ = cv2.findContours(cv2.dilate(mask, None), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        areas = [cv2.contourArea(each) for each in outlines]
        large, share = sum(area > self.LEAST_PX for area in areas), sum(areas) / small.size
        if share < self.CALM and large <= 4:
            self._calibrating = False
        if share > self.LIGHTNING:
            self._calibrating = True
        self._moving = self._moving + 1 if large else 0
        if not large or self._moving >= self.PATIENCE:
            weight = self.QUICK if self._calibrating else self.WEIGHT
            cv2.accumulateWeighted(small, self._average, weight)
        return large > 0 and not self._calibrating

    def _stretched(self, small: Luma) -> Luma:
        low, high = (int(each) for each in np.percentile(small, (4, 96)))
        if low < high:
            self._spreads.append((low, high))
            low, high = np.mean(self._spreads, axis=0)
            spread = (np.clip(small, low, high) - low) * (255 / max(high - low, 1))
            return spread.astype(np.uint8)
        return small


@cache
def _size(shape: tuple[int, int], height_px: int) -> tuple[int, int]:
    return height_px * shape[1] // shape[0], height_px


def _shrunk(image: Pixels, height_px: int) -> Luma:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return cv2.resize(grey, _size(grey.shape, height_px), interpolation=cv2.INTER_NEAREST)


METHODS: dict[str, Callable[[], Gate]] = {
    "ours": Ours,
    "MOG2": lambda: Subtractor(lambda: cv2.createBackgroundSubtractorMOG2(detectShadows=False)),
    "KNN": lambda: Subtractor(lambda: cv2.createBackgroundSubtractorKNN(detectShadows=False)),
    "running average": RunningAverage,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One frame and whether something moved in it."""

    frame: Frame
    moves: bool = False


def _frames(count: int, picture: Callable[[float], tuple[Pixels, bool]], seed: int) -> Iterator[Shown]:
    random = np.random.default_rng(seed)
    for number in range(count):
        now = number / RATE
        image, moves = picture(now)
        kind = "infrared" if picture in (switching,) and _is_night(now) else None
        yield Shown(make_frame(lit(image, kind, random), now, number), moves)


def _animal(
    path: Callable[[float], tuple[float, float, float] | None],
) -> Callable[[float], tuple[Pixels, bool]]:
    """A cat that goes along `path`: the middle of its feet and its height in pixels at a second."""

    def picture(now: float) -> tuple[Pixels, bool]:
        image, place = scenery().copy(), path(now)
        before = path(now - 1 / RATE)
        if place is not None:
            x, bottom, height = place
            paste(image, cat("grey"), x, bottom, height)
        moves = (place is None) != (before is None)
        if place is not None and before is not None:
            moves = max(abs(one - other) for one, other in zip(place, before, strict=True)) >= STEP_PX
        return image, moves

    return picture


def walking(now: float) -> tuple[float, float, float] | None:
    """From the far end to the door in 3 s, a wait of 5 s, and back; every 20 s."""
    phase = (now - SETTLE_S) % 20.0 if now >= SETTLE_S else -1.0
    near = min(phase / 3, (11 - phase) / 3, 1.0)
    return None if not 0 <= phase < 11 or near < 0 else (320, 215 + 205 * near, 60 + 190 * near)


def far(now: float) -> tuple[float, float, float] | None:
    """A small one hurries along the wall, 45 pixels high, every 15 s."""
    phase = (now - SETTLE_S) % 15.0 if now >= SETTLE_S else -1.0
    return None if not 0 <= phase < 4 else (40 + 140 * phase, 200, 45)


def creeping(now: float) -> tuple[float, float, float] | None:
    """A stalking cat: six pixels a second towards the door, 30 s long."""
    phase = (now - SETTLE_S) % 60.0 if now >= SETTLE_S else -1.0
    return (
        None if not 0 <= phase < 45 else (250 + 2.5 * phase, 260 + 2.4 * min(phase, 30), 90 + min(phase, 30))
    )


def nothing(now: float) -> tuple[Pixels, bool]:  # noqa: ARG001
    return scenery().copy(), False


def wind(now: float) -> tuple[Pixels, bool]:
    """A bush at the left whose leaves tremble, in gusts."""
    image = scenery().copy()
    gust = max(np.sin(now / 9.0) + 0.4 * np.sin(now / 2.3), 0.0)
    shift = np.sin(_leaves()[0] + 4.0 * now) * 5 * gust, np.cos(_leaves()[1] + 3.3 * now) * 4 * gust
    rows, columns = _leaves()[2].shape[:2]
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    moved = cv2.remap(
        _leaves()[2],
        x + shift[0].astype(np.float32),
        y + shift[1].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    image[60 : 60 + rows, :columns] = moved
    return image, False


@cache
def _leaves() -> tuple[np.ndarray, np.ndarray, Pixels]:
    random = np.random.default_rng(5)
    phases = [cv2.resize(random.uniform(0, 6.3, (10, 6)).astype(np.float32), (150, 260)) for _ in range(2)]
    blobs = cv2.resize(random.uniform(30, 150, (52, 30)).astype(np.float32), (150, 260))
    leaves = np.stack([blobs * 0.6, blobs, blobs * 0.5], axis=-1).astype(np.uint8)
    return phases[0], phases[1], leaves


def clouds(now: float) -> tuple[Pixels, bool]:
    """The sun comes and goes, within one to four seconds, and a cloud's edge draws across the scene."""
    sunny = 0.5 + 0.5 * np.tanh(4 * np.sin(now / 17.0) + 2 * np.sin(now / 5.1))
    edge = np.clip((np.arange(640)[None, :, None] / 640 - ((now / 40) % 2.0) + 0.5) * 3, 0, 1)
    light = 0.55 + 0.45 * sunny * (0.7 + 0.3 * edge)
    return np.clip(scenery() * light, 0, 255).astype(np.uint8), False


def switching(now: float) -> tuple[Pixels, bool]:  # noqa: ARG001 - the light is not of the scene
    """Infrared light and back every minute."""
    return scenery().copy(), False


def _is_night(now: float) -> bool:
    return int(now // 60) % 2 == 1


ANIMALS = {"walks up": _animal(walking), "hurries by, far": _animal(far), "creeps": _animal(creeping)}
OTHERS = {"nothing": nothing, "wind in a bush": wind, "clouds": clouds, "infrared switches": switching}


@dataclass(slots=True)
class Result:
    """What one method made of one scene."""

    frames: int = 0
    seen: int = 0
    """Of frames with movement those in which the gate was open."""
    openings: int = 0
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    _opened: float = -math.inf
    _was_open: bool = False

    def play(self, gate: Gate, shown: Sequence[Shown]) -> None:
        """Show the scene's next frames to a gate."""
        for each in shown:
            began = time.perf_counter()
            moved = gate.moved(each.frame)
            self.times.append(time.perf_counter() - began)
            self._count(each.frame.time, moved, each.moves)

    def _count(self, now: float, moved: bool, moves: bool) -> None:
        self._opened = now if moved else self._opened
        is_open = now - self._opened <= GRACE_S
        if now < SETTLE_S:
            return
        if moves:
            self.frames += 1
            self.seen += is_open
        self.openings += is_open and not self._was_open
        self._was_open = is_open
        self.seconds = now - SETTLE_S


def measure(minutes: float, seed: int = 1) -> dict[str, dict[str, Result]]:
    """By scene and method: `minutes` of each scene without animals, 150 s of those with one."""
    found: dict[str, dict[str, Result]] = {}
    for scenes, seconds in ((ANIMALS, 150.0), (OTHERS, 60 * minutes)):
        for name, picture in scenes.items():
            gates = {method: made() for method, made in METHODS.items()}
            found[name] = {method: Result() for method in METHODS}
            frames = _frames(round(seconds * RATE), picture, seed)
            while shown := list(islice(frames, TURN)):
                for method, gate in gates.items():
                    found[name][method].play(gate, shown)
    return found


def table(found: dict[str, dict[str, Result]]) -> str:
    lines = [f"{'':22}" + "".join(f"{method:>20}" for method in METHODS)]
    for name in ANIMALS:
        cells = (
            f"{each.seen} of {each.frames} {each.seen / each.frames:6.1%}" for each in found[name].values()
        )
        lines.append(f"{name:22}" + "".join(f"{cell:>20}" for cell in cells))
    for name in OTHERS:
        cells = (f"{each.openings / each.seconds * HOUR_S:.0f} an hour" for each in found[name].values())
        lines.append(f"{name:22}" + "".join(f"{cell:>20}" for cell in cells))
    times = {m: [t for scene in found.values() for t in scene[m].times] for m in METHODS}
    cells = (f"{statistics.median(each) * 1e3:.3f} ms" for each in times.values())
    lines.append(f"{'time a frame, median':22}" + "".join(f"{cell:>20}" for cell in cells))
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)))
