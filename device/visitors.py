"""Who comes that nobody named: visits of unknown animals, grouped by looks and called by their coat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from device.decide.subject import STRANGER
from device.errors import DatasetError, PictureError
from device.learn.album import Said, View
from device.learn.album_reader import AlbumReader
from device.learn.clusters import cluster
from device.learn.dataset import Dataset
from device.learn.promises import WHICH_STRANGER
from device.learn.similarity import for_backbone
from device.learn.vocabulary import WHO, require_label
from device.portraits import coat
from device.see.pictures import read_picture
from device.tell.records import Records

WORTH_NAMING = 1000
"""So many of the latest unknown visits are looked at."""


@dataclass(frozen=True, slots=True)
class Group:
    """Visits that look like one animal."""

    name: str
    """"ginger one", "black one", "infrared one"."""
    species: str
    visits: tuple[str, ...]
    """Their ids, the latest first."""


def unknown_visitors(state: Path) -> list[Group]:
    """The unknown visitors of a state directory, the most frequent first.

    Unknown are visits that neither the device nor a person gave a name; views somebody called useless are
    left out.

    Raises:
        StoreError: there is no database, or it cannot be read.
        ModelError: the views were embedded by a backbone for which there is no calibration.
    """
    with Records(state) as records:
        latest = records.visits(limit=WORTH_NAMING)
    wanted = {visit.id: visit.species for visit in latest if visit.who in (None, STRANGER)}
    with AlbumReader(state) as album:
        dataset = album.dataset().where(lambda each: each.visit in wanted and _unnamed(each.labels))
        if not dataset.examples:
            return []
        views = {view.id: view for view in album.views() if view.visit in wanted}
    return _groups(state, dataset, views, wanted)


@dataclass(frozen=True, slots=True)
class Known:
    """A stranger whom somebody named."""

    name: str
    visits: tuple[str, ...]
    """Their ids, the latest first."""


def named_strangers(state: Path) -> list[Known]:
    """Strangers with a name of their own, the most frequent first; raises StoreError."""
    with AlbumReader(state) as album:
        dataset = album.dataset()
    found: dict[str, dict[str, None]] = {}
    for each in reversed(dataset.examples):
        if each.labels.get("who") == STRANGER and WHICH_STRANGER in each.labels:
            found.setdefault(each.labels[WHICH_STRANGER], {})[each.visit] = None
    known = [Known(name, tuple(visits)) for name, visits in found.items()]
    return sorted(known, key=lambda each: (-len(each.visits), each.name))


def naming(
    visits: Iterable[str],
    who: str | None,
    stranger: str | None,
    animals: Collection[str],
    by: str,
    wall: float | None,
) -> list[Said]:
    """What is said of the visits of one unknown visitor when it is named.

    Args:
        who: an own animal, or "stranger"; None takes back what was said.
        stranger: what a stranger is called, so that it counts as one; None: nothing.
        animals: the household's names.

    Raises:
        DatasetError: there is no such animal, or a stranger is called like one of them.
    """
    if who is not None:
        require_label(WHO, who, animals)
    if stranger is not None:
        if who != STRANGER:
            raise DatasetError(f"only a stranger has another name; say who = {STRANGER!r}")
        if stranger in animals:
            raise DatasetError(
                f"{stranger!r} is one of yours; say who = {stranger!r}, or choose another name"
            )
        require_label(WHICH_STRANGER, stranger)
    return [
        Said("visit", visit, task, label, by, wall)
        for visit in visits
        for task, label in ((WHO, who), (WHICH_STRANGER, stranger))
    ]


def _unnamed(labels: Mapping[str, str]) -> bool:
    return labels.get("who", STRANGER) == STRANGER and WHICH_STRANGER not in labels


def _groups(
    state: Path, dataset: Dataset, views: Mapping[str, View], species: Mapping[str, str]
) -> list[Group]:
    """Animals of different species are never one; then looks decide."""
    embeddings, found = dataset.embeddings(), []
    similarity = for_backbone(dataset.backbone)
    visits = dataset.visits()
    for kind in sorted(set(species.values())):
        names = [visit for visit in visits if species[visit] == kind]
        for places in cluster([embeddings[visits[name]] for name in names], similarity):
            members = [names[place] for place in places]
            shown = [views[dataset.examples[number].id] for name in members for number in visits[name]]
            found.append(Group(_called(state, shown), kind, tuple(reversed(members))))
    return sorted(found, key=lambda each: (-len(each.visits), each.name))


def _called(state: Path, views: Sequence[View]) -> str:
    by_day = [view for view in views if not view.infrared]
    if not by_day:
        return "infrared one"
    colours = Counter(colour for view in by_day[:10] if (colour := _coat(state, view)))
    return f"{colours.most_common(1)[0][0]} one" if colours else "unseen one"


def _coat(state: Path, view: View) -> str | None:
    """The colour of the coat, None if the picture was given up."""
    try:
        return coat(read_picture(state / view.file))
    except PictureError:
        return None
