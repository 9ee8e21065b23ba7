"""One tracked animal before the door: what its frames prove, and the facts that follow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from device.decide.evidence import LONGEST_INTERVAL, Meter, MeterSettings
from device.decide.household import Animal, IdentitySettings, ViewSettings
from device.decide.species import SpeciesVote
from device.messages import ChipRead, MeterReading, Observation, Sighting, Track

STRANGER = "stranger"
CLEAN, PREY, UNSEEN = "clean", "prey", "unseen"
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """`[evidence]`: the two meters and the length of an attempt."""

    who: MeterSettings = field(default_factory=MeterSettings)
    prey: MeterSettings = field(default_factory=MeterSettings)
    horizon: Annotated[float, Field(gt=0)] = 30.0
    """Seconds of usable sight after which an attempt ends and all evidence begins anew."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a subject's evidence amounts to at one moment."""

    species: str
    species_certain: bool
    own: bool | None
    names: Mapping[str, bool | None]
    prey: bool | None
    missing: Mapping[str, str]


class Subject:
    """The evidence about one track, from its first frame to its last."""

    def __init__(
        self,
        animals: Sequence[Animal],
        view: ViewSettings,
        evidence: EvidenceSettings,
        identity: IdentitySettings,
    ) -> None:
        self._animals = animals
        self._view = view
        self._settings = evidence
        self._identity = identity
        self._vote = SpeciesVote()
        self.attempts = 1
        self._begin()

    def _begin(self) -> None:
        self._who = Meter("who", self._settings.who)
        self._names = {animal.name: Meter(animal.name, self._settings.who) for animal in self._animals}
        self._prey = Meter("mouth empty", self._settings.prey)
        self._sight = 0.0
        self._why_unusable: str | None = None
        self._taught: dict[str, str | None] = {"who": None, "prey": None}

    def forget(self) -> None:
        """Begin a new attempt: what was proven must be proven again."""
        self.attempts += 1
        self._begin()

    def update(self, observation: Observation, sighting: Sighting, passed: float) -> None:
        """Take one frame; `passed` is the time since the frame before."""
        if self._sight >= self._settings.horizon:
            self.forget()
        self.track: Track = sighting.track
        self._why_unusable = self._view.unusable(observation, sighting)
        species = sighting.verdict("species")
        if species is not None and sighting.track.seen:
            self._vote.update(observation.time, species.scores)
        if self._why_unusable is None:
            self._sight += min(passed, LONGEST_INTERVAL)
        self._weigh_identity(observation.time, sighting)
        self._weigh_prey(observation.time, sighting)

    def _weigh_identity(self, time: float, sighting: Sighting) -> None:
        verdict = sighting.verdict("who")
        scores = dict(verdict.scores) if verdict else {}
        names = [name for name in self._names if name in scores]
        self._taught["who"] = self._untaught_identity(scores, names)
        usable = self._why_unusable is None and self._taught["who"] is None
        for name in ("", *self._names):
            meter = self._names[name] if name else self._who
            ratio = (
                _log_ratio(scores, [name] if name else names)
                if usable and (name in names or not name)
                else None
            )
            if ratio is not None and verdict is not None and verdict.familiar is False:
                ratio = min(ratio, -self._identity.unfamiliar)
            meter.update(time, ratio)

    def _untaught_identity(self, scores: Mapping[str, float], names: Sequence[str]) -> str | None:
        if not self._animals:
            return "no own animal is named in the project"
        if not names:
            return "no own animal has been taught"
        return None if STRANGER in scores else "strangers have never been taught"

    def _weigh_prey(self, time: float, sighting: Sighting) -> None:
        verdict = sighting.verdict("prey")
        scores = verdict.scores if verdict else {}
        taught = CLEAN in scores and PREY in scores
        self._taught["prey"] = None if taught else "prey has never been taught"
        usable = self._why_unusable is None and taught and scores.get(UNSEEN, 0.0) < 0.5
        ratio = math.log(max(scores[CLEAN], TINY) / max(scores[PREY], TINY)) if usable else None
        self._prey.update(time, ratio)

    def know(self, now: float, chip: ChipRead | None) -> Knowledge:
        """What is known of the animal at `now`, given the latest chip that was read."""
        species, certain = self._vote.species(self.track.label), self._vote.certain
        kept = {animal.species for animal in self._animals}
        foreign = certain and bool(kept) and species not in kept
        by_sight = {name: meter.proven(now) for name, meter in self._names.items()}
        own_by_sight = False if foreign else self._own_by_sight(now, by_sight)
        by_chip = self._by_chip(now, chip)
        own = self._combine(own_by_sight, None if by_chip is None else any(by_chip.values()))
        names = {
            name: False
            if foreign
            else self._combine(by_sight[name], None if by_chip is None else by_chip[name])
            for name in self._names
        }
        prey = self._prey.proven(now)
        return Knowledge(
            species=species,
            species_certain=certain,
            own=own,
            names=names,
            prey=None if prey is None else not prey,
            missing=self._missing(),
        )

    def _own_by_sight(self, now: float, by_sight: Mapping[str, bool | None]) -> bool | None:
        return True if any(by_sight.values()) else self._who.proven(now)

    def _by_chip(self, now: float, chip: ChipRead | None) -> dict[str, bool] | None:
        if chip is None or not 0 <= now - chip.time <= self._identity.chip_seconds:
            return None
        return {animal.name: bool(animal.chip) and animal.chip == chip.number for animal in self._animals}

    def _combine(self, sight: bool | None, chip: bool | None) -> bool | None:
        match self._identity.proof:
            case "sight":
                return sight
            case "chip":
                return chip
            case "either":
                # What sight refutes no chip may overrule: a chip is read near the door, not in the picture.
                return False if sight is False else True if chip else sight
            case "both":
                return False if False in (sight, chip) else (True if sight and chip else None)

    def _missing(self) -> dict[str, str]:
        unusable = f" ({self._why_unusable})" if self._why_unusable else ""
        missing = {"species": "what it is"}
        for key, meter, unseen in (("own", self._who, "who it is"), ("prey", self._prey, "mouth not seen")):
            untaught = self._taught["who" if key == "own" else "prey"]
            so_far = f"{unseen}; needed {meter.settings.prove:.1f}, reached {meter.value:.1f}{unusable}"
            missing[key] = untaught or so_far
        if self._identity.proof in ("chip", "both"):
            missing["own"] = f"{missing['own']}; a chip of the household"
        return missing

    def readings(self, now: float) -> tuple[MeterReading, ...]:
        """All meters as they stand."""
        return (
            self._who.reading(now),
            *(m.reading(now) for m in self._names.values()),
            self._prey.reading(now),
        )


def _log_ratio(scores: Mapping[str, float], names: Sequence[str]) -> float:
    """The natural log of how much likelier `names` are than everyone else."""
    inside = sum(scores[name] for name in names)
    outside = sum(score for label, score in scores.items() if label not in names)
    return math.log(max(inside, TINY) / max(outside, TINY))
