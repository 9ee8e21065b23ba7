"""Seeing scenes with the real models on rendered frames: it says nothing about your cats."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from device.app import build_sight
from device.see import embedding
from simulator.lessons import lessons, teach_heads
from simulator.render import PackagedWardrobe, Painter
from simulator.scene import Scene
from simulator.vision import Seeing
from simulator.visitors import Visitor
from simulator.world import World


class RealVision:
    """Implements vision.Vision: rendered frames through the detector, the embedder and taught heads.

    The heads of a household are taught once and kept below `folder`; the same wardrobe and household
    give the same heads.
    """

    name = "real"
    saying = "real models on rendered frames: says nothing about your cats"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, scene: Scene, world: World, seed: int) -> Seeing:
        """Eyes for one scene, taught before if need be.

        Raises:
            PictureError: scikit-image is not installed.
            ModelError: a model is missing or damaged.
        """
        household = tuple(animal.name for animal in scene.project.policy.animals)
        wardrobe = PackagedWardrobe(household)
        state = self._folder / "+".join(household)
        if not (state / "models").is_dir():
            self._teach(scene, wardrobe, state)
        sight = build_sight(scene.project, state)
        painter = Painter(world, wardrobe, seed, scene.lights)
        return Seeing(sight.eyes, painter.paint, painter.clear, sight.hashes)

    def _teach(self, scene: Scene, wardrobe: PackagedWardrobe, state: Path) -> None:
        project = scene.project
        detector = project.detector.build(state)
        embedder = embedding.build(project.section("embedding"), state)
        taught = lessons(wardrobe.household, list(_strangers(wardrobe)))
        teach_heads(detector, embedder, project.section("heads"), taught, wardrobe, state / "models")


def _strangers(wardrobe: PackagedWardrobe) -> Iterable[Visitor]:
    """One stranger for each coat that is left, and one of another species."""
    for coat in wardrobe.free_coats():
        yield Visitor(f"the {coat} one", arrives=0.0)
    yield Visitor("the raccoon", arrives=0.0, species="raccoon")
