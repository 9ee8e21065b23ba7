"""A device that has learnt: labelled visits, some that are asked about, heads, unknown visitors, pictures."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from device import registry
from device.learn.album import Album, Said, View
from device.learn.album_reader import AlbumReader
from device.learn.dataset import packed
from device.learn.promises import Terms
from device.learn.similarity import shipped
from device.messages import MeterReading, Outcome, VisitKind
from device.see.embedding import Settings
from device.tell.store import Store
from device.training import keep, learn
from tests.served import ended

DAY_S = 86_400.0
NOW = 1_800_000_100.0
"""The wall time of tests.served.Watch."""
ASKED = 4
"""Visits of the last hours that nobody labelled yet."""
GINGER, BLACK = 1, 2
HARD = 0.07
"""So many clean visits look like prey: a tail before the chin."""


def seeded(state: Path, clean: int = 60, prey: int = 45) -> Path:
    """Fill a state directory in which a scene was played; its pictures become those of the album."""
    pictures = [cv2.imread(str(path)) for path in sorted((state / "pictures").rglob("*.jpg"))]
    (state / "crops").mkdir(exist_ok=True)
    chance = np.random.default_rng(7)
    with closing(Store(state, NOW)) as store:
        album = Album(store)
        for number in range(clean + prey):
            _lived(
                store, album, state, chance, pictures, number, number % 5 in (1, 3) and number < 2.5 * prey
            )
        _asked(store, album, state, chance, pictures)
        _strangers(store, album, state, chance, pictures)
    _heads(state)
    return state


def _lived(store, album, state, chance, pictures, number: int, prey: bool) -> None:
    wall = NOW - (115 - number) * DAY_S
    who = ("mimi", "luna")[number % 2]
    kind = VisitKind.DENY if prey else VisitKind.TRANSIT
    outcome = Outcome.LOCK_OUT if prey else Outcome.UNLOCK
    visit = replace(
        ended(number, who=who, kind=kind, outcome=outcome, started_wall=wall), id=f"aa{number:03}-1"
    )
    store.add([visit])
    _views(
        album,
        state,
        chance,
        pictures,
        visit.id,
        wall,
        (3 + (number % 2), 2.0 * (prey or chance.random() < HARD)),
        infrared=number % 7 == 0,
    )
    album.say(
        Said("visit", visit.id, task, label, "owner", wall + 60)
        for task, label in (("who", who), ("prey", "prey" if prey else "clean"))
    )


def _asked(store, album, state, chance, pictures) -> None:
    meter = MeterReading("mouth empty", 2.7, 4.0, -4.0, 6, None)
    for number in range(ASKED):
        wall = NOW - 3600.0 * (number + 1)
        visit = ended(
            900 + number,
            who=None,
            kind=VisitKind.PEEK,
            outcome=Outcome.UNDECIDED,
            reason="waiting: mouth not seen; needed 4.0, reached 2.7",
            evidence=(meter,),
            started_wall=wall,
        )
        visit = replace(visit, id=f"cc{number:03}-1")
        store.add([visit])
        _views(album, state, chance, pictures, visit.id, wall, (3 + number % 2, 0.0))


def _strangers(store, album, state, chance, pictures) -> None:
    for number, animal in enumerate((GINGER, BLACK, GINGER, GINGER, BLACK)):
        wall = NOW - (5 - number) * DAY_S / 2
        visit = ended(
            800 + number, who="stranger", kind=VisitKind.DENY, outcome=Outcome.KEEP_LOCKED, started_wall=wall
        )
        visit = replace(visit, id=f"bb{number:03}-1", reason="no rule lets it in")
        store.add([visit])
        _views(album, state, chance, pictures, visit.id, wall, (animal + 10, 0.0))
        album.say([Said("visit", visit.id, "who", "stranger", "owner", wall + 60)])


def _views(
    album, state, chance, pictures, visit: str, wall: float, kind: tuple[int, float], infrared=False
) -> None:
    """Three views of an animal, which embeddings tell apart by a number and by what it carries."""
    animal, carries = kind
    own = np.random.default_rng(animal).normal(size=shipped().centre.shape)
    carries += abs(chance.normal()) * 0.4
    mouth = np.random.default_rng(99).normal(size=own.shape)
    views = []
    for frame in range(3):
        shake = chance.normal(size=own.shape)
        made = shipped().centre + 0.02 * own + 0.004 * carries * mouth + 0.008 * shake
        file = f"crops/{visit}-{frame}.jpg"
        if pictures:
            picture = pictures[(animal * 7 + frame) % len(pictures)]
            cv2.imwrite(str(state / file), cv2.resize(picture, (320, 240)))
        codes = packed(made.astype(np.float32))
        views.append(
            View(f"{visit}-{frame}", visit, wall + 0.3 * frame, infrared, shipped().backbone, codes, file)
        )
    album.take(visit, views)


def _heads(state: Path) -> None:
    """A head for prey in use and one on trial, a head for who; what they are worth lies beside them."""
    from datetime import UTC, datetime

    with AlbumReader(state) as reader:
        dataset = reader.dataset()
    for task, name, count in (("prey", "prey", 2), ("who", "household", 1)):
        lesson = learn(dataset, task, Terms())
        for _ in range(count):
            registry.keep_active(state / "models", name)
            keep(lesson, name, Settings(), state, datetime.fromtimestamp(NOW, UTC))
    registry.try_beside(state / "models", "prey", "2", lambda _: None)


def copied(seed: Path, to: Path) -> Path:
    shutil.copytree(seed, to, dirs_exist_ok=True)
    return to
