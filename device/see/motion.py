"""The motion gate: opens for frames in which something moved, and now and then for safety.

A running average of the small luma plane is the background. Light that changes everywhere at once
is taken out by a robust gain; a place that keeps trembling, such as leaves in the wind, raises its
own threshold (after the sigma-delta background of Manzanera and Richefeu, 2007); a change of the
whole picture that keeps its structure, or a switch of the infrared light, begins a new background.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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

TREMBLING = 2.5
"""How many times its usual deviation a pixel must deviate to count as moved."""

MOST_TREMBLING = 16.0
"""Luma levels of usual deviation at most: an animal before leaves in the wind is still seen."""

STEADY = 0.005
"""A change of light smaller than this is left to the running average."""

SAME_STRUCTURE = 0.5
"""Correlation above which two pictures show the same things in another light."""

CALM = 2.0
"""Seconds without movement after which a change of the whole picture may be one of light."""

SPECK = np.ones((3, 3), np.uint8)
GAP = np.ones((5, 5), np.uint8)

Seconds = Annotated[float, Field(ge=0, le=60)]


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of `[motion]`."""

    contrast: Annotated[float, Field(ge=1, le=255)] = 10.0
    """Luma levels (of 255) by which a place must differ from the background."""
    area: Annotated[float, Field(gt=0, le=1)] = 0.003
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
    """A MotionGate on the luma plane of at most 160 x 120 pixels; about 0.1 ms a frame."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._shape = 0, 0
        self._infrared = False
        self._time = -math.inf
        self._opened = -math.inf
        self._moved = -math.inf
        self._settled = -math.inf

    def open(self, frame: Frame) -> bool:
        """Whether `frame` is worth the detector's time. Takes every frame in the order of its time."""
        passed = max(frame.time - self._time, 0.0)
        self._time = frame.time
        luma = _small(frame.luma)
        if luma.shape != self._shape:
            self._allocate(luma.shape)
            self._begin(luma)
        elif frame.infrared != self._infrared:
            self._begin(luma)
            self._settled = frame.time + self._settings.settle_seconds
        elif self._moves(luma, passed):
            self._moved = frame.time
        self._infrared = frame.infrared
        held = 0 <= frame.time - self._moved <= self._settings.hold_seconds
        due = not 0 <= frame.time - self._opened < self._settings.safety_seconds
        if held or due:
            self._opened = frame.time
        return held or due

    def moving_region(self) -> Box | None:
        """Bounds of the largest region that moved in the latest frame, None if nothing did."""
        if self._time != self._moved:
            return None
        left, top, width, height = cv2.boundingRect(max(self._outlines, key=cv2.contourArea))
        rows, columns = self._shape
        return Box.from_corners(left / columns, top / rows, (left + width) / columns, (top + height) / rows)

    def _allocate(self, shape: tuple[int, int]) -> None:
        """One buffer for each step, so that a frame allocates next to nothing."""
        self._shape = shape
        self._smooth: Luma = np.empty(shape, np.uint8)
        self._now: Floats = np.empty(shape, np.float32)
        self._background: Floats = np.empty(shape, np.float32)
        self._expected: Floats = np.empty(shape, np.float32)
        self._difference: Floats = np.empty(shape, np.float32)
        self._trembling: Floats = np.empty(shape, np.float32)
        self._limit: Floats = np.empty(shape, np.float32)
        self._mask: Luma = np.empty(shape, np.uint8)
        self._outlines: Sequence[cv2.typing.MatLike] = ()

    def _begin(self, luma: Luma) -> None:
        """Take this picture as the background."""
        self._background[:] = cv2.blur(luma, (3, 3), dst=self._smooth)
        self._trembling.fill(self._settings.contrast / TREMBLING / 2)

    def _moves(self, luma: Luma, passed: float) -> bool:
        """Whether a large enough region differs from the background, which then learns the picture."""
        self._now[:] = cv2.blur(luma, (3, 3), dst=self._smooth)
        self._follow_light()
        cv2.absdiff(self._now, np.minimum(self._background, 255, out=self._expected), dst=self._difference)
        np.multiply(self._trembling, TREMBLING, out=self._limit)
        np.maximum(self._limit, self._settings.contrast, out=self._limit)
        np.greater(self._difference, self._limit, out=self._mask.view(np.bool_))
        moved = self._largest() >= self._settings.area * self._mask.size
        if moved and self._is_light():
            self._begin(luma)
            self._settled = self._time + self._settings.settle_seconds
        else:
            self._learn(passed)
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

    def _largest(self) -> float:
        """Pixels within the outline of the largest region that moved; specks left out, close parts joined."""
        cv2.morphologyEx(self._mask, cv2.MORPH_OPEN, SPECK, dst=self._mask)
        if cv2.countNonZero(self._mask) < self._settings.area * self._mask.size:
            return 0.0
        cv2.morphologyEx(self._mask, cv2.MORPH_CLOSE, GAP, dst=self._mask)
        self._outlines, _ = cv2.findContours(self._mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        return max(map(cv2.contourArea, self._outlines))

    def _is_light(self) -> bool:
        """Whether, after a calm time, most of the picture changed and yet shows the same things.

        Without the calm a camera that pans or shakes would shut the gate again and again.
        """
        if self._time - max(self._moved, self._settled) < CALM:
            return False
        if np.count_nonzero(self._mask) < self._settings.whole * self._mask.size:
            return False
        now, before = (plane - plane.mean() for plane in (self._now, self._expected))
        spread = math.sqrt(float((now * now).sum()) * float((before * before).sum()))
        return spread > 0 and float((now * before).sum()) / spread > SAME_STRUCTURE

    def _learn(self, passed: float) -> None:
        """Let the background and its usual deviation take on the picture."""
        weight = 1 - math.exp(-passed / self._settings.adapt_seconds)
        cv2.accumulateWeighted(self._now, self._background, weight)
        cv2.accumulateWeighted(self._difference, self._trembling, weight)
        np.minimum(self._trembling, MOST_TREMBLING, out=self._trembling)


def _small(luma: Luma) -> Luma:
    """The plane, reduced to at most 160 x 120 with its proportions kept."""
    height, width = luma.shape
    scale = min(LARGEST[0] / width, LARGEST[1] / height)
    if scale >= 1:
        return luma
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
