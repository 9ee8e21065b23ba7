"""Stored pictures: every odd one is read or refused in one line that names the file and the fix."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import PictureError
from device.see.luma import is_infrared, luma_of, make_frame
from device.see.picture_header import read_header
from device.see.pictures import find_pictures_and_videos, is_video, read_picture

KINDS = [".jpg", ".png", ".webp", ".bmp"]


def gradient(height_px: int = 60, width_px: int = 80) -> np.ndarray:
    rows = np.linspace(0, 255, height_px, dtype=np.uint8)[:, None, None]
    columns = np.linspace(0, 255, width_px, dtype=np.uint8)[None, :, None]
    return np.concatenate(np.broadcast_arrays(rows, columns, 255 - rows // 2), axis=2).astype(np.uint8)


def write(path: Path, picture: np.ndarray, *options: int) -> Path:
    assert cv2.imwrite(str(path), picture, list(options))
    return path


def oriented(jpeg: bytes, orientation: int) -> bytes:
    """A JPEG with an EXIF segment that holds nothing but an orientation."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("ending", KINDS)
def test_each_kind_of_picture_is_read_as_blue_green_red(tmp_path: Path, ending: str) -> None:
    picture = read_picture(write(tmp_path / f"a{ending}", gradient()))
    assert picture.shape == (60, 80, 3) and picture.dtype == np.uint8
    assert np.abs(picture.astype(int) - gradient()).mean() < 4


def test_grey_alpha_and_16_bit_pictures_become_three_colours_of_8_bits(tmp_path: Path) -> None:
    grey = read_picture(write(tmp_path / "grey.png", gradient()[..., 0]))
    alpha = read_picture(write(tmp_path / "alpha.png", np.dstack([gradient(), gradient()[..., 0]])))
    deep = read_picture(write(tmp_path / "deep.png", gradient().astype(np.uint16) * 257))
    assert np.array_equal(grey, np.repeat(gradient()[..., :1], 3, axis=2))
    assert np.array_equal(alpha, gradient())
    assert np.array_equal(deep, gradient())


def test_a_picture_of_one_pixel_is_a_picture(tmp_path: Path) -> None:
    picture = read_picture(write(tmp_path / "dot.png", np.full((1, 1, 3), 7, np.uint8)))
    assert picture.tolist() == [[[7, 7, 7]]]
    assert make_frame(picture, 0.0).luma.shape == (1, 1)


def test_a_huge_jpeg_is_reduced_while_it_is_decoded(tmp_path: Path) -> None:
    path = write(tmp_path / "huge.jpg", np.full((9000, 12000), 128, np.uint8))
    assert read_picture(path).shape == (2250, 3000, 3)


def test_a_huge_picture_that_would_have_to_be_decoded_whole_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "huge.png", np.zeros((9000, 12000), np.uint8))
    with pytest.raises(PictureError, match=r"huge.png has 12000 x 9000 pixels.*baseline JPEG"):
        read_picture(path)
    progressive = write(
        tmp_path / "huge.jpg", np.zeros((9000, 12000), np.uint8), cv2.IMWRITE_JPEG_PROGRESSIVE, 1
    )
    with pytest.raises(PictureError, match=r"huge.jpg has 12000 x 9000 pixels"):
        read_picture(progressive)


@pytest.mark.parametrize("long_side", [200, 5000])
def test_the_orientation_in_exif_is_applied_also_to_reduced_pictures(tmp_path: Path, long_side: int) -> None:
    picture = np.zeros((40, long_side, 3), np.uint8)
    picture[:, : long_side // 2] = 255
    encoded = cv2.imencode(".jpg", picture)[1].tobytes()
    path = tmp_path / "turned.jpg"
    path.write_bytes(oriented(encoded, 6))
    turned = read_picture(path)
    assert turned.shape[0] > turned.shape[1]
    assert turned[0].mean() > 250 and turned[-1].mean() < 5


@pytest.mark.parametrize("ending", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_a_picture_that_was_cut_short_is_refused(tmp_path: Path, ending: str, share: float) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    path = write(tmp_path / f"cut{ending}", noise)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(PictureError, match=f"cut{ending} "):
        read_picture(path)


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.png", gradient())
    data = bytearray(path.read_bytes())
    data[60:200] = bytes(140)
    path.write_bytes(data)
    with pytest.raises(PictureError, match=r"bad.png is damaged"):
        read_picture(path)


@pytest.mark.parametrize(
    ("name", "content", "fix"),
    [
        ("none.jpg", None, "does not exist"),
        ("empty.jpg", b"", "is empty"),
        ("letter.jpg", b"Dear cat, ...", "save it as JPEG or PNG"),
        ("half.jpg", b"\xff\xd8", "save it as JPEG or PNG"),
        ("no-size.jpg", b"\xff\xd8\xff\xda\x00\x02", "save it as JPEG or PNG"),
        ("none-wide.bmp", b"BM" + bytes(60), "save it as JPEG or PNG"),
    ],
)
def test_what_is_no_picture_is_named_with_the_fix(
    tmp_path: Path, name: str, content: bytes | None, fix: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(PictureError, match=f"{name}.*{fix}"):
        read_picture(tmp_path / name)


def test_a_folder_given_as_a_picture_is_named_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="is a folder"):
        read_picture(tmp_path)


@given(
    st.binary(max_size=200),
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF....WEBPVP8", b"BM", b""]),
)
def test_no_bytes_make_the_reading_of_a_header_fail(tail: bytes, head: bytes) -> None:
    header = read_header(head + tail)
    assert header is None or header.width_px >= 0


def test_pictures_and_videos_are_found_in_folders_sorted_and_once(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    names = ["b/z.JPG", "a.png", "b/film.mp4", "b/.hidden.jpg", "notes.txt"]
    for name in names:
        (tmp_path / name).touch()
    found = find_pictures_and_videos([tmp_path, tmp_path / "a.png", tmp_path / "notes.txt"])
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        "a.png",
        "b/film.mp4",
        "b/z.JPG",
        "notes.txt",
    ]
    assert [is_video(path) for path in found] == [False, True, False, False]


def test_a_path_that_does_not_exist_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="nowhere does not exist"):
        find_pictures_and_videos([tmp_path / "nowhere"])
    with pytest.raises(PictureError, match="holds no pictures or video"):
        find_pictures_and_videos([tmp_path])


@given(st.integers(1, 700), st.integers(1, 700))
def test_the_luma_plane_is_small_and_keeps_the_aspect(height_px: int, width_px: int) -> None:
    height, width = luma_of(np.zeros((height_px, width_px, 3), np.uint8)).shape
    assert 1 <= height <= 120 and 1 <= width <= 160
    assert abs(width * height_px - height * width_px) <= max(height_px, width_px)


def test_a_lit_picture_without_colour_is_infrared_and_a_dark_one_tells_nothing() -> None:
    assert is_infrared(np.full((60, 80, 3), 120, np.uint8))
    assert not is_infrared(gradient())
    assert not is_infrared(np.zeros((60, 80, 3), np.uint8))


def test_real_photographs_are_read_and_are_not_infrared(shared_data: Path) -> None:
    photographs = find_pictures_and_videos([shared_data / "photos" / "cat"])[:20]
    assert len(photographs) == 20
    assert not any(is_infrared(read_picture(path)) for path in photographs)
