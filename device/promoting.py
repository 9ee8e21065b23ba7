"""Compares a head on trial with the one in use: on the visits of its trial, and on the album's bad visits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from device import registry
from device.config import Project
from device.decide.subject import EvidenceSettings
from device.errors import ModelError
from device.interfaces import Head
from device.learn.album_reader import AlbumReader
from device.learn.golden import bad_places, let_in
from device.learn.trial import Comparison, compare
from device.learn.trials import judged
from device.learn.vocabulary import WHO
from device.see import embedding
from device.see.card import load_card
from device.see.head import load_head
from device.shipped import model_folder


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
