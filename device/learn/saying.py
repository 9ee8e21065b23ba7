"""What somebody says of a visit or a picture at one time: checked, and with what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from device.errors import DatasetError
from device.learn.album import About, Said
from device.learn.vocabulary import DECISION, RIGHT, implied, require_label
from device.messages import Visit


def statements(
    about: About,
    subject: str,
    chosen: Mapping[str, str | None],
    animals: Collection[str],
    by: str,
    wall: float | None,
    visit: Visit | None,
    history: Sequence[Said] = (),
) -> list[Said]:
    """Labels to be kept, from those `chosen` by task; None takes one back.

    That the door did right also says what it had proven. That it did wrong takes that back: what was
    implied, and not what was said for itself.

    Args:
        animals: the household's names.
        visit: the one that the door decided; None for a picture, and for a visit from elsewhere.
        history: all that was said before of the same subject, the latest last.

    Raises:
        DatasetError: a label does not exist, or nothing was decided there that could be right.
    """
    for task, label in chosen.items():
        if label is not None:
            require_label(task, label, animals)
    if DECISION in chosen and visit is None:
        raise DatasetError(f"{subject} is no visit of this door: nothing was decided there")
    follows: Mapping[str, str | None] = {}
    if visit is not None and chosen.get(DECISION) == RIGHT:
        follows = implied(visit)
    elif visit is not None and DECISION in chosen:
        follows = dict.fromkeys(_implied_before(history, implied(visit)))
    return [Said(about, subject, task, label, by, wall) for task, label in {**follows, **chosen}.items()]


def holding(history: Sequence[Said]) -> dict[str, str]:
    """What holds of a subject, by task, of all that was ever said of it, the latest last."""
    latest = {each.task: each.label for each in history}
    return {task: label for task, label in latest.items() if label is not None}


def undoing(before: Mapping[str, str], said: Sequence[Said], visit: Visit | None) -> dict[str, str | None]:
    """What must be said for all to hold again that held `before`, by task, and nothing else."""
    tasks = [each.task for each in said]
    if visit is not None and DECISION in tasks:
        tasks += implied(visit)
    return {task: before.get(task) for task in tasks}


def _implied_before(history: Sequence[Said], follows: Mapping[str, str]) -> list[str]:
    """The tasks whose labels hold only because the door was said to be right."""
    latest = {each.task: each for each in history}
    decision = latest.get(DECISION)
    if decision is None or decision.label != RIGHT:
        return []
    return [
        task
        for task, label in follows.items()
        if task in latest and latest[task].label == label and _together(latest[task], decision)
    ]


def _together(one: Said, other: Said) -> bool:
    return (one.by, one.wall) == (other.by, other.wall)
