"""What may be said of a visit or a picture: the tasks and their labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from device.decide.subject import STRANGER
from device.errors import DatasetError, hint
from device.messages import Outcome, Visit

DECISION = "decision"
"""Whether the door did right: "right" or "wrong"."""
RIGHT, WRONG = "right", "wrong"
WHO, PREY, SPECIES, VIEW = "who", "prey", "species", "view"
CLEAN = "clean"
USABLE, NO_VIEW = "usable", "none"

FIXED: Mapping[str, tuple[str, ...]] = {
    DECISION: (RIGHT, WRONG),
    PREY: (CLEAN, PREY),
    VIEW: (USABLE, NO_VIEW),
    SPECIES: ("cat", "dog", "person", "bird", "other animal", "nothing"),
}
"""The labels of the tasks that every door has. "who" has the household's names, and "stranger"."""

BOXED = ("cat", "dog", "person", "bird", "other animal", "prey")
"""What may be boxed in a picture, besides the household's animals by their names."""

MOUTH = "mouth empty"
"""The meter of decide.subject that proves it."""

_NAME = re.compile(r"[\w.\- ]{1,64}")


def require_label(task: str, label: str, animals: Iterable[str] | None = None) -> None:
    """Accept a label that fits its task.

    Args:
        animals: the household's names; None where nobody knows them, as when pictures are imported.

    Raises:
        DatasetError: with the label that may be meant.
    """
    if not _NAME.fullmatch(task):
        raise DatasetError(f"task {task!r} is no name; use letters, digits, dots, dashes and underscores")
    known = [*animals, STRANGER] if task == WHO and animals is not None else list(FIXED.get(task, ()))
    if known and label not in known:
        raise DatasetError(f"{task} {label!r} does not exist; {hint(label, known)}")
    if not label.strip():
        raise DatasetError(f"the label for {task!r} is empty; name it or leave it out")


def implied(visit: Visit) -> dict[str, str]:
    """What an owner says who finds the door's decision on `visit` right: what was proven to it is true."""
    found: dict[str, str] = {}
    if visit.who is not None:
        found[WHO] = visit.who
    proven = next((each.proven for each in visit.evidence if each.name == MOUTH), None)
    if visit.outcome is Outcome.UNLOCK and proven is True:
        found[PREY] = CLEAN
    if visit.outcome in (Outcome.LOCK_OUT, Outcome.KEEP_LOCKED) and proven is False:
        found[PREY] = PREY
    return found


def box_labels(animals: Iterable[str]) -> tuple[str, ...]:
    """What may be boxed in a picture of a household with these animals."""
    return *BOXED, *(name for name in animals if name not in BOXED)


def require_box_label(label: str, animals: Iterable[str]) -> None:
    """Accept what may be boxed; raises DatasetError with the label that may be meant."""
    known = box_labels(animals)
    if label not in known:
        raise DatasetError(f"box label {label!r} does not exist; {hint(label, known)}")
