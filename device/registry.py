"""Which version of a head is in use, which is tried beside it, and the way back: the registry of heads.

Versions of a head lie side by side in the state directory, `models/<name>/<version>`, and are never changed.
`models/<name>/registry.json` says which one is in use, which were before it, and which is only tried (in
shadow). It is exchanged whole and synced, so that a power cut leaves the old one or the new one. Where there
is no such file, the newest version is in use, as it is with shipped models.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from device.errors import ModelError, hint
from device.shipped import REGISTRY_FILE, newest_version
from device.tell.atomic import write_whole

KEPT = 10
"""So many changes are remembered."""


@dataclass(frozen=True, slots=True)
class Change:
    """One version that was in use before, and why it gave way."""

    version: str
    until: float | None
    """UTC seconds at which another took its place; None while the clock was not set."""
    why: str


@dataclass(frozen=True, slots=True)
class Registry:
    """How the versions of one head stand."""

    active: str
    since: float | None = None
    """UTC seconds from which it is in use."""
    shadow: str | None = None
    """The version that is tried beside it."""
    before: tuple[Change, ...] = ()
    """Those in use before it, the latest last: the way back."""
    withdrawn: tuple[Change, ...] = ()
    """Those that went back, the latest last: nobody returns to them by going back."""


_READER = TypeAdapter(Registry)
Verify = Callable[[Path], object]
"""Looks at a version's folder as the device would, and raises ModelError if it cannot be used."""


def read(models: Path, name: str) -> Registry | None:
    """How the versions of `name` in the `models` folder of the state directory stand; None: there are none.

    Raises:
        ModelError: the registry is damaged, or names a version that is not there.
    """
    path = models / name / REGISTRY_FILE
    if not path.exists():
        newest = newest_version(models / name)
        return Registry(newest.name) if newest is not None else None
    try:
        found = _READER.validate_json(path.read_bytes(), strict=True)
    except (OSError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{path} is damaged ({reason}); activate a version of {name} again") from None
    if not (models / name / found.active / "card.toml").is_file():
        raise ModelError(f"{path} names version {found.active}, which is not there; activate another one")
    return found


def versions(models: Path, name: str) -> list[str]:
    """The versions of `name` there are, as numbers in order where they are numbers."""
    cards = (models / name).glob("[!.]*/card.toml")
    return sorted(
        (card.parent.name for card in cards), key=lambda each: (not each.isdigit(), len(each), each)
    )


def folder_of(models: Path, name: str, version: str) -> Path:
    """Where a version lies; raises ModelError if there is no such version."""
    _require(models, name, version)
    return models / name / version


def activate(
    models: Path, name: str, version: str, verify: Verify, wall: float | None, why: str = "activated"
) -> Registry:
    """Take a version into use, once `verify` has found nothing wrong with it; the one before is kept.

    Raises:
        ModelError: there is no such version, or it cannot be used; then nothing changes.
        StoreError: the registry cannot be written; then nothing changes.
    """
    _require(models, name, version)
    verify(models / name / version)
    old = _readable(models, name)
    if old is not None and old.active == version:
        return _written(models, name, replace(old, shadow=None if old.shadow == version else old.shadow))
    if old is None:
        return _written(models, name, Registry(version, wall))
    before = (*old.before, Change(old.active, wall, why))[-KEPT:]
    shadow = None if old.shadow == version else old.shadow
    return _written(models, name, Registry(version, wall, shadow, before, old.withdrawn))


def try_beside(models: Path, name: str, version: str, verify: Verify) -> Registry:
    """Try a version in shadow: it judges everything and decides nothing. Errors as in `activate`."""
    _require(models, name, version)
    verify(models / name / version)
    old = read(models, name)
    if old is None or old.active == version:
        raise ModelError(f"{name}/{version} is in use already; only another version can be tried beside it")
    return _written(models, name, replace(old, shadow=version))


def give_up_shadow(models: Path, name: str, version: str) -> Registry:
    """Try a version no more; raises ModelError if it is not tried."""
    old = read(models, name)
    if old is None or old.shadow != version:
        raise ModelError(f"{name}/{version} is not on trial; `latchlens models list` says which is")
    return _written(models, name, replace(old, shadow=None))


def roll_back(models: Path, name: str, verify: Verify, wall: float | None, why: str) -> Registry:
    """Return to the version that was in use before; the one that gives way is not tried again by itself.

    Raises:
        ModelError: there is none before that can be used; then nothing changes.
        StoreError: the registry cannot be written; then nothing changes.
    """
    old = read(models, name)
    if old is None or not old.before:
        raise ModelError(f"{name} has no version before the one in use; teach another")
    *earlier, last = old.before
    _require(models, name, last.version)
    verify(models / name / last.version)
    withdrawn = (*old.withdrawn, Change(old.active, wall, why))[-KEPT:]
    return _written(models, name, Registry(last.version, wall, None, tuple(earlier), withdrawn))


def keep_active(models: Path, name: str) -> Registry | None:
    """Write down what is in use now, so that a version that is taught next does not replace it by itself."""
    found = read(models, name)
    return None if found is None else _written(models, name, found)


def _readable(models: Path, name: str) -> Registry | None:
    """A damaged registry is no reason not to activate; what was before is then not known."""
    try:
        return read(models, name)
    except ModelError:
        return None


def _require(models: Path, name: str, version: str) -> None:
    known = versions(models, name)
    if version not in known:
        raise ModelError(f"there is no {name}/{version}; {hint(version, known)}")


def _written(models: Path, name: str, registry: Registry) -> Registry:
    write_whole(models / name / REGISTRY_FILE, json.dumps(asdict(registry), indent=1).encode())
    return registry
