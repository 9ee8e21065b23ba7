"""The heads of a running device: takes an activated one into use, sends one back that breaks its word.

A verdict carries everything that a decision depends on, so a head may be exchanged between two visits without
a restart, and a journal decides alike all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from device import registry
from device.config import HeadSettings, Project
from device.errors import LatchlensError, StoreError
from device.learn.drift import shares
from device.learn.trial import Look, goes_back
from device.learn.trials import let_in_since
from device.see import embedding
from device.see.head import HeadClassifier, LogisticHead, find_heads, load_head
from device.self_test import self_test
from device.shipped import REGISTRY_FILE
from device.tell.health import Health, State
from device.tell.sink import Told

log = logging.getLogger(__name__)

LOOK_S = 5.0
"""How often the registries are looked at."""
REVIEW_S = 3600.0
"""How often it is asked whether a head must go back."""
DRIFT_S = 86_400.0
"""How often the last seven days are compared with the weeks before."""

Stamp = tuple[tuple[int, int, int] | None, ...]


def heads_on_trial(project: Project, folder: Path, backbone: str) -> list[LogisticHead]:
    """The heads that the registries of the state directory `folder` want tried beside those in use.

    One that cannot be used is told in the log and left out: nothing depends on it.
    """
    found: list[LogisticHead] = []
    names: HeadSettings = project.section("heads")
    for name in filter(None, (names.who, names.prey)):
        try:
            standing = registry.read(folder / "models", name)
            if standing is not None and standing.shadow is not None:
                found.append(load_head(folder / "models" / name / standing.shadow, backbone))
        except LatchlensError as error:
            log.warning("%s is not tried: %s", name, error)
    return found


class HeadKeeper:
    """Implements sink.Sink: keeps the classifier's heads those that the registry says."""

    def __init__(
        self,
        project: Project,
        folder: Path,
        backbone: str,
        classifier: HeadClassifier,
        health: Health,
        review_s: float = REVIEW_S,
    ) -> None:
        self._names: HeadSettings = project.section("heads")
        self._project = project
        self._folder = folder
        self._backbone = backbone
        self._classifier = classifier
        self._health = health
        self._review_s = review_s
        self._stamp = self._stamps()
        self._next_look = self._next_review = self._next_drift = float("-inf")

    def tell(self, passes: Sequence[Told]) -> None:
        if not passes:
            return
        latest = passes[-1].observation
        if latest.sightings:  # between visits only: evidence of two heads does not add up
            return
        if latest.time >= self._next_review:
            self._next_review = latest.time + self._review_s
            self._review(latest.wall)
        if latest.wall is not None and latest.time >= self._next_drift:
            self._next_drift = latest.time + DRIFT_S
            self._compare_weeks(latest.wall)
        if latest.time >= self._next_look:
            self._next_look = latest.time + LOOK_S
            self._exchange()

    def close(self) -> None:
        """Nothing is held."""

    def _exchange(self) -> None:
        stamp = self._stamps()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            heads = find_heads(self._names, self._folder, self._backbone)
        except LatchlensError as error:
            log.error("the heads stay as they are: %s", error)
            self._health.set("heads", State.FAULT, str(error), "activate another version")
            return
        self._classifier.exchange(heads)
        titles = ", ".join(head.card.title for head in heads)
        log.info("judging with %s from now on", titles)
        self._health.set("heads", State.OK, titles)

    def _review(self, wall: float | None) -> None:
        for name in (self._names.who, self._names.prey):
            if name:
                found = review(self._project, self._folder, name, wall)
                if found is not None:
                    self._health.set("heads", State.WARNING, f"{name} went back: {found.in_words()}")

    def _compare_weeks(self, wall: float) -> None:
        drifted = [each.in_words() for each in shares(self._folder, wall) if each.drifted]
        if drifted:
            fix = "look at the camera, label some of this week's visits and train again"
            self._health.set("drift", State.WARNING, "; ".join(drifted), fix)
        else:
            self._health.set("drift", State.OK, "visitors as in the weeks before")

    def _stamps(self) -> Stamp:
        """Which registries there are, as they were written."""
        return tuple(
            _stamp(self._folder / "models" / name / REGISTRY_FILE)
            for name in (self._names.who, self._names.prey, self._names.species)
        )


def review(project: Project, folder: Path, name: str, wall: float | None) -> Look | None:
    """Send the head back that is in use as `name` if it broke its word; the look that told, else None.

    Raises:
        StoreError: what happened cannot be read, or the registry not be written.
    """
    models = folder / "models"
    standing = registry.read(models, name)
    if standing is None or not standing.before:
        return None
    animals = {animal.name for animal in project.policy.animals}
    promised = project.section("learning").lockouts
    found = goes_back(let_in_since(folder, standing.since, animals), promised)
    if found is None:
        return None
    log.critical("%s/%s goes back: %s", name, standing.active, found.in_words())
    registry.roll_back(models, name, verifier(project, folder), wall, found.in_words())
    return found


def verifier(project: Project, folder: Path) -> Callable[[Path], LogisticHead]:
    """Loads a head as the device would, and has it judge the golden picture.

    Raises:
        ModelError: the backbone cannot be used.
    """
    embedder = embedding.build(project.section("embedding"), folder)
    backbone = embedder.model.card

    def verify(version: Path) -> LogisticHead:
        head = load_head(version, backbone.sha256)
        self_test(backbone.folder, embedder, head)
        return head

    return verify


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path}: cannot be asked after: {error.strerror}; check who owns it") from None
    return found.st_ino, found.st_mtime_ns, found.st_size
