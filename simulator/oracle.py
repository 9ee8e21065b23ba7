"""Seeing without pictures: detections and class scores with settable, seeded errors.

The defaults are not kind. The scores of one statement about one animal are normal with a distance
of d' = 2.5 standard deviations between true and false, and 45 % of their variance belongs to the
visit, not to the frame: some visits look wrong from beginning to end, as real ones do.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from device.decide.subject import CLEAN, PREY, STRANGER, UNSEEN
from device.messages import Box, Detection, Frame, Pixels, Sighting, Track, Verdict, View
from simulator.light import DAY, Light
from simulator.visitors import Actor, Slip, Visitor
from simulator.world import World

SLIPS = {"prey": "clean", "stranger": "own"}
"""What is denied by those who say the one."""

Ratio = Annotated[float, Field(ge=0, le=1)]

SPECIES = ("cat", "dog", "person", "bird", "other", "nothing")


@dataclass(frozen=True, slots=True)
class OracleSettings:
    """`[oracle]` of a scene: how badly is seen."""

    separation: Annotated[float, Field(gt=0)] = 2.5
    """d': distance between the scores of true and false in their standard deviations."""
    correlation: Ratio = 0.45
    """Intra-class correlation: the part of the variance that all frames of a visit share."""
    missed: Ratio = 0.07
    """How often an animal in view is not boxed."""
    false: Ratio = 0.01
    """How often something is boxed where nothing is."""
    shaken: Ratio = 0.02
    """Standard deviation of a box's place, as a ratio of the picture."""
    stirs: Annotated[float, Field(ge=0)] = 12.0
    """How often a minute the motion gate opens though nobody is there: leaves, a shadow, a moth."""
    sways: Annotated[float, Field(ge=0)] = 0.0
    """Seconds for which it then stays open; 0: for one frame."""


class Oracle:
    """Implements interfaces.Detector, MotionGate and Classifier over a world that only it looks at."""

    def __init__(self, world: World, settings: OracleSettings, own: Sequence[str], seed: int) -> None:
        self._world = world
        self._settings = settings
        self._own = tuple(own)
        self._random = np.random.default_rng(seed)
        self.light: Light = DAY
        """The light in which it looks."""
        self.clear: list[tuple[float, str]] = []
        """When whose face was to be seen in a frame."""
        self._slipped: Counter[tuple[Visitor, Slip]] = Counter()
        """In how many frames each slip was made."""
        self._bias: dict[tuple[str, str], float] = {}
        """What all frames of a visitor share, by statement."""
        self._chance = np.random.default_rng([seed, 3])
        self._stirs = [0.0]
        """When the gate opens without cause, as far as it was asked for."""
        self._asked = 0.0
        """When the gate was last asked."""

    def open(self, frame: Frame) -> bool:  # noqa: ARG002 - the world moves, or it does not
        """The gate opens while somebody is in view, and now and then without cause."""
        before, self._asked = self._asked, self._world.time
        moves = self.light.stirs or any(actor.in_view for actor in self._world.present)
        return moves or self.stirs_after(before) <= self._asked

    def stirs_after(self, time: float) -> float:
        """When, after a second of the scene, something moves before the gate though nobody is there.

        These moments are drawn beforehand and apart from all else, so that they depend neither on
        the frame rate nor on the frames for which the gate was asked.
        """
        if self.light.stirs:
            return time
        if self._settings.stirs == 0:
            return math.inf
        while self._stirs[-1] <= time:
            self._stirs.append(self._stirs[-1] + self._chance.exponential(60 / self._settings.stirs))
        following = bisect_right(self._stirs, time)
        sways = following > 1 and time < self._stirs[following - 1] + self._settings.sways
        return time if sways else self._stirs[following]

    def detect(self, image: Pixels) -> Sequence[Detection]:  # noqa: ARG002 - the oracle needs no picture
        """The boxes of everyone in view, less those missed, and false ones."""
        found = [self._boxed(actor) for actor in self._world.present if actor.in_view]
        missed = self._settings.missed + self.light.missed
        kept = [each for each in found if self._random.random() >= missed]
        if self._random.random() < self._settings.false:
            x, y = self._random.uniform(0.2, 0.8, size=2)
            kept.append(Detection(Box.from_corners(x - 0.1, y - 0.1, x + 0.1, y + 0.1), "cat", 0.4))
        return kept

    def _boxed(self, actor: Actor) -> Detection:
        box, (dx, dy) = actor.box(), self._random.normal(0, self._settings.shaken, size=2)
        moved = Box.from_corners(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy)
        label = actor.visitor.species if actor.visitor.species in SPECIES else "other"
        return Detection(moved, label, float(self._random.uniform(0.4, 0.95)))

    def classify(self, image: Pixels, track: Track) -> Sighting:  # noqa: ARG002
        """What the heads would say of the animal in the track's box."""
        actor = max(
            (each for each in self._world.present if each.in_view),
            key=lambda each: each.box().iou(track.box),
            default=None,
        )
        if actor is None or not track.seen or actor.box().iou(track.box) < 0.1:
            return Sighting(
                track, View(300.0, self.light.view, track.box.height), (self._species("nothing"),)
            )
        head = actor.head(self._world.time)
        if head is None and self._random.random() < self.light.blurred:
            head = "blurred"
        if head is None:
            self.clear.append((self._world.time, actor.visitor.name))
        view = View(5.0 if head == "blurred" else 300.0, self.light.view, track.box.height)
        species = self._species(actor.visitor.species)
        return Sighting(track, view, (species, self._who(actor), self._mouth(actor, head)))

    def _species(self, truth: str) -> Verdict:
        label = truth if truth in SPECIES else "other"
        sure = float(self._random.uniform(0.6, 0.97))
        rest = (1 - sure) / (len(SPECIES) - 1)
        return Verdict("species", {each: sure if each == label else rest for each in SPECIES})

    def _who(self, actor: Actor) -> Verdict:
        known = actor.visitor.name in self._own
        own = self._probability(actor, "own", known)
        name = actor.visitor.name if known else self._own[0]
        others = [each for each in self._own if each != name]
        scores = {name: own * 0.98, **{each: own * 0.02 / len(others) for each in others}}
        return Verdict("who", {**scores, STRANGER: 1 - sum(scores.values())})

    def _mouth(self, actor: Actor, head: str | None) -> Verdict:
        if head in ("down", "averted"):
            return Verdict("prey", {CLEAN: 0.06, PREY: 0.04, UNSEEN: 0.9})
        clean = self._probability(actor, "clean", not actor.carrying(self._world.time))
        return Verdict("prey", {CLEAN: clean * 0.95, PREY: (1 - clean) * 0.95, UNSEEN: 0.05})

    def _slip(self, actor: Actor, statement: str) -> float | None:
        """The probability of a statement about which this very frame errs, as the scene says."""
        seconds = self._world.time - actor.visitor.arrives
        for slip in actor.visitor.slips:
            concerned = slip.says == statement or SLIPS.get(slip.says) == statement
            done = self._slipped[(actor.visitor, slip)] if concerned else slip.frames
            if done < slip.frames and seconds >= slip.at:
                self._slipped[(actor.visitor, slip)] += 1
                return slip.score if slip.says == statement else 1 - slip.score
        return None

    def _probability(self, actor: Actor, statement: str, truth: bool) -> float:
        """The probability that a statement is given, from a normal score with the visit's share of error."""
        if (slip := self._slip(actor, statement)) is not None:
            return slip
        chosen = self._settings
        key = (actor.visitor.name, f"{statement} {actor.visitor.arrives}")
        if key not in self._bias:
            self._bias[key] = float(self._random.normal())
        separation = chosen.separation * self.light.separation
        noise = math.sqrt(chosen.correlation) * self._bias[key]
        noise += math.sqrt(1 - chosen.correlation) * float(self._random.normal())
        score = (0.5 if truth else -0.5) * separation + noise
        return 1 / (1 + math.exp(-chosen.separation * score))  # a head does not know that the light is bad
