"""The models that are shipped and those that were taught here."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from device import shipped
from device.errors import ModelError
from device.see.card import load_card
from device.web.dependencies import Served
from device.web.permission import READS, only

router = APIRouter(prefix="/api/v1", tags=["models"], dependencies=only(READS))


@dataclass(frozen=True, slots=True)
class Model:
    """A model or head, by its card."""

    name: str
    version: str
    task: str
    sha256: str
    licence: str
    origin: str
    in_use: bool


@dataclass(frozen=True, slots=True)
class Models:
    """All that are there."""

    models: tuple[Model, ...]
    damaged: tuple[str, ...]
    """What is wrong with those that cannot be used."""


@router.get("/models")
def models(served: Served) -> Models:
    """Every model with its card's figures, and which are in use."""
    found: list[Model] = []
    damaged: list[str] = []
    for folder in shipped.models(served.folder):
        try:
            card = load_card(folder)
        except ModelError as error:
            damaged.append(str(error))
            continue
        used = served.models.get(f"{card.name}/{card.version}") == card.sha256
        found.append(Model(card.name, card.version, card.task, card.sha256, card.licence, card.origin, used))
    return Models(tuple(found), tuple(damaged))
