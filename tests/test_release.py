"""Nothing of a release is used that its maker did not sign, and no release is unpacked to where it wants."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import UpdateError
from device.updating import making
from device.updating.release import MANIFEST, SIGNATURE, Release, open_release, order, target
from device.updating.signature import trusted_keys
from device.updating.staging import NAME, stage, take
from tests.signing import Maker

Manifest = dict[str, Any]


class Bench:
    """A maker, who is trusted, a wheel, and what it needs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.maker = folder, Maker()
        (folder / "keys").mkdir()
        self.maker.public(folder / "keys" / "maker.pub")
        self.wheel = folder / "latchlens-1.2-py3-none-any.whl"
        self.wheel.write_bytes(os.urandom(3_000_000))
        self.needed = folder / "needed-3.0-py3-none-any.whl"
        self.needed.write_bytes(b"needed")
        needs = {target(): [self.needed], "cp399-sparc": []}
        self.release = making.make(folder / "dist", self.wheel, needs, [target()], self.maker.sign)

    def opened(self) -> Release:
        return open_release(self.release, trusted_keys(self.folder / "keys"))

    def unpacked(self) -> Path:
        return self.opened().unpack(self.folder / "unpacked")

    def rewritten(self, change: Callable[[Manifest], None], by: Maker | None = None) -> None:
        """Write the release anew with another list, signed as well."""
        with zipfile.ZipFile(self.release) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(parts[MANIFEST])
        change(manifest)
        parts[MANIFEST] = json.dumps(manifest).encode()
        (self.folder / "list").write_bytes(parts[MANIFEST])
        parts[SIGNATURE] = (by or self.maker).sign(self.folder / "list").encode()
        self.packed(parts)

    def packed(self, parts: dict[str, bytes]) -> None:
        with zipfile.ZipFile(self.release, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)

    def refused(self, *words: str) -> None:
        with pytest.raises(UpdateError) as error:
            self.unpacked()
        for each in words:
            assert each in str(error.value)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_release_gives_back_what_its_maker_put_in(bench: Bench) -> None:
    wheel = bench.unpacked()
    assert wheel.read_bytes() == bench.wheel.read_bytes()
    assert (wheel.parent / bench.needed.name).read_bytes() == b"needed"
    assert (bench.opened().version, bench.opened().key.name) == ("1.2", "maker")


def test_what_is_not_bundled_is_downloaded_only_as_it_was_when_the_release_was_made(bench: Bench) -> None:
    needs = {target(): [bench.needed]}
    bench.release = making.make(bench.folder / "dist", bench.wheel, needs, [], bench.maker.sign)
    lines = (bench.unpacked().parent / "requirements.txt").read_text()
    assert lines == f"needed==3.0 --hash=sha256:{making._sum(bench.needed)}\n"


def test_a_stranger_s_release_is_refused_and_the_key_named(bench: Bench) -> None:
    bench.rewritten(lambda _: None, by=Maker(number=b"stranger"))
    bench.refused("not trusted here", b"stranger"[::-1].hex().upper())


def test_a_stranger_who_claims_the_key_s_number_is_refused(bench: Bench) -> None:
    bench.rewritten(lambda _: None, by=Maker(number=bench.maker.number))
    bench.refused("changed after it was signed")


@pytest.mark.parametrize(
    "part", [MANIFEST, "wheels/latchlens-1.2-py3-none-any.whl", "wheels/needed-3.0-py3-none-any.whl"]
)
def test_one_bit_that_was_changed_is_noticed(bench: Bench, part: str) -> None:
    with zipfile.ZipFile(bench.release) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = bytes([parts[part][0] ^ 1]) + parts[part][1:]
    bench.packed(parts)
    bench.refused("get it again")


@pytest.mark.parametrize("name", ["../../etc/cron.d/x.whl", "/etc/x.whl", "a/b.whl", "..whl", "x.sh", ""])
def test_a_list_that_names_a_place_is_refused_though_it_is_signed(bench: Bench, name: str) -> None:
    bench.rewritten(lambda manifest: manifest["wheel"].update(name=name))
    bench.refused("is no name of a wheel")


@pytest.mark.parametrize(
    ("size", "said"), [(-1, "cannot be"), (10**12, "cannot be"), (10, "not what was signed")]
)
def test_a_size_that_cannot_be_is_refused(bench: Bench, size: int, said: str) -> None:
    bench.rewritten(lambda manifest: manifest["wheel"].update(size=size))
    bench.refused(said)


def test_a_wheel_that_unpacks_to_more_than_was_signed_is_cut_off(bench: Bench) -> None:
    with zipfile.ZipFile(bench.release) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[f"wheels/{bench.wheel.name}"] += bytes(50_000_000)
    with zipfile.ZipFile(bench.release, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    bench.refused("not what was signed")
    assert (bench.folder / "unpacked" / bench.wheel.name).stat().st_size <= bench.wheel.stat().st_size


def test_a_release_for_other_machines_names_those(bench: Bench) -> None:
    bench.rewritten(lambda manifest: manifest["needs"].pop(target()))
    bench.refused(f"({target()})", "cp399-sparc")


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.update(format=2),
        lambda manifest: manifest.pop("wheel"),
        lambda manifest: manifest.update(needs=[]),
        lambda manifest: manifest.update(version="1.2; rm -rf /"),
    ],
)
def test_a_list_that_is_not_understood_is_a_clear_error(
    bench: Bench, change: Callable[[Manifest], None]
) -> None:
    bench.rewritten(change)
    bench.refused(str(bench.release))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"#!/bin/sh\n", os.urandom(1000)])
def test_what_is_no_release_is_a_clear_error(bench: Bench, content: bytes) -> None:
    bench.release.write_bytes(content)
    bench.refused("is no release of Latchlens")


@given(place=st.floats(0, 1), bit=st.integers(0, 7))
def test_any_bit_changed_anywhere_is_refused_or_changes_nothing(
    shared: Bench, place: float, bit: int
) -> None:
    content = bytearray(shared.release.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1 << bit
    changed = shared.folder / "changed"
    changed.write_bytes(content)
    folder = shared.folder / "there"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        wheel = open_release(changed, trusted_keys(shared.folder / "keys")).unpack(folder)
    except UpdateError:
        return
    assert wheel.read_bytes() == shared.wheel.read_bytes()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("shared"))


def test_without_a_key_nothing_is_trusted(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(UpdateError, match="holds no key"):
        trusted_keys(tmp_path / "none")
    (tmp_path / "none" / "bad.pub").write_text("x\ny\n")
    with pytest.raises(UpdateError, match="no public key of minisign"):
        trusted_keys(tmp_path / "none")


@pytest.mark.skipif(not shutil.which("minisign"), reason="there is no minisign here")
def test_minisign_itself_signs_releases(bench: Bench) -> None:
    key, public = bench.folder / "m.key", bench.folder / "keys" / "m.pub"
    subprocess.run(["minisign", "-G", "-W", "-s", key, "-p", public], check=True, capture_output=True)
    needs = {target(): [bench.needed]}
    bench.release = making.make(bench.folder / "dist", bench.wheel, needs, [], making.by_minisign(key))
    assert bench.opened().key.name == "m"
    public.unlink()
    bench.refused("not trusted here")


def test_versions_are_ordered_as_people_mean_them() -> None:
    ordered = ["0.9", "0.10.dev1", "0.10a1", "0.10rc1", "0.10rc2", "0.10", "0.10.1", "1.0"]
    assert sorted(sorted(ordered), key=order) == ordered
    assert order("1.2") == order("1.2.0")


def test_what_was_staged_is_taken_once(tmp_path: Path) -> None:
    file, state, home = tmp_path / "new.latchlens", tmp_path / "state", tmp_path / "home"
    file.write_bytes(b"release")
    state.mkdir(), home.mkdir()
    staged = stage(file, state)
    assert take(state, home).read_bytes() == b"release"
    assert not staged.exists()
    with pytest.raises(UpdateError, match="no release waits"):
        take(state, home)


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "linked folder"])
def test_root_takes_nothing_but_a_plain_file(tmp_path: Path, kind: str) -> None:
    state, home, secret = tmp_path / "state", tmp_path / "home", tmp_path / "secret"
    (state / "update").mkdir(parents=True), home.mkdir()
    secret.write_text("of root")
    place = state / "update" / NAME
    if kind == "link":
        place.symlink_to(secret)
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        (state / "update").rename(state / "elsewhere")
        (state / "elsewhere" / NAME).write_text("x")
        (state / "update").symlink_to(state / "elsewhere")
    with pytest.raises(UpdateError):
        take(state, home)
    assert secret.read_text() == "of root"
    assert not list(home.iterdir())
