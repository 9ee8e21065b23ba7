"""Seeing scenes with the real models on rendered frames: it says nothing about your cats."""

from __future__ import annotations

from pathlib import Path

from device.building.eyes import build_sight
from device.config import Project
from device.see import embedding
from simulator.cutouts import FolderWardrobe
from simulator.lessons import Lesson, lessons, teach_heads
from simulator.render import PackagedWardrobe, Painter, Wardrobe
from simulator.scene import Scene
from simulator.vision import REAL_SAYING, Seeing
from simulator.visitors import Visitor
from simulator.world import World


class RealVision:
    """Implements vision.Vision: rendered frames through the detector, the embedder and taught heads.

    The heads of a household are taught once and kept below `folder`; the same wardrobe and household
    give the same heads.
    """

    name = "real"
    saying = REAL_SAYING

    def __init__(self, folder: Path, sprites: Path | None = None) -> None:
        self._folder = folder
        self._sprites = sprites

    def begin(self, scene: Scene, world: World, seed: int) -> Seeing:
        """Eyes for one scene, taught before if need be.

        Raises:
            PictureError: scikit-image is not installed, or a cut-out cannot be used.
            ModelError: a model is missing or damaged.
        """
        household = tuple(animal.name for animal in scene.project.policy.animals)
        wardrobe, strangers = self._dressed(household)
        state = self._folder / "+".join(household)
        if not (state / "models").is_dir():
            self._teach(scene.project, lessons(household, strangers), wardrobe, state)
        sight = build_sight(scene.project, state)
        painter = Painter(world, wardrobe, seed, scene.lights)
        return Seeing(sight.eyes, painter.paint, painter.clear, sight.hashes)

    def _dressed(self, household: tuple[str, ...]) -> tuple[Wardrobe, list[Visitor]]:
        """Everybody's pictures, and one stranger for each that is not of the household."""
        packaged = PackagedWardrobe(household)
        strangers = [Visitor(f"the {coat} one", arrives=0.0) for coat in packaged.free_coats()]
        strangers.append(Visitor("the raccoon", arrives=0.0, species="raccoon"))
        if self._sprites is None:
            return packaged, strangers
        shown = FolderWardrobe(self._sprites, household, packaged)
        others = [name for name in shown.names if name not in household]
        return shown, strangers + [Visitor(name, arrives=0.0, species=name) for name in others]

    def _teach(self, project: Project, taught: list[Lesson], wardrobe: Wardrobe, state: Path) -> None:
        detector = project.detector.build(state)
        embedder = embedding.build(project.section("embedding"), state)
        teach_heads(detector, embedder, project.section("heads"), taught, wardrobe, state / "models")
