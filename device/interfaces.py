"""The Protocols at the edges of the loop: whoever implements one can take a part's place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from device.messages import (
    Decision,
    Detection,
    Embedding,
    Fault,
    Frame,
    Inputs,
    Lease,
    Observation,
    Pixels,
    Request,
    Settings,
    Sighting,
    Track,
    Verdict,
)


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> float:
        """Monotonic seconds, comparable with `Frame.time`."""
        ...

    def wall(self) -> float | None:
        """UTC seconds since 1970, or None while the clock has not been set."""
        ...


class Camera(Protocol):
    """A source of frames that never queues: whoever asks gets the newest."""

    def next(self, timeout: float) -> Frame | None:
        """The newest frame not given out before; None if none came within `timeout` seconds.

        Raises:
            EndOfVideo: a recorded source has no more frames.
        """
        ...

    def close(self) -> None: ...


class BlindCheck(Protocol):
    """Says when pictures prove nothing."""

    def check(self, frame: Frame | None, now: float) -> str | None:
        """The reason why the camera is blind ("black", "saturated", "frozen", "stale", "gone", "no model"),
        or None."""
        ...


class MotionGate(Protocol):
    """Decides whether a frame is worth the detector's time."""

    def open(self, frame: Frame) -> bool: ...


class Detector(Protocol):
    """Finds and boxes animals and persons."""

    def detect(self, image: Pixels) -> Sequence[Detection]: ...


class Tracker(Protocol):
    """Follows boxes over frames."""

    def update(self, time: float, detections: Sequence[Detection]) -> Sequence[Track]:
        """Tracks alive after a frame at `time`, confirmed ones only; `seen` marks those just detected."""
        ...


class Classifier(Protocol):
    """Judges one boxed animal."""

    def classify(self, image: Pixels, track: Track) -> Sighting: ...


class Embedder(Protocol):
    """Turns a crop into an embedding."""

    def embed(self, crop: Pixels) -> Embedding: ...


class Head(Protocol):
    """Turns an embedding into class probabilities for one task."""

    @property
    def task(self) -> str: ...

    def judge(self, embedding: Embedding) -> Verdict: ...


class Policy(Protocol):
    """The decision core: the same observations give the same decisions."""

    def decide(self, observation: Observation) -> Decision: ...


class Bolt(Protocol):
    """The loop's line to the guard."""

    def hold(self, lease: Lease | None) -> None:
        """Ask for the bolt to be held open under `lease`, or, with None, give up any lease."""
        ...

    def inputs(self) -> Inputs:
        """The guard's latest snapshot."""
        ...


class SettingsSource(Protocol):
    """What the owner has set, as it stands now."""

    def current(self) -> Settings: ...


class RequestSource(Protocol):
    """What the owner asks for from afar."""

    def take(self) -> tuple[Request, ...]:
        """The requests that arrived since they were last taken; never waits."""
        ...


class FaultSource(Protocol):
    """What is wrong with the device, as it stands now."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Those in force, in the order of their names; never waits."""
        ...


class Publisher(Protocol):
    """Takes what happened; never blocks the loop."""

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None: ...


class EndOfVideo(Exception):  # noqa: N818 - the end of a recording is not an error
    """A recorded camera has played its last frame."""
