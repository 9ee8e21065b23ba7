"""Which visits somebody asks for, and how SQLite is asked for them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NO_REASON = 0
"""The number of none; SQLite finds no way through an index for an empty list."""
NOT_ANIMALS = ("person", "nothing")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which visits are asked for; what is None does not matter."""

    animal: str | None = None
    species: str | None = None
    outcome: str | None = None
    kind: str | None = None
    since: float | None = None
    """UTC seconds at which a visit began at the earliest; one from before the clock was set is left out."""
    until: float | None = None
    """UTC seconds before which it began."""
    labelled: bool | None = None
    """Whether anything that was said of the visit holds."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What must hold of it, by task."""
    texts: tuple[str, ...] = ()
    """Of which at least one is part of its reason, whatever the numbers and the case; none: any reason."""
    animals_only: bool = False
    """Leave out persons, and what turned out to be nothing."""


def index(wanted: Wanted) -> str:
    """The index of visits that has the fewest to look at; every one holds all that can be asked for."""
    if _must_be_labelled(wanted):
        return "visits_labelled"
    given = {"who": wanted.animal, "kind": wanted.kind, "species": wanted.species}
    return f"visits_{next((name for name, value in given.items() if value is not None), 'filters')}"


def conditions(wanted: Wanted, reasons: Sequence[int]) -> list[tuple[str, tuple[object, ...]]]:
    """Conditions of SQL with their values; `reasons` are those that have one of the wanted texts."""
    equal = {"who": wanted.animal, "species": wanted.species}
    equal |= {"outcome": wanted.outcome, "kind": wanted.kind}
    found: list[tuple[str, tuple[object, ...]]] = [
        (f"{name} = ?", (value,)) for name, value in equal.items() if value is not None
    ]
    if wanted.since is not None:
        found.append(("started_wall >= ?", (wanted.since,)))
    if wanted.until is not None:
        found.append(("started_wall < ?", (wanted.until,)))
    if _must_be_labelled(wanted):
        found.append(("said IS NOT NULL", ()))
    if wanted.labelled is False:
        found.append(("said IS NULL", ()))
    found += [("instr(said, ?) > 0", (_member(*each),)) for each in wanted.labels.items()]
    if wanted.texts:
        found.append((f"reason IN ({', '.join(map(str, reasons or [NO_REASON]))})", ()))
    if wanted.animals_only:
        found.append((f"species NOT IN ({', '.join('?' for _ in NOT_ANIMALS)})", NOT_ANIMALS))
    return found


def _must_be_labelled(wanted: Wanted) -> bool:
    """Whether only the index of those is asked; nothing is what is both unlabelled and labelled so."""
    return wanted.labelled is not False and bool(wanted.labelled or wanted.labels)


def _member(task: str, label: str) -> str:
    """A label as SQLite's json_group_object writes it."""
    return ":".join(json.dumps(each, ensure_ascii=False) for each in (task, label))
