"""Tries heads, compares them, takes them into use and goes back.

A head on trial is compared with the one in use on the visits of its trial, and on the album's bad visits. It
is not taken into use while that speaks against it, unless its owner insists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from device import registry
from device.config import Project
from device.decide.subject import EvidenceSettings
from device.errors import ModelError
from device.heads import verifier
from device.interfaces import Head
from device.learn.album_reader import AlbumReader
from device.learn.golden import bad_places, let_in
from device.learn.trial import Comparison, compare
from device.learn.trials import judged
from device.learn.vocabulary import WHO
from device.registry import Registry
from device.see import embedding
from device.see.card import load_card
from device.see.head import load_head
from device.shipped import model_folder


def promote(
    project: Project, folder: Path, name: str, version: str, wall: float | None, anyway: bool = False
) -> Registry:
    """Take a version into use after a self-test; a running device follows between two visits.

    Args:
        wall: UTC seconds, None while the clock is not set.
        anyway: though its trial speaks against it.

    Raises:
        ModelError: there is no such version, it cannot be used, or its trial speaks against it.
    """
    models = folder / "models"
    standing = registry.read(models, name)
    if standing is not None and standing.active != version and not anyway:
        objection = comparison(project, folder, name, version).objection
        if objection is not None:
            title = f"{name}/{version}"
            raise ModelError(f"{title}: {objection}; `models shadow {title}` tries it, --anyway insists")
    return registry.activate(models, name, version, verifier(project, folder), wall)


def go_back(project: Project, folder: Path, name: str, wall: float | None) -> Registry:
    """Return to the version that was in use before; raises ModelError if there is none that can be used."""
    return registry.roll_back(folder / "models", name, verifier(project, folder), wall, "by hand")


def try_out(project: Project, folder: Path, name: str, version: str) -> Registry:
    """Try a version beside the one in use; raises ModelError if there is none, or it cannot be used."""
    return registry.try_beside(folder / "models", name, version, verifier(project, folder))


def comparison(project: Project, folder: Path, name: str, version: str) -> Comparison:
    """What `name`/`version` would have changed, in the state directory `folder`.

    Raises:
        ModelError: there is no such version, or it cannot be used.
        StoreError: the visits cannot be read.
    """
    animals = {animal.name for animal in project.policy.animals}
    settings: embedding.Settings = project.section("embedding")
    backbone = load_card(model_folder(settings.model, folder)).sha256
    tried = load_head(registry.folder_of(folder / "models", name, version), backbone)
    with AlbumReader(folder) as album:
        dataset = album.dataset(backbone)
    evidence: EvidenceSettings = project.section("evidence")
    meter = evidence.who if tried.task == WHO else evidence.prey
    places = bad_places(dataset, tried.task)

    def through(head: Head) -> frozenset[str]:
        return let_in(dataset, places, head, meter, evidence.horizon)

    anew = through(tried)
    if anew:
        anew -= _through_now(folder / "models", name, backbone, through)
    found = compare(judged(folder, f"{name}/{version}", animals))
    return replace(found, golden=len(places), golden_let_in=tuple(sorted(anew)))


def _through_now(
    models: Path, name: str, backbone: str, through: Callable[[Head], frozenset[str]]
) -> frozenset[str]:
    """Which of them the head in use lets in: nobody, if there is none that can be used."""
    try:
        standing = registry.read(models, name)
        if standing is None:
            return frozenset()
        return through(load_head(registry.folder_of(models, name, standing.active), backbone))
    except ModelError:
        return frozenset()
