"""How far a device has been set up: what is done or confirmed, and what is missing before its bolt obeys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from device.editing import files
from device.editing.differences import complete
from device.errors import LatchlensError
from device.shipped import find_model
from device.tell.atomic import write_whole
from device.tell.health import State
from device.toml import read_toml
from device.web.access import Access
from device.web.appliance import Appliance
from device.web.caller import Role

NAME = "setup.json"


class Step(StrEnum):
    """What a first start leads through, in this order."""

    PASSWORD = "password"
    AIM = "aim"
    ZONE = "zone"
    BOLT = "bolt"
    ANIMALS = "animals"
    ENFORCE = "enforce"


CONFIRMED = (Step.AIM, Step.ZONE, Step.BOLT)
"""What only a person can say."""


class Need(StrEnum):
    """What else should be there before the bolt obeys."""

    TAUGHT = "taught"
    """Who lives here was taught."""
    PREY = "prey"
    """Prey was taught, if an empty mouth must be proven."""
    IN_FORCE = "in-force"
    """The device runs with the project file as it was saved."""
    HEALTH = "health"
    """No part is at fault."""
    WAY_OUT = "way-out"
    """Nobody can be trapped: the bolt blocks the way in only."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it is."""

    done: dict[Step, bool]
    next: Step | None
    """The first step that is not done; null when the bolt obeys."""
    needs: dict[Need, bool]
    """What holds of what enforcing should wait for; the owner may decide otherwise."""
    animals: tuple[str, ...]
    """Those that the project file names."""
    blocks: str
    rest: str
    zone: tuple[float, float, float, float]
    line: tuple[tuple[float, float], tuple[float, float]]
    inward: str
    can_be_saved: bool
    """Whether there is a project file of the owner's own."""


def confirmed(folder: Path) -> frozenset[Step]:
    """What the owner has confirmed; nothing if that cannot be read, and then it is asked again."""
    with suppress(OSError, ValueError):
        told = json.loads((folder / NAME).read_bytes())
        return frozenset(step for step in CONFIRMED if isinstance(told, list) and step.value in told)
    return frozenset()


def confirm(folder: Path, step: Step, yes: bool) -> None:
    """Keep that the owner confirmed a step, or took it back; raises StoreError if it cannot be kept."""
    steps = confirmed(folder) | {step} if yes else confirmed(folder) - {step}
    write_whole(folder / NAME, json.dumps(sorted(each.value for each in steps)).encode())


def standing(served: Appliance, access: Access) -> Standing:
    """How far the device has been set up."""
    tables = _tables(served)
    names = tuple(str(each.get("name")) for each in tables.get("animal", []) if isinstance(each, dict))
    told = confirmed(served.folder)
    moment = served.latest.moment
    done = {
        Step.PASSWORD: Role.OWNER in access.passwords.roles(),
        **{step: step in told for step in CONFIRMED},
        Step.ANIMALS: bool(names),
        Step.ENFORCE: moment is not None and moment.observation.settings.enforce,
    }
    view, tracker, guard = tables["view"], tables["tracker"], tables["guard"]
    return Standing(
        done={step: done[step] for step in Step},
        next=next((step for step in Step if not done[step]), None),
        needs=dict(_needs(served, names)),
        animals=names,
        blocks=guard["blocks"],
        rest=guard["rest"],
        zone=tuple(view["zone"]),
        line=tuple(tuple(point) for point in tracker["line"]),  # type: ignore[arg-type]
        inward=tracker["inward"],
        can_be_saved=served.path is not None,
    )


def _needs(served: Appliance, names: tuple[str, ...]) -> Iterator[tuple[Need, bool]]:
    heads, door = served.project.section("heads"), served.project.section("door")
    proof = served.project.section("identity").proof
    yield Need.TAUGHT, proof == "chip" or bool(names and _is_taught(heads.who, served.folder))
    yield Need.PREY, not door.require_prey_proof or _is_taught(heads.prey, served.folder)
    yield Need.IN_FORCE, _on_disk(served) == served.project.text
    yield Need.HEALTH, all(each.state is not State.FAULT for each in served.health.report())
    yield Need.WAY_OUT, served.project.section("guard").blocks == "in"


def _is_taught(head: str, folder: Path) -> bool:
    with suppress(LatchlensError):
        return find_model(head, folder) is not None
    return False


def _tables(served: Appliance) -> dict[str, Any]:
    """The saved file; what the device runs with if that cannot be read."""
    with suppress(LatchlensError):
        tables = complete(read_toml(_on_disk(served)))
        if all(isinstance(tables.get(name), dict) for name in ("view", "tracker", "guard")):
            return tables
    return complete(read_toml(served.project.text))


def _on_disk(served: Appliance) -> str:
    return served.project.text if served.path is None else files.read(served.path)
