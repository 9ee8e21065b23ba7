"""The motion gate: opens for frames in which something moved, and now and then for safety.

A running average of the small luma plane is the background; where something moves it learns slowly, or
who creeps would become a part of it. Light that changes everywhere at once is taken out by a robust gain. A
place that keeps flickering from one frame to the next, such as leaves in the wind, raises its own threshold
(after the sigma-delta background of Manzanera and Richefeu, 2007), and soon after a gust it is not believed
again. A region that changed and shows the same structure as before, or a small plain one that changed without
an outline, lies in a shadow, or comes out of one. A change of the whole picture that keeps its structure, or
a switch of the infrared light, begins a new background.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from device.messages import Box, Frame, Luma

Floats = NDArray[np.float32]

LARGEST = 160, 120
"""Width and height in pixels of the largest plane looked at; a larger one is reduced."""

DARK = 8.0
"""Luma added before ratios are taken, so that the noise of black pixels is no change of light."""

FLICKER = 3.0
"""How many times its usual flicker a pixel must deviate to count as moved."""

MOST_FLICKER = 10.0
"""Luma levels of usual flicker at most: an animal before leaves in the wind is still seen."""

RISE, FALL = 0.4, 0.03
"""Luma levels a second by which the usual flicker follows what is seen: an animal that passes raises it
little, a gust of wind much, and the next one finds it so."""

SLOWER = 0.1
"""How much slower than elsewhere the background learns where something moves."""

SHADOW = 0.9
"""Correlation of a region with its background above which it shows the same things in another light."""

TEXTURE = 2.0
"""Luma levels of deviation in a region below which it has no structure to tell a shadow by."""

PLAIN = 0.003
"""Of the picture; a larger plain region counts without an outline, or the soft picture of a camera that pans
would show nothing but light."""

SMOOTH = 0.2
"""Deviation along a region's border, as a part of its change, from which it has an outline."""

STEADY = 0.005
"""A change of light smaller than this is left to the running average."""

SAME_STRUCTURE = 0.5
"""Correlation above which two pictures show the same things in another light."""

BRIGHTER = 10
"""Luma levels by which the pixels of most of the picture differ after a change of light."""

CALM = 2.0
"""Seconds without movement after which a change of the whole picture may be one of light."""

LEARN_S = 0.2
"""Seconds after which the background learns again: what changes within is no concern of it."""

COARSE = 9, 9
"""Pixels over which light changes slowly."""

SPECK = np.ones((3, 3), np.uint8)
GAP = np.ones((5, 5), np.uint8)
BAND = np.ones((7, 7), np.uint8)
MARGIN = 9
"""Pixels around a region in which its outline is looked for."""

Seconds = Annotated[float, Field(ge=0, le=60)]


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of `[motion]`."""

    contrast: Annotated[float, Field(ge=1, le=255)] = 5.0
    """Luma levels (of 255) by which a place must differ from the background."""
    area: Annotated[float, Field(gt=0, le=1)] = 0.0012
    """Smallest moving region, as a ratio of the picture's area."""
    adapt_seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    """Time constant with which the background takes on what stays."""
    hold_seconds: Seconds = 0.5
    """How long the gate stays open after the last movement."""
    safety_seconds: Annotated[float, Field(gt=0, le=60)] = 2.0
    """While the gate is shut, every so often one frame passes, so that a motionless animal is found."""
    settle_seconds: Seconds = 1.5
    """After a switch of light nothing counts as movement for so long."""
    whole: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Ratio of the picture from which a change that keeps the picture's structure is one of light."""


def build(settings: Settings) -> BackgroundGate:
    """A gate that has seen nothing yet and opens for its first frame."""
    return BackgroundGate(settings)


class BackgroundGate:
    """A MotionGate on the luma plane of at most 160 x 120 pixels."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._shape = 0, 0
        self._infrared = False
        self._time = -math.inf
        self._opened = -math.inf
        self._moved = -math.inf
        self._settled = -math.inf
        self._learnt = -math.inf

    def open(self, frame: Frame) -> bool:
        """Whether `frame` is worth the detector's time. Takes every frame in the order of its time."""
        self._time = frame.time
        luma = _small(frame.luma)
        if luma.shape != self._shape:
            self._allocate(luma.shape)
            self._begin(luma)
        elif frame.infrared != self._infrared:
            self._begin(luma)
            self._settled = frame.time + self._settings.settle_seconds
        elif self._moves(luma):
            self._moved = frame.time
        self._infrared = frame.infrared
        held = 0 <= frame.time - self._moved <= self._settings.hold_seconds
        due = not 0 <= frame.time - self._opened < self._settings.safety_seconds
        if held or due:
            self._opened = frame.time
        return held or due

    def moving_region(self) -> Box | None:
        """Bounds of the largest region that moved in the latest frame, None if nothing did."""
        if self._time != self._moved or self._largest is None:
            return None
        left, top, width, height = cv2.boundingRect(self._largest)
        rows, columns = self._shape
        return Box.from_corners(left / columns, top / rows, (left + width) / columns, (top + height) / rows)

    def _allocate(self, shape: tuple[int, int]) -> None:
        """One buffer for each step, so that a frame allocates next to nothing."""
        self._shape = shape
        self._now: Luma = np.empty(shape, np.uint8)
        self._before: Luma = np.empty(shape, np.uint8)
        self._background: Floats = np.empty(shape, np.float32)
        self._expected: Luma = np.empty(shape, np.uint8)
        self._change: Luma = np.empty(shape, np.uint8)
        self._flicker: Floats = np.empty(shape, np.float32)
        self._limit: Luma = np.empty(shape, np.uint8)
        self._mask: Luma = np.empty(shape, np.uint8)
        self._largest: cv2.typing.MatLike | None = None

    def _begin(self, luma: Luma) -> None:
        """Take this picture as the background."""
        self._background[:] = cv2.blur(luma, (3, 3), dst=self._now)
        self._flicker.fill(self._settings.contrast / FLICKER / 2)
        self._limit_by_flicker()
        self._learnt = self._time

    def _moves(self, luma: Luma) -> bool:
        """Whether a large enough region differs from the background, which then learns the picture."""
        self._now, self._before = self._before, self._now
        cv2.blur(luma, (3, 3), dst=self._now)
        self._follow_light()
        # Rounded and cut off at 255: what a pixel of the background can look like now.
        cv2.convertScaleAbs(self._background, dst=self._expected)
        cv2.absdiff(self._now, self._expected, dst=self._change)
        cv2.compare(self._change, self._limit, cv2.CMP_GT, dst=self._mask)
        self._largest = self._largest_region()
        moved, passed = self._largest is not None, self._time - self._learnt
        if moved and self._is_light():
            self._begin(luma)
            self._settled = self._time + self._settings.settle_seconds
        elif not 0 <= passed < LEARN_S:
            self._learn(max(passed, 0.0))
        return moved and not 0 < self._settled - self._time <= self._settings.settle_seconds

    def _follow_light(self) -> None:
        """Brighten or darken the background as the median pixel was.

        The background may pass 255: where the picture is saturated now, the old value comes back
        when the light does.
        """
        ratios = ((self._now[::4, ::4] + DARK) / (self._background[::4, ::4] + DARK)).ravel()
        middle = len(ratios) // 2
        ratios.partition(middle)
        gain = float(ratios[middle])
        if abs(gain - 1) > STEADY:
            self._background *= gain
            self._background += DARK * (gain - 1)

    def _largest_region(self) -> cv2.typing.MatLike | None:
        """The outline of the largest region that moved: without specks and shadows, close parts joined."""
        least = self._settings.area * self._mask.size
        cv2.morphologyEx(self._mask, cv2.MORPH_OPEN, SPECK, dst=self._mask)
        if cv2.countNonZero(self._mask) < least / 2:
            return None
        cv2.morphologyEx(self._mask, cv2.MORPH_CLOSE, GAP, dst=self._mask)
        outlines, _ = cv2.findContours(self._mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        large = sorted((each for each in outlines if cv2.contourArea(each) >= least), key=cv2.contourArea)
        return next((each for each in reversed(large) if not self._is_shadow(each)), None)

    def _is_shadow(self, outline: cv2.typing.MatLike) -> bool:
        """Whether a region shows its background in another light.

        Of most of the picture that is not asked: there, a camera that moves would pass for a shadow.
        """
        share = cv2.contourArea(outline) / self._mask.size
        if share > self._settings.whole:
            return False
        left, top, width, height = cv2.boundingRect(outline)
        part = np.s_[top : top + height, left : left + width]
        inside = self._mask[part]
        now, before = (_structure(plane[part]) for plane in (self._now, self._expected))
        (mean_now, spread_now), (mean_before, spread_before) = (
            _mean_and_spread(each, inside) for each in (now, before)
        )
        if share < PLAIN and max(spread_now, spread_before) < TEXTURE:
            return not self._ends_sharply(outline)
        if min(spread_now, spread_before) < TEXTURE:
            return False
        both, _ = _mean_and_spread(cv2.multiply(now, before), inside)
        return both - mean_now * mean_before > SHADOW * spread_now * spread_before

    def _ends_sharply(self, outline: cv2.typing.MatLike) -> bool:
        """Whether what changed in a plain region ends there at once, as light hardly ever does."""
        left, top, width, height = cv2.boundingRect(outline)
        first = max(left - MARGIN, 0), max(top - MARGIN, 0)
        part = np.s_[first[1] : top + height + MARGIN, first[0] : left + width + MARGIN]
        inside = np.zeros_like(self._mask[part])
        cv2.drawContours(inside, [outline], -1, 255, cv2.FILLED, offset=(-first[0], -first[1]))
        border = np.asarray(cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, BAND), np.uint8)
        now, before = (_structure(plane[part]) for plane in (self._now, self._expected))
        change, _ = _mean_and_spread(self._change[part], inside)
        _, edge = _mean_and_spread(cv2.subtract(now, before), border)
        return edge > SMOOTH * change

    def _is_light(self) -> bool:
        """Whether, after a calm time, most of the picture changed and yet shows the same things.

        Without the calm a camera that pans or shakes would shut the gate again and again.
        """
        if self._time - max(self._moved, self._settled) < CALM:
            return False
        if np.count_nonzero(self._change > BRIGHTER) < self._settings.whole * self._mask.size:
            return False
        now, before = (plane - plane.mean() for plane in (self._now, self._expected))
        spread = math.sqrt(float((now * now).sum()) * float((before * before).sum()))
        return spread > 0 and float((now * before).sum()) / spread > SAME_STRUCTURE

    def _learn(self, passed: float) -> None:
        """Let the background and the usual flicker take on the picture."""
        self._learnt = self._time
        weight = 1 - math.exp(-passed / self._settings.adapt_seconds)
        cv2.accumulateWeighted(self._now, self._background, weight * SLOWER, self._mask)
        cv2.accumulateWeighted(
            self._now, self._background, weight, cv2.bitwise_not(self._mask, dst=self._mask)
        )
        self._learn_flicker(passed)

    def _learn_flicker(self, passed: float) -> None:
        """Follow, in small steps, by how much each pixel differs from the frame before."""
        passed = min(passed, 1.0)
        flicker = cv2.absdiff(self._now, self._before, dst=self._change)
        usual = cv2.convertScaleAbs(self._flicker, dst=self._limit)
        stirred = cv2.compare(flicker, usual, cv2.CMP_GT, dst=self._mask)
        rise, fall = (RISE + FALL) * passed / 255, FALL * passed  # what is stirred is 255 in its mask
        cv2.addWeighted(self._flicker, 1.0, stirred, rise, -fall, dst=self._flicker, dtype=cv2.CV_32F)
        np.clip(self._flicker, 0, MOST_FLICKER, out=self._flicker)
        self._limit_by_flicker()

    def _limit_by_flicker(self) -> None:
        """Set by how much each pixel must differ, after what is usual there."""
        cv2.convertScaleAbs(self._flicker, dst=self._limit, alpha=FLICKER)
        np.maximum(self._limit, np.uint8(self._settings.contrast), out=self._limit)


def _structure(plane: Luma) -> Floats:
    """A plane without what changes slowly across it, such as the edge of a cloud's shadow."""
    return np.asarray(cv2.subtract(plane, cv2.blur(plane, COARSE), dtype=cv2.CV_32F), np.float32)


def _mean_and_spread(plane: cv2.typing.MatLike, inside: Luma) -> tuple[float, float]:
    """Mean and standard deviation of the pixels inside."""
    mean, spread = cv2.meanStdDev(plane, mask=inside)
    return float(mean[0, 0]), float(spread[0, 0])


def _small(luma: Luma) -> Luma:
    """The plane, reduced to at most 160 x 120 with its proportions kept."""
    height, width = luma.shape
    scale = min(LARGEST[0] / width, LARGEST[1] / height)
    if scale >= 1:
        return luma
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
