"""Builds everything between a frame and its sightings."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from device.config import Project
from device.loop import Eyes
from device.see import embedding, motion, regions, sight, tracker
from device.see.head import HeadClassifier, find_heads
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


def say_untaught(sight: Sight) -> None:
    """Tell the log what the device has yet to be taught."""
    words = {"who": "whose animal it is", "prey": "prey"}
    for task in sight.untaught:
        log.info("%s was never taught: rules that need it wait", words[task])
