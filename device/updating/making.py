"""Makes a release file of a wheel, for `make release`. The program minisign signs, and asks for its password.

    python -m device.updating.making WHEEL --key SECRET [--bundle cp313-aarch64]

What the wheel needs is looked up for every kind of machine, and only its sums go into the signed list; pip
downloads those files and no others. For a kind that is bundled, the files themselves go in.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from device.errors import UpdateError
from device.updating.building import EXTRAS
from device.updating.release import FORMAT, MANIFEST, SIGNATURE, SUFFIX, WHEELS

CONSTRAINTS = Path(__file__).parents[2] / "firmware-config" / "constraints"
TARGETS = {
    "cp311-aarch64": "bookworm",
    "cp311-x86_64": "bookworm",
    "cp313-aarch64": "trixie",
    "cp313-x86_64": "trixie",
}
"""Kinds of machines, and whose constraints hold there."""
GLIBC = {"bookworm": 36, "trixie": 41}
"""glibc 2.N of each: wheels that were built for an older one run there, too."""
Sign = Callable[[Path], str]
"""Signs a file and returns the signature."""


def make(
    to: Path, wheel: Path, needs: Mapping[str, Sequence[Path]], bundled: Sequence[str], sign: Sign
) -> Path:
    """Write the release of a wheel into the folder `to`; `needs` are the wheels that it needs, by target."""
    version = wheel.name.split("-")[1]
    manifest = {
        "format": FORMAT,
        "version": version,
        "wheel": _entry(wheel),
        "needs": {
            target: {
                "wheels": [_entry(each) for each in wheels] if target in bundled else [],
                "requirements": "" if target in bundled else _requirements(wheels),
            }
            for target, wheels in needs.items()
        },
    }
    to.mkdir(parents=True, exist_ok=True)
    release = to / f"latchlens-{version}{SUFFIX}"
    with TemporaryDirectory() as folder, zipfile.ZipFile(release, "w") as archive:
        content = Path(folder) / MANIFEST
        content.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        archive.write(content, MANIFEST)
        archive.writestr(SIGNATURE, sign(content))
        files = {each.name: each for target in bundled for each in needs[target]}
        for each in (wheel, *files.values()):
            archive.write(each, f"{WHEELS}/{each.name}")
    return release


def _entry(wheel: Path) -> dict[str, object]:
    return {"name": wheel.name, "size": wheel.stat().st_size, "sha256": _sum(wheel)}


def _sum(wheel: Path) -> str:
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def _requirements(wheels: Sequence[Path]) -> str:
    """Lines that pip takes with --require-hashes."""
    lines = []
    for wheel in sorted(wheels):
        name, version = wheel.name.split("-")[:2]
        lines.append(f"{re.sub(r'_+', '-', name)}=={version} --hash=sha256:{_sum(wheel)}\n")
    return "".join(lines)


def download(wheel: Path, target: str, to: Path) -> list[Path]:
    """Everything that the wheel needs on a kind of machine, without itself."""
    for before in to.glob("latchlens-*.whl"):  # pip would take it for this one, and so its needs
        before.unlink()
    python, machine = target.split("-")
    system = TARGETS[target]
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(17, GLIBC[system] + 1)]
    platforms += [f"manylinux2014_{machine}", f"linux_{machine}"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--dest",
        str(to),
        "--only-binary",
        ":all:",
    ]
    command += ["--implementation", "cp", "--python-version", python[2:], "--abi", python]
    command += ["--abi", "abi3", "--abi", "none", "--constraint", str(CONSTRAINTS / f"{system}.txt")]
    for platform in platforms:
        command += ["--platform", platform]
    subprocess.run([*command, f"{wheel}[{EXTRAS}]"], check=True)
    return sorted(each for each in to.glob("*.whl") if each.name != wheel.name)


def by_minisign(key: Path) -> Sign:
    """Signs with minisign and a secret key, which may ask for its password."""

    def sign(file: Path) -> str:
        if not shutil.which("minisign"):
            raise UpdateError("releases are signed by minisign; on Debian: sudo apt install minisign")
        subprocess.run(["minisign", "-S", "-q", "-s", str(key), "-m", str(file)], check=True)
        return Path(f"{file}.minisig").read_text(encoding="ascii")

    return sign


def main() -> int:
    """Make a release, or only a folder of wheels to install from without a network."""
    parser = argparse.ArgumentParser(prog="making")
    parser.add_argument("wheel", type=Path)
    parser.add_argument(
        "--key", type=Path, help="minisign's secret key; without it nothing is made but folders"
    )
    parser.add_argument("--target", action="append", choices=TARGETS, help="by default all")
    parser.add_argument("--bundle", action="append", default=[], choices=TARGETS)
    parser.add_argument("--to", type=Path, default=Path("dist"))
    asked = parser.parse_args()
    try:
        targets = asked.target or list(TARGETS)
        needs = {each: download(asked.wheel, each, asked.to / "wheelhouse" / each) for each in targets}
        for target, wheels in needs.items():
            print(f"{asked.to / 'wheelhouse' / target}: {len(wheels)} wheels")
        if asked.key:
            print(make(asked.to, asked.wheel, needs, asked.bundle, by_minisign(asked.key)))
    except (UpdateError, OSError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
