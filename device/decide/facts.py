"""What is known about one animal at the door at one moment, with what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from device.decide.subject import Knowledge
from device.messages import Door, Heading, Mode

NOT_ANIMALS = frozenset({"person", "nothing"})
"""Species that are none: they are never "other species" and never keep the door shut for others."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The answer of a condition: yes, no, or not yet known, and why."""

    value: bool | None
    why: str = ""


YES, NO = Truth(True), Truth(False)


def either(answers: list[Truth]) -> Truth:
    """Yes if any answer is yes, no if all are no, otherwise not yet known."""
    if any(answer.value for answer in answers):
        return YES
    unknown = [answer for answer in answers if answer.value is None]
    return Truth(None, "; ".join(answer.why for answer in unknown)) if unknown else NO


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that rules may ask for; None stands for "not known"."""

    mode: Mode
    door: Door
    inputs: Mapping[str, bool]
    """Buttons, switches and motion sensors by name; a missing name is an input that does not exist."""
    local: datetime | None
    """Local time, None while the clock has not been set."""
    chip: str | None = None
    """The own animal whose chip was just read, "" for a foreign chip, None if none was."""
    sensors: AbstractSet[str] = frozenset()
    """Which of the inputs are motion sensors."""
    sees: bool = True
    """The camera sees."""
    blind: bool = False
    """It has been blind for long enough that the owner was told of it."""
    leaving: bool = False
    """Asked for whoever may be on the way out, whom only sensors and switches know of."""
    present: bool = False
    """There is an animal or person; without one, what rules ask of it is not so."""
    own: bool | None = None
    names: Mapping[str, bool | None] = field(default_factory=dict)
    species: str | None = None
    person: bool | None = None
    other_species: bool | None = None
    prey: bool | None = None
    """True: carries prey. False: the mouth is proven empty."""
    direction: Heading = Heading.UNCLEAR
    missing: Mapping[str, str] = field(default_factory=dict)
    """For each unknown fact ("own", "prey", "species", a name): what is missing, in plain words."""


def animal_facts(door: Facts, knowledge: Knowledge, heading: Heading, kept: AbstractSet[str]) -> Facts:
    """The facts about one animal; `door` has those of the door, `kept` the household's species."""
    species = knowledge.species if knowledge.species_certain else None
    return replace(
        door,
        present=True,
        own=knowledge.own,
        names=knowledge.names,
        species=species,
        person=None if species is None else species == "person",
        other_species=None if species is None else species not in kept | NOT_ANIMALS,
        prey=knowledge.prey,
        direction=heading,
        missing=knowledge.missing,
    )
