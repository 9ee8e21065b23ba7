"""The two ways in which a scene may be seen: what is common to them, and the oracle's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from device.loop import Eyes
from device.messages import Pixels
from device.see import sight, tracker
from simulator.light import empty_picture, light_at
from simulator.oracle import Oracle
from simulator.scene import Scene
from simulator.world import World


@dataclass(frozen=True, slots=True)
class Seeing:
    """How one scene is seen: what the camera shows of the world as it stands, and the eyes."""

    eyes: Eyes
    picture: Callable[[], Pixels]
    clear: list[tuple[float, str]] = field(default_factory=list)
    """Grows with every frame in which a face is to be seen: when, and whose."""
    hashes: dict[str, str] = field(default_factory=dict)
    """sha256 of each model in the eyes, for the journal."""
    backbone: str = ""
    """sha256 of the model whose embeddings the sightings carry; "": they carry none to learn from."""
    stirs_after: Callable[[float], float] | None = None
    """When after a second of the scene the gate opens next without cause; None: that cannot be said."""


REAL_SAYING = "real models on rendered frames: says nothing about your cats"
"""What seeing with the real models proves, and does not prove."""


class Vision(Protocol):
    """A way of seeing scenes."""

    @property
    def name(self) -> str: ...

    @property
    def saying(self) -> str:
        """What it must be said to prove, and not to prove; "" where the name says it."""
        ...

    def begin(self, scene: Scene, world: World, seed: int) -> Seeing:
        """New eyes for one scene."""
        ...


@dataclass(frozen=True, slots=True)
class OracleVision:
    """Sees without pictures, with the scene's errors; the pictures are noise."""

    name: str = "oracle"
    saying: str = ""

    def begin(self, scene: Scene, world: World, seed: int) -> Seeing:
        project = scene.project
        oracle = Oracle(world, scene.oracle, [animal.name for animal in project.policy.animals], seed)
        eyes = Eyes(
            blind=sight.build(project.section("blind")),
            gate=oracle,
            detector=oracle,
            tracker=tracker.build(project.section("tracker")),
            classifier=oracle,
        )
        random = np.random.default_rng([seed, 1])

        def picture() -> Pixels:
            oracle.light = light_at(scene.lights, world.time)
            return empty_picture(oracle.light, random)

        return Seeing(eyes, picture, oracle.clear, stirs_after=oracle.stirs_after)


ORACLE = OracleVision()
