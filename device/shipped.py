"""Finds what travels with Latchlens: models and example projects, in a wheel or in a checkout."""

from __future__ import annotations

import json
import re
from pathlib import Path

from device.errors import ConfigError, ModelError

_PACKAGE = Path(__file__).resolve().parent
_WHEEL = _PACKAGE / "_shipped"
_CHECKOUT = _PACKAGE.parent
REGISTRY_FILE = "registry.json"
"""Beside the versions of a head: which of them is in use. See registry."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")


def models(state: Path | None = None) -> list[Path]:
    """The folder of every model, every version: the owner's in `state`, then the shipped ones."""
    return [folder for root in _roots(state) for folder in _versions(root)]


def model_folder(name_or_path: str, state: Path | None = None) -> Path:
    """The folder of a model named "name", "name/version" or by its path.

    What the owner made, in `models/` of the state directory, comes before what was shipped; of
    several versions the one in use is taken, the newest where none was chosen. The path need not be
    complete: a folder of versions will do.

    Raises:
        ModelError: there is no such model.
    """
    found = find_model(name_or_path, state)
    if found is None:
        known = ", ".join(sorted({each.parent.name for each in models(state)})) or "none"
        raise ModelError(f"there is no model {name_or_path!r}; known are: {known}")
    return found


def find_model(name_or_path: str, state: Path | None = None) -> Path | None:
    """As `model_folder`, but None if there is no such model."""
    places = [root / name_or_path for root in _roots(state)] if _NAME.fullmatch(name_or_path) else []
    candidates = map(_in_use, (*places, Path(name_or_path).expanduser()))
    return next((folder for folder in candidates if folder), None)


def project(name: str) -> Path:
    """The shipped project file called `name`, with or without ".toml".

    Raises:
        ConfigError: there is no such project.
    """
    folder = _shipped("projects", "firmware-config/projects")
    path = folder / f"{name.removesuffix('.toml')}.toml"
    if not _NAME.fullmatch(name) or not path.is_file():
        known = ", ".join(sorted(each.stem for each in folder.glob("*.toml"))) or "none"
        raise ConfigError(f"there is no shipped project {name!r}; known are: {known}")
    return path


def _roots(state: Path | None) -> list[Path]:
    return [*([state / "models"] if state else []), _shipped("models", "models")]


def _shipped(in_wheel: str, in_checkout: str) -> Path:
    packed = _WHEEL / in_wheel
    return packed if packed.is_dir() else _CHECKOUT / in_checkout


def _versions(root: Path) -> list[Path]:
    return sorted(card.parent for card in root.glob("[!.]*/[!.]*/card.toml"))


def _in_use(place: Path) -> Path | None:
    if (place / "card.toml").is_file():
        return place
    registry = place / REGISTRY_FILE
    if not registry.is_file():
        return newest_version(place)
    try:
        chosen = place / str(json.loads(registry.read_text(encoding="utf-8"))["active"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelError(f"{registry} is damaged; activate a version of {place.name} again") from None
    if not (chosen / "card.toml").is_file():
        raise ModelError(f"{registry} names a version that is not there; activate another one")
    return chosen


def newest_version(place: Path) -> Path | None:
    """The newest version in a folder of versions, None if it has none."""
    # A hidden folder is a draft that is still being written.
    versions = [card.parent for card in place.glob("[!.]*/card.toml")]
    return max(versions, key=lambda folder: _version_order(folder.name), default=None)


def _version_order(version: str) -> list[tuple[int, str]]:
    """Numbers in a version compare as numbers: 10 comes after 9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.-]", version)]
