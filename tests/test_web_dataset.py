"""Pictures in and out as ZIP files: all or nothing, bounded, never out of their folder."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest

from device import unzipping
from device.errors import DatasetError, StoreError
from device.exporting import FILES
from device.learn.album_reader import AlbumReader
from device.unzipping import unpack
from device.web import protection
from device.web.caller import Scope
from tests.served import Site, site
from tests.test_web_learning import finished

HERE = "/api/v1/learning"


def picture(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (40, 60, 3), np.uint8)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name, content in files.items():
            parcel.writestr(name, content)
    return made.getvalue()


FOLDER = {f"{label}/2026010{n + 1}_120000_0.jpg": picture(n) for n, label in enumerate(["clean", "prey"] * 2)}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Site]:
    made = site(tmp_path)
    yield made
    made.app.state.errands.close()


def sent(home: Site, body: bytes, **query: object) -> tuple[int, dict[str, object]]:
    """How the upload was answered, and what came of it."""
    program = home.program(Scope.ADMIN)
    answer = program.post(f"{HERE}/import", params={"whole": True, **query}, content=body)
    return answer.status_code, finished(program) if answer.status_code == 202 else answer.json()


def left_over(home: Site) -> list[str]:
    return [path.name for path in (home.folder / "dataset").glob("*") if path.suffix != ".jpg"]


def test_a_zip_file_of_folders_is_brought_into_the_album(home):
    status, errand = sent(home, zipped({**FOLDER, "note.docx": b"x", "__MACOSX/._a.jpg": b"x"}), task="prey")
    assert (status, errand["state"]) == (202, "done"), errand
    assert errand["told"] == {"format": "folder", "views": 4, "labels": 4, "known": 0, "whole": 0}
    with AlbumReader(home.folder) as album:
        assert sorted(album.dataset().labels("prey")) == ["clean", "clean", "prey", "prey"]
    assert left_over(home) == []


@pytest.mark.parametrize("form", FILES)
def test_what_goes_out_comes_in_elsewhere(home, tmp_path, form):
    assert sent(home, zipped(FOLDER), task="prey")[1]["state"] == "done"
    answer = home.program(Scope.ADMIN).get(f"{HERE}/export", params={"format": form})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert FILES[form] in names
    assert sum(name.startswith("images/") for name in names) == 4
    other = site(tmp_path / "other")
    status, errand = sent(other, answer.content)
    assert (status, errand["state"]) == (202, "done"), errand
    with AlbumReader(home.folder) as one, AlbumReader(other.folder) as two:
        before, after = ({each.wall: each.labels for each in album.pictures()} for album in (one, two))
    assert before == after


def test_a_picture_that_is_gone_or_damaged_is_left_out_of_what_goes_out(home):
    assert sent(home, zipped(FOLDER), task="prey")[1]["state"] == "done"
    gone, damaged, *_ = sorted((home.folder / "dataset").glob("*.jpg"))
    gone.unlink()
    damaged.write_bytes(b"no picture")
    answer = home.program(Scope.ADMIN).get(f"{HERE}/export")
    lines = zipfile.ZipFile(io.BytesIO(answer.content)).read(FILES["manifest"]).splitlines()
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"prey/b.jpg": b"no picture"}, "prey/b.jpg is not a picture"),
        ({"a.jpg": picture(1)}, "names its label"),
        ({"one.csv": b"file\n", "two.csv": b"file\n"}, "several files of labels"),
        ({"one.csv": b"file,label\nmissing.jpg,clean\n"}, "missing.jpg"),
        ({"x.manifest": b'{"source-ref": "/etc/hostname"}\n'}, "does not lie in the ZIP file"),
        ({"odd/x.jpg": picture(1)}, "odd"),
        ({}, "holds no pictures"),
    ],
)
def test_a_delivery_that_is_wrong_changes_nothing_and_says_why(home, files, why):
    status, errand = sent(home, zipped(files), task="prey")
    assert (status, errand["state"]) == (202, "failed")
    assert why in str(errand["fault"])
    assert str(home.folder) not in str(errand["fault"])
    with AlbumReader(home.folder) as album:
        assert not list(album.views())
    assert left_over(home) == []


@pytest.mark.parametrize("body", [b"", b"PK", b"\xff\xd8 a picture", b"x" * 100_000])
def test_what_is_no_zip_file_is_refused_at_once(home, body):
    status, problem = sent(home, body, task="prey")
    assert (status, "no ZIP file" in str(problem["detail"])) == (422, True)
    assert left_over(home) == []


def test_an_upload_that_is_too_large_is_refused(home, monkeypatch):
    monkeypatch.setitem(protection.LARGE_BYTES, f"{HERE}/import", 100)
    assert sent(home, zipped(FOLDER), task="prey")[0] == 413
    assert home.program(Scope.ADMIN).post("/api/v1/mode", content=b"x" * 2_000_000).status_code == 413
    assert left_over(home) == []


def test_a_full_disk_takes_no_upload(home, monkeypatch):
    monkeypatch.setattr("device.web.routes.dataset.free_bytes", lambda _: 0)
    status, problem = sent(home, zipped(FOLDER), task="prey")
    assert (status, "disk is full" in str(problem["detail"])) == (503, True)
    assert home.program().get(f"{HERE}/errand").json()["errand"]["state"] == "failed"


# Hostile ZIP files


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    return made


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (entry("../out.jpg"), "leads out"),
        (entry("a/../../out.jpg"), "leads out"),
        (entry("/etc/out.jpg"), "leads out"),
        (entry("..\\out.jpg"), "leads out"),
        (entry("C:out.jpg"), "leads out"),
        (entry("a" * 300 + ".jpg"), "leads out"),
        (entry("link.jpg", stat.S_IFLNK | 0o777), "link or a device"),
        (entry("pipe", stat.S_IFIFO | 0o666), "link or a device"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.filename[:12],
)
def test_nothing_is_unpacked_out_of_its_folder(tmp_path, made, why):
    path, to = tmp_path / "a.zip", tmp_path / "to"
    to.mkdir()
    with zipfile.ZipFile(path, "w") as parcel:
        parcel.writestr("first.jpg", b"x")
        parcel.writestr(made, b"/etc/passwd")
    with pytest.raises(DatasetError, match=why):
        unpack(path, to)
    assert {each.name for each in tmp_path.rglob("*")} <= {"a.zip", "to", "first.jpg"}


def test_a_bomb_does_not_fill_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(unzipping, "MOST_BYTES_EACH", 1 << 20)
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.jpg": bytes(30_000_000)}))
    assert path.stat().st_size < 40_000
    with pytest.raises(DatasetError, match="too large"):
        unpack(path, tmp_path)
    monkeypatch.setattr(unzipping, "MOST_BYTES", 3 << 20)
    path.write_bytes(zipped({f"{number}.jpg": bytes(1 << 20) for number in range(5)}))
    with pytest.raises(DatasetError, match="too large"):
        unpack(path, tmp_path)
    assert sum(each.stat().st_size for each in tmp_path.glob("*.jpg")) < 5 << 20


def test_what_a_zip_file_says_of_its_sizes_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(unzipping, "MOST_BYTES_EACH", 1 << 20)
    content = bytearray(zipped({"a.jpg": bytes(3 << 20)}))
    small = struct.pack("<I", 1000)
    for place in (22, content.rfind(b"PK\x01\x02") + 24):
        content[place : place + 4] = small
    path = tmp_path / "a.zip"
    path.write_bytes(bytes(content))
    with pytest.raises(DatasetError, match=r"damaged|too large"):
        unpack(path, tmp_path)
    assert not (tmp_path / "a.jpg").exists() or (tmp_path / "a.jpg").stat().st_size <= 1 << 20


def test_a_list_of_too_many_files_is_not_even_read(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{number}.jpg": b"" for number in range(unzipping.MOST_FILES + 1)}))
    with pytest.raises(DatasetError, match="more than 5000 files"):
        unpack(path, tmp_path)


def test_the_same_name_twice_an_encrypted_file_and_a_full_disk_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.jpg": b"x", "A.jpg": b"y"}))
    with pytest.raises(DatasetError, match="twice"):
        unpack(path, tmp_path)
    content = bytearray(zipped({"a.jpg": b"x"}))
    for place in (6, content.rfind(b"PK\x01\x02") + 8):
        content[place] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DatasetError, match="damaged or encrypted"):
        unpack(path, tmp_path)
    path.write_bytes(zipped({"a.jpg": b"x"}))
    with pytest.raises(StoreError, match="disk is full"):
        unpack(path, tmp_path, floor=1000, free=lambda _: 10)
