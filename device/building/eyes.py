"""Builds everything between a frame and its sightings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from device.config import Project
from device.errors import ModelError
from device.loop import Eyes
from device.messages import Detection, Frame, Observation, Pixels, Sighting, Track
from device.see import embedding, motion, regions, sight, tracker
from device.see.head import HeadClassifier, find_heads
from device.see.privacy import without_anything, without_persons
from device.see.tflite import TfliteModel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sight:
    """The eyes, and the models in them with their hashes, for the journal and for benchmarks."""

    eyes: Eyes
    models: tuple[TfliteModel, ...]
    """Those that count their inferences."""
    embedder: embedding.TfliteEmbedder
    hashes: dict[str, str]
    classifier: HeadClassifier
    untaught: tuple[str, ...] = ()
    """The tasks, of "who" and "prey", for which there is no head yet."""


def build_sight(project: Project, state: Path) -> Sight:
    """Everything between a frame and its sightings.

    Raises:
        ModelError: a model or head is missing, damaged or does not fit.
    """
    gate = motion.build(project.section("motion"))
    detector = project.detector.build(state)
    embedder = embedding.build(project.section("embedding"), state)
    heads = find_heads(project.section("heads"), state, embedder.model.card.sha256)
    classifier = HeadClassifier(embedder, heads)
    eyes = Eyes(
        blind=sight.build(project.section("blind")),
        gate=gate,
        detector=regions.RegionFinder(detector, gate, embedder, heads, project.section("regions")),
        tracker=tracker.build(project.section("tracker")),
        classifier=classifier,
    )
    cards = (detector.model.card, embedder.model.card, *(head.card for head in heads))
    hashes = {f"{card.name}/{card.version}": card.sha256 for card in cards}
    untaught = tuple(task for task in ("who", "prey") if task not in {head.task for head in heads})
    return Sight(eyes, (detector.model, embedder.model), embedder, hashes, classifier, untaught)


@dataclass(frozen=True, slots=True)
class Watching:
    """What a device watches with, be it that it can or not."""

    eyes: Eyes
    hashes: dict[str, str]
    backbone: str
    """The hash of the model whose embeddings the sightings bring; empty without models."""
    classifier: HeadClassifier | None
    redact: Callable[[Pixels, Observation], Pixels]
    """Hides the persons in a picture, or everything where nobody can be told from a cat."""
    untaught: tuple[str, ...] = ()
    fault: str = ""
    """Which model cannot be used, and what to do."""


def build_watching(project: Project, state: Path) -> Watching:
    """The eyes; with a model that is missing or damaged, some that are blind and say so."""
    try:
        seen = build_sight(project, state)
    except ModelError as error:
        log.critical("%s; the device goes on without seeing", error)
        blind = NoModel()
        eyes = Eyes(blind, blind, blind, tracker.build(project.section("tracker")), blind)
        return Watching(eyes, {}, "", None, without_anything, fault=str(error))
    backbone = seen.embedder.sha256
    return Watching(seen.eyes, seen.hashes, backbone, seen.classifier, without_persons, seen.untaught)


class NoModel:
    """Implements BlindCheck, MotionGate, Detector and Classifier where there is nothing to see with."""

    def check(self, frame: Frame | None, now: float) -> str | None:  # noqa: ARG002
        return "no model"

    def open(self, frame: Frame) -> bool:  # noqa: ARG002
        return False

    def detect(self, image: Pixels) -> Sequence[Detection]:  # noqa: ARG002
        return ()

    def classify(self, image: Pixels, track: Track) -> Sighting:
        raise NotImplementedError("nothing was detected that could be judged")


def say_untaught(sight: Sight | Watching) -> None:
    """Tell the log what the device has yet to be taught."""
    words = {"who": "whose animal it is", "prey": "prey"}
    for task in sight.untaught:
        log.info("%s was never taught: rules that need it wait", words[task])
