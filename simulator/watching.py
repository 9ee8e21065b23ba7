"""Those who look over the loop's shoulder while a recording plays: the pace keeper and the draughtsman."""

from __future__ import annotations

import time
from pathlib import Path

import cv2

from device.errors import ConfigError, StoreError
from device.messages import Decision, Frame, Observation, Outcome, Pixels
from device.see.drawing import draw
from device.see.privacy import without_persons
from simulator.play import Watch

BAR_PX = 56
COLOURS = {
    Outcome.UNLOCK: (60, 150, 40),
    Outcome.UNDECIDED: (40, 140, 200),
    Outcome.KEEP_LOCKED: (60, 60, 60),
    Outcome.LOCK_OUT: (50, 50, 190),
}
"""Of the bar under a picture; blue, green, red."""


def watchers(speed: str, save: Path | None) -> Watch:
    """One watcher that does what was asked for.

    Raises:
        ConfigError: `speed` is neither "max" nor a positive number.
    """
    chosen = []
    if speed != "max":
        chosen.append(keep_pace(factor(speed)))
    if save is not None:
        chosen.append(keep_pictures(save))

    def watch(frame: Frame, observation: Observation, decision: Decision) -> None:
        for each in chosen:
            each(frame, observation, decision)

    return watch


def factor(speed: str) -> float:
    """How many times as fast as life `speed` means.

    Raises:
        ConfigError: it is no positive number.
    """
    try:
        times = float(speed)
    except ValueError:
        times = 0.0
    if not 0 < times < 1e6:
        raise ConfigError(f'--speed {speed} must be "max" or a number such as 1 (as in life) or 10')
    return times


def keep_pace(times: float) -> Watch:
    """Wait after each frame until it is due at `times` the speed of life."""
    began = time.monotonic()

    def watch(frame: Frame, observation: Observation, decision: Decision) -> None:  # noqa: ARG001
        time.sleep(max(frame.time / times - (time.monotonic() - began), 0.0))

    return watch


def keep_pictures(folder: Path) -> Watch:
    """Save a picture whenever what is decided changes, with boxes and the reason under it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be made: {error.strerror}; choose another --save") from None
    before: list[tuple[Outcome, str]] = []

    def watch(frame: Frame, observation: Observation, decision: Decision) -> None:
        now = (decision.outcome, decision.rule)
        if not before or before[-1] != now:
            before.append(now)
            picture = annotated(frame.image, observation, decision)
            path = folder / f"{frame.number:06}-{decision.outcome.replace(' ', '-')}.jpg"
            if not cv2.imwrite(str(path), picture):
                raise StoreError(f"{path}: cannot be written; choose another --save")

    return watch


def annotated(image: Pixels, observation: Observation, decision: Decision) -> Pixels:
    """The picture with boxes, persons blurred, and under it the outcome and its reason."""
    tracks = [sighting.track for sighting in observation.sightings if sighting.track.seen]
    drawn = draw(without_persons(image, observation), tracks)
    bar = cv2.copyMakeBorder(drawn, 0, BAR_PX, 0, 0, cv2.BORDER_CONSTANT, value=COLOURS[decision.outcome])
    height = image.shape[0]
    for row, text, scale in (
        (22, f"{frame_time(observation)}  {decision.outcome}", 0.6),
        (46, decision.reason, 0.45),
    ):
        where = (10, height + row)
        cv2.putText(bar, text, where, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 1, cv2.LINE_AA)
    return bar.astype(image.dtype)


def frame_time(observation: Observation) -> str:
    """When, in seconds of the recording."""
    return f"{observation.time:.1f} s"
