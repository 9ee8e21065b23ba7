"""Says when the camera's pictures prove nothing: black, saturated, frozen, stale or gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from device.messages import Frame, Luma

Level = Annotated[int, Field(ge=0, le=255)]
Ratio = Annotated[float, Field(gt=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=600)]


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of `[blind]`."""

    black_level: Level = 12
    """Luma (of 255) up to which a pixel is black."""
    black_ratio: Ratio = 0.99
    """Ratio of black pixels from which the picture is."""
    saturated_level: Level = 250
    """Luma from which a pixel is saturated."""
    saturated_ratio: Ratio = 0.98
    """Ratio of saturated pixels from which the picture is; a bright backlight alone stays below."""
    frozen_seconds: Seconds = 2.0
    """How long frames may be alike to the last bit. A live sensor's noise never is; a network stream
    of a still scene may be between two key frames: give it longer than their distance."""
    stale_seconds: Seconds = 1.0
    """Age of a frame from which it no longer tells what is before the door."""
    gone_seconds: Seconds = 3.0
    """How long no frame may come."""
    good_seconds: Annotated[float, Field(ge=0, le=600)] = 1.0
    """How long frames must be good again before they prove anything."""


def build(settings: Settings) -> SightCheck:
    """A check that has seen nothing yet."""
    return SightCheck(settings)


class SightCheck:
    """A BlindCheck that blinds at once and sees again only after `good_seconds` of good frames."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reason: str | None = None
        self._good_since: float | None = None
        self._came: float | None = None
        """When the last frame came, or the first look without one was made."""
        self._still: Frame | None = None
        """The first of the latest frames that are all alike."""

    def check(self, frame: Frame | None, now: float) -> str | None:
        """Why the camera is blind at `now` (monotonic seconds, as `frame.time`), or None if it sees.

        Without a frame the last answer stands until the camera counts as gone.
        """
        fault = self._missing(now) if frame is None else self._fault(frame, now)
        if fault is not None:
            self._reason, self._good_since = fault, None
        elif frame is None:
            self._good_since = None
        elif self._reason is not None:
            self._good_since = now if self._good_since is None else self._good_since
            if now - self._good_since >= self._settings.good_seconds:
                self._reason = None
        return self._reason

    def _missing(self, now: float) -> str | None:
        self._came = now if self._came is None else self._came
        return "gone" if now - self._came >= self._settings.gone_seconds else None

    def _fault(self, frame: Frame, now: float) -> str | None:
        """What is wrong with this very frame, the gravest first."""
        settings = self._settings
        self._came = now
        frozen = self._still_for(frame) >= settings.frozen_seconds
        if now - frame.time >= settings.stale_seconds:
            return "stale"
        if _mostly(frame.luma, lambda rows: rows <= settings.black_level, settings.black_ratio):
            return "black"
        if _mostly(frame.luma, lambda rows: rows >= settings.saturated_level, settings.saturated_ratio):
            return "saturated"
        return "frozen" if frozen else None

    def _still_for(self, frame: Frame) -> float:
        """For how many seconds of the camera's time every frame has been alike."""
        still = self._still
        if still is None or frame.time < still.time or not _alike(still.luma, frame.luma):
            self._still = still = frame
        return frame.time - still.time


def _mostly(luma: Luma, pixels: Callable[[Luma], NDArray[np.bool_]], ratio: float) -> bool:
    """Whether such `pixels` make up `ratio` of the picture; a few rows often have too many others for it."""
    others = luma.size - ratio * max(luma.size, 1)
    return all(rows.size - np.count_nonzero(pixels(rows)) <= others for rows in (luma[::16], luma))


def _alike(one: Luma, other: Luma) -> bool:
    """Equal to the last bit; a few rows are compared first, since live pictures differ there already."""
    return np.array_equal(one[::16], other[::16]) and np.array_equal(one, other)
