"""Teaches the heads "who" and "prey" from rendered frames, by the device's own teaching code.

The frames have other seeds than any scene. What is learnt is to tell the packaged cat's coats and a drawn
mouse apart: it shows that teaching, judging and deciding work together and claims nothing about accuracy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from device.config import HeadSettings
from device.decide.subject import CLEAN, PREY, STRANGER, UNSEEN
from device.interfaces import Detector
from device.learn.logistic import fit
from device.messages import Pixels
from device.see.card import Backbone, Training
from device.see.embedding import TfliteEmbedder
from device.see.head_writer import save_head
from device.teaching import Examples, animal_crops, embed_all, save
from simulator.light import LightChange
from simulator.render import Painter, Wardrobe
from simulator.visitors import Actor, Habit, Phase, Visitor
from simulator.world import World

SEED = 9_000
NEAR = (0.3, 0.65, 1.0)
"""How far along the path the animal is in the frames of one lesson."""
LIGHTS: tuple[tuple[LightChange, ...], ...] = (
    (),
    (LightChange("dusk"),),
    (LightChange("infrared"),),
)
STRENGTH = 10.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """One visitor in one attitude, and what the heads are to say of it."""

    visitor: Visitor
    who: str
    mouth: str


def lessons(household: Sequence[str], strangers: Sequence[Visitor]) -> list[Lesson]:
    """Every animal with an empty mouth, with a mouse, and with its mouth out of sight."""
    taught = [(Visitor(name, arrives=0.0), name) for name in household]
    taught += [(visitor, STRANGER) for visitor in strangers]
    found = []
    for visitor, who in taught:
        for mouth, carries, heads in (
            (CLEAN, False, ("",)),
            (PREY, True, ("",)),
            (UNSEEN, False, ("down", "averted")),
        ):
            for head in heads:
                habits = (Habit(head),) if head else ()  # type: ignore[arg-type]
                shown = Visitor(visitor.name, 0.0, species=visitor.species, carries=carries, head=habits)
                found.append(Lesson(shown, who, mouth))
    return found


def frames(lesson: Lesson, wardrobe: Wardrobe, seed: int) -> Iterator[Pixels]:
    """Pictures of a lesson from afar to the door, in each light in turn."""
    for number, near in enumerate(NEAR):
        actor = Actor(lesson.visitor, Phase.WAITING, near)
        world = World([actor], time=0.7 * number)
        yield Painter(world, wardrobe, seed + number, LIGHTS[number % len(LIGHTS)]).paint()


def teach_heads(
    detector: Detector,
    embedder: TfliteEmbedder,
    names: HeadSettings,
    taught: Sequence[Lesson],
    wardrobe: Wardrobe,
    models: Path,
) -> None:
    """Teach both heads and write them into the folder `models`.

    Raises:
        PictureError: a wardrobe has no picture of somebody.
    """
    who, prey = Examples(), Examples()
    for number, lesson in enumerate(taught):
        pictures = frames(lesson, wardrobe, SEED + 100 * number)
        views = list(embed_all(animal_crops(pictures, detector), embedder))
        who.add(lesson.who, views)
        prey.add(lesson.mouth, views)
    card = embedder.model.card
    save(who, names.who, card, models)
    learnt = fit(np.array(prey.embeddings, np.float32), prey.names, STRENGTH)
    counts = {label: prey.names.count(label) for label in learnt.labels}
    save_head(
        models,
        names.prey,
        "prey",
        learnt.labels,
        learnt.weights,
        learnt.bias,
        Backbone(card.name, card.sha256),
        Training("rendered frames", "none", counts, learnt.training_weights),
    )
