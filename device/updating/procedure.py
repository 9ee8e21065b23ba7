"""From a release file to a version that runs; what can be refused is refused before anything is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

from device.errors import UpdateError
from device.updating.building import Supplies, build, version_name
from device.updating.change import Change
from device.updating.history import Stage
from device.updating.places import CURRENT, DRAFT, PREVIOUS, Places
from device.updating.release import Release, open_release, order
from device.updating.signature import trusted_keys

UNPACKED = f"{DRAFT}release"
SPARE_BYTES = 100_000_000


def install(path: Path, change: Change, keys: Path, downgrade: bool = False) -> str:
    """Build the version of a release and let it take the place of the one that runs; returns its name.

    `keys` is the folder of the keys that are trusted.

    Raises:
        UpdateError: the release is not trusted, does not fit, or has not proven itself.
    """
    places = change.places
    before = places.named(CURRENT) or ""
    try:
        release = open_release(path, trusted_keys(keys))
        _refuse_older(release, before, downgrade)
        _refuse_lack_of_space(release, places)
        change.tell(Stage.BUILDING, before, release.version)
        version = _built(release, places)
    except (UpdateError, OSError) as error:
        change.tell(Stage.REFUSED, before, "", str(error))
        raise
    change.to(version)
    return version


def roll_back(change: Change) -> str:
    """Let the version from before take the place of the one that runs, as carefully as any other.

    Raises:
        UpdateError: there is none, or it does not prove itself any more.
    """
    previous = change.places.named(PREVIOUS)
    if previous is None or not change.places.version(previous).is_dir():
        raise UpdateError("there is no version from before; `latchlens update FILE` installs one")
    change.to(previous)
    return previous


def number_of(version: str) -> str:
    """The version's number, without the sum of its wheel."""
    return version.rpartition("-")[0]


def _refuse_older(release: Release, before: str, downgrade: bool) -> None:
    if not downgrade and before and order(release.version) < order(number_of(before)):
        raise UpdateError(
            f"{release.version} is older than {number_of(before)}, which runs, and may lack what keeps the "
            "door safe. If you want it all the same: --allow-downgrade"
        )


def _refuse_lack_of_space(release: Release, places: Places) -> None:
    """A version takes about as much as the one that runs."""
    current = places.home / CURRENT
    files = current.resolve().rglob("*") if current.exists() else ()
    needed = 2 * release.size + sum(each.lstat().st_size for each in files) + SPARE_BYTES
    free = shutil.disk_usage(places.home).free
    if free < needed:
        raise UpdateError(f"{free / 1e6:.0f} MB are free and {needed / 1e6:.0f} are needed; make room")


def _built(release: Release, places: Places) -> str:
    folder = places.home / UNPACKED
    shutil.rmtree(folder, ignore_errors=True)
    try:
        wheel = release.unpack(folder)
        if number_of(version_name(wheel)) != release.version:
            raise UpdateError(f"{release.path}: says {release.version} and holds {wheel.name}")
        requirements = folder / "requirements.txt"
        supplies = Supplies(
            wheelhouse=folder if release.needed.wheels else None,
            requirements=requirements if requirements.is_file() else None,
            system_packages=_sees_system(places),
        )
        return build(places, wheel, supplies)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sees_system(places: Places) -> bool:
    """Whether the version that runs sees the system's packages, as the installer chose."""
    try:
        settings = (places.home / CURRENT / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return False
    return "include-system-site-packages = true" in settings
