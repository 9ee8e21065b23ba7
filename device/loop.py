"""The loop: see, decide, act, tell. One pass takes the newest frame and ends with the bolt's lease."""

from __future__ import annotations

from dataclasses import dataclass

from device.interfaces import (
    BlindCheck,
    Bolt,
    Camera,
    Classifier,
    Clock,
    Detector,
    FaultSource,
    MotionGate,
    Policy,
    Publisher,
    RequestSource,
    SettingsSource,
    Tracker,
)
from device.messages import Decision, Detection, Frame, Inputs, Observation, Sighting

FRAME_TIMEOUT = 1.0
"""Seconds after which a pass happens without a frame, so that leases and lockouts still run."""

Seen = tuple[bool, tuple[Sighting, ...], tuple[Detection, ...]]
NOTHING_SEEN: Seen = (False, (), ())


@dataclass(frozen=True, slots=True)
class Eyes:
    """The parts that turn a frame into sightings."""

    blind: BlindCheck
    gate: MotionGate
    detector: Detector
    tracker: Tracker
    classifier: Classifier


@dataclass(slots=True)
class Loop:
    """Runs the parts in the order of the diagram, in one thread."""

    camera: Camera
    eyes: Eyes
    policy: Policy
    bolt: Bolt
    settings: SettingsSource
    publisher: Publisher
    clock: Clock
    requests: RequestSource | None = None
    faults: FaultSource | None = None
    _following: bool = False  # some animal is being tracked, so the gate stays open

    def step(self) -> Decision:
        """One pass. Raises EndOfVideo when a recorded camera has played its last frame."""
        frame = self.camera.next(FRAME_TIMEOUT)
        now = self.clock.now()
        blind = self.eyes.blind.check(frame, now)
        inputs = self.bolt.inputs()
        looked, sightings, persons = self._see(frame if blind is None else None, inputs)
        observation = Observation(
            time=frame.time if frame is not None else now,
            wall=frame.wall if frame is not None else self.clock.wall(),
            inputs=inputs,
            settings=self.settings.current(),
            frame=frame.number if frame is not None else None,
            blind=blind,
            infrared=frame is not None and frame.infrared,
            dropped=frame.dropped if frame is not None else 0,
            looked=looked,
            sightings=sightings,
            persons=persons,
            requests=self.requests.take() if self.requests else (),
            faults=self.faults.faults if self.faults else (),
        )
        decision = self.policy.decide(observation)
        self.bolt.hold(decision.lease)
        self.publisher.publish(frame, observation, decision)
        return decision

    def _see(self, frame: Frame | None, inputs: Inputs) -> Seen:
        """Whether the detector looked, every tracked animal with what was judged of it, and all persons."""
        eyes, felt = self.eyes, any(inputs.motion.values())
        if frame is None or not (eyes.gate.open(frame) or felt or self._following):
            return NOTHING_SEEN
        found = eyes.detector.detect(frame.image)
        tracks = eyes.tracker.update(frame.time, found)
        self._following = bool(tracks)
        sightings = tuple(eyes.classifier.classify(frame.image, track) for track in tracks)
        return True, sightings, tuple(each for each in found if each.label == "person")
