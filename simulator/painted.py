"""Seeing scenes by the oracle while the camera shows rendered pictures: cheap, and good to look at."""

from __future__ import annotations

from dataclasses import dataclass, replace

from device.messages import Pixels
from simulator.light import light_at
from simulator.oracle import Oracle
from simulator.render import PackagedWardrobe, Painter
from simulator.scene import Scene
from simulator.vision import ORACLE, Seeing
from simulator.world import World


@dataclass(frozen=True, slots=True)
class PaintedVision:
    """Implements vision.Vision: eyes as the oracle's, with pictures for people.

    What is decided rests on the oracle alone; the pictures prove nothing of what models would see.
    """

    name: str = "painted"
    saying: str = "an oracle with seeded errors sees; the pictures are rendered for you"

    def begin(self, scene: Scene, world: World, seed: int) -> Seeing:
        """New eyes for one scene."""
        seeing = ORACLE.begin(scene, world, seed)
        household = tuple(animal.name for animal in scene.project.policy.animals)
        painter = Painter(world, PackagedWardrobe(household), seed, scene.lights)
        oracle = seeing.eyes.detector
        assert isinstance(oracle, Oracle)

        def picture() -> Pixels:
            oracle.light = light_at(scene.lights, world.time)
            return painter.paint()

        return replace(seeing, picture=picture)


PAINTED = PaintedVision()
