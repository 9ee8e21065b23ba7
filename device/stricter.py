"""Puts a threshold in force that the owner chose: never a lower one than the head's promise rests on.

A higher threshold lets in only who would have come in anyway, so what was promised still holds. A lower one
would promise less than it says; whoever wants that teaches the head anew with another share (`--alpha`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from device import registry
from device.config import Project
from device.decide.evidence import REFERENCE_INTERVAL, MeterSettings
from device.errors import ModelError
from device.heads import verifier
from device.registry import Registry
from device.see.card import Card, Threshold, Thresholds, load_card
from device.see.head_writer import save_again
from device.tell.atomic import write_whole
from device.training import EVALUATIONS, EVENTS

SAME = 1e-6
"""By so much a threshold that was read from a page may differ from the one meant."""


def demand(
    project: Project, folder: Path, name: str, needed: Mapping[str, float], wall: float | None
) -> Registry:
    """The head in use as `name` with higher thresholds, as a version of its own, taken into use.

    Args:
        needed: what its meter must exceed, by light; a light that is not named stays as it is.
        wall: UTC seconds, None while the clock is not set.

    Raises:
        ModelError: no head is in use, it has no thresholds of its own, or one would be too low or too high.
    """
    models = folder / "models"
    standing = registry.read(models, name)
    if standing is None:
        raise ModelError(f"no head {name!r} was taught yet; train one first")
    card = load_card(registry.folder_of(models, name, standing.active))
    thresholds = raise_of(project, card, needed)
    made = save_again(models, card, thresholds)
    _copy_evaluation(folder, card.title, f"{name}/{made.name}", thresholds)
    return registry.activate(models, name, made.name, verifier(project, folder), wall, "stricter by choice")


def raise_of(project: Project, card: Card, needed: Mapping[str, float]) -> Thresholds:
    """The thresholds of a head at this door, those in `needed` raised; errors as in `demand`."""
    evidence = project.section("evidence")
    return raised(card, needed, evidence.who if card.task == "who" else evidence.prey)


def raised(card: Card, needed: Mapping[str, float], meter: MeterSettings) -> Thresholds:
    """The thresholds of a head, those in `needed` raised; errors as in `demand`."""
    if card.thresholds is None:
        raise ModelError(
            f"{card.title} has no thresholds of its own; train a head from labelled visits first"
        )
    ceiling = meter.leak * meter.clip / REFERENCE_INTERVAL
    found: dict[str, Threshold] = {"day": card.thresholds.day, "infrared": card.thresholds.infrared}
    for light, value in needed.items():
        if light not in found:
            raise ModelError(f"there is no light {light!r}; use day or infrared")
        own = found[light].needed
        if value < own - SAME:
            raise ModelError(
                f"{value:g} is lower than {own:g}, on which the promise of {card.title} in {light} light "
                "rests; to promise less, train again with a larger share that may get in"
            )
        if value >= ceiling:
            raise ModelError(
                f"{value:g} can never be reached, so that nobody comes in; stay below {ceiling:g}"
            )
        found[light] = replace(found[light], needed=max(value, own))
    return Thresholds(**found)


def _copy_evaluation(folder: Path, old: str, new: str, thresholds: Thresholds) -> None:
    """What is known of the head at every threshold; its table of visits belongs to the old ones."""
    before = folder / EVALUATIONS / old.replace("/", "-") / EVENTS
    if not before.is_file():
        return
    document: dict[str, Any] = json.loads(before.read_text(encoding="utf-8"))
    told = document.get("thresholds", {})
    for light, each in (("day", thresholds.day), ("infrared", thresholds.infrared)):
        told.setdefault(light, {})["threshold"] = each.needed
    document |= {"thresholds": told, "events": [], "advice": [], "raised_from": old}
    after = folder / EVALUATIONS / new.replace("/", "-") / EVENTS
    write_whole(after, json.dumps(document, indent=2).encode())
