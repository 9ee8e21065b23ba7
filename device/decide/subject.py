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
        self._looks = SpeciesVote()
        """What it is called: the vote of all frames in which it was seen."""
        self.attempts = 1
        self._begin()

    def _begin(self) -> None:
        self._who = Meter("who", self._settings.who)
        self._names = {animal.name: Meter(animal.name, self._settings.who) for animal in self._animals}
        self._prey = Meter("mouth empty", self._settings.prey)
        self._species = SpeciesVote()
        """What it is proven to be: the vote of this attempt's usable frames."""
        self._sight = 0.0
        self._why_unusable: str | None = "nothing seen yet"
        self._taught: dict[str, str | None] = {"who": None, "prey": None}

    @property
    def unclear(self) -> str | None:
        """Why the latest frame proves nothing, None if it may count."""
        return self._why_unusable

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
            self._looks.update(observation.time, species.scores)
        if self._why_unusable is None:
            self._sight += min(passed, LONGEST_INTERVAL)
            self._species.update(observation.time, species.scores if species else {})
        self._require(sighting, observation.infrared)
        self._weigh_identity(observation.time, sighting)
        self._weigh_prey(observation.time, sighting)

    def _require(self, sighting: Sighting, infrared: bool) -> None:
        """Ask the meters for the thresholds that came with the heads that feed them."""
        for task, meters in (("who", (self._who, *self._names.values())), ("prey", (self._prey,))):
            verdict = sighting.verdict(task)
            if verdict is not None and verdict.needed is not None:
                for meter in meters:
                    meter.require(verdict.needed.infrared if infrared else verdict.needed.day)

    def _weigh_identity(self, time: float, sighting: Sighting) -> None:
        verdict = sighting.verdict("who")
        scores = dict(verdict.scores) if verdict else {}
        names = [name for name in self._names if name in scores]
        self._taught["who"] = self._untaught_identity(scores, names)
        usable = self._why_unusable is None and self._taught["who"] is None
        groups = [(self._who, names), *((meter, [name]) for name, meter in self._names.items())]
        for meter, group in groups:
            taught = usable and set(group) <= set(names)
            ratio = _against_the_rest(scores, group) if taught else None
            if ratio is not None and verdict is not None and verdict.familiar is False:
                ratio = min(ratio, -self._identity.unfamiliar)
            meter.update(time, ratio)

    def _untaught_identity(self, scores: Mapping[str, float], names: Sequence[str]) -> str | None:
        if not self._animals:
            return "no own animal has been taught (the project names none)"
        if not names:
            return "no own animal has been taught"
        return None if STRANGER in scores else "strangers have never been taught"

    def _weigh_prey(self, time: float, sighting: Sighting) -> None:
        verdict = sighting.verdict("prey")
        scores = verdict.scores if verdict else {}
        taught = CLEAN in scores and PREY in scores
        self._taught["prey"] = None if taught else "prey has never been taught"
        usable = self._why_unusable is None and taught and scores.get(UNSEEN, 0.0) < 0.5
        ratio = _log_ratio(scores[CLEAN], scores[PREY]) if usable else None
        if ratio is not None and verdict is not None and verdict.familiar is False:
            ratio = min(ratio, 0.0)
        self._prey.update(time, ratio)

    def know(self, now: float, chip: ChipRead | None) -> Knowledge:
        """What is known of the animal at `now`, given the latest chip that was read."""
        certain = self._species.certain
        species = (self._species if certain else self._looks).species(self.track.label)
        kept = {animal.species for animal in self._animals}
        foreign = certain and bool(kept) and species not in kept
        names = {name: meter.proven(now) for name, meter in self._names.items()}
        by_sight = True if any(names.values()) else self._who.proven(now)
        by_chip = self._by_chip(now, chip)
        own = self._combine(by_sight, None if by_chip is None else any(by_chip.values()))
        for name, seen in names.items():
            names[name] = self._combine(seen, None if by_chip is None else by_chip[name])
        if foreign:
            own, names = False, dict.fromkeys(names, False)
        prey = self._prey.proven(now)
        return Knowledge(
            species=species,
            species_certain=certain,
            own=own,
            names=names,
            prey=None if prey is None else not prey,
            missing=self._missing(),
        )

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
                return True if sight is None and chip else sight
            case _:
                return False if False in (sight, chip) else (True if sight and chip else None)

    def _missing(self) -> dict[str, str]:
        unusable = f" ({self._why_unusable})" if self._why_unusable else ""
        missing = {"species": "what it is"}
        for key, meter, unseen in (("own", self._who, "who it is"), ("prey", self._prey, "mouth not seen")):
            untaught = self._taught["who" if key == "own" else "prey"]
            so_far = f"{unseen}; needed {meter.needed:.1f}, reached {meter.value:.1f}{unusable}"
            missing[key] = untaught or so_far
        if self._identity.proof == "chip":
            missing["own"] = "a chip of the household"
        elif self._identity.proof == "both":
            missing["own"] = f"{missing['own']}; a chip of the household"
        return missing

    def readings(self, now: float) -> tuple[MeterReading, ...]:
        """All meters as they stand."""
        return (
            self._who.reading(now),
            *(m.reading(now) for m in self._names.values()),
            self._prey.reading(now),
        )


def _against_the_rest(scores: Mapping[str, float], names: Sequence[str]) -> float:
    """The natural log of how much likelier `names` are than everyone else."""
    inside = sum(scores[name] for name in names)
    return _log_ratio(inside, sum(score for label, score in scores.items() if label not in names))


def _log_ratio(these: float, those: float) -> float:
    """ln(these / those); not finite if a score is not."""
    return math.log(max(these, TINY)) - math.log(max(those, TINY))
