"""Whether a visitor might have come in, as its owner said: what promises and trials are judged by."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from device.learn.vocabulary import CLEAN, DECISION, PREY, RIGHT, SPECIES, WHO


def may_enter(labels: Mapping[str, str], let_in: bool, animals: Collection[str]) -> bool | None:
    """Whether the visit was of an own animal with an empty mouth; None if what was said does not tell.

    Args:
        labels: what holds of the visit, by task.
        let_in: whether the door let it in: "right" and "wrong" are said of that.
        animals: the household's names.
    """
    who, prey, species = labels.get(WHO), labels.get(PREY), labels.get(SPECIES)
    if (who is not None and who not in animals) or prey == PREY or species not in (None, "cat"):
        return False
    if who in animals and prey == CLEAN:
        return True
    if DECISION in labels:
        return let_in if labels[DECISION] == RIGHT else not let_in
    return None
