"""The owner's own cut-outs: which picture is whose, and one clear line for each that cannot be used."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from device.errors import ConfigError, PictureError
from simulator.cutouts import FolderWardrobe, read_cut_out
from simulator.render import PackagedWardrobe
from simulator.visitors import Visitor

HOUSEHOLD = ("mimi", "luna")
MIMI, LUNA, TOM = (Visitor(name, 0.0) for name in (*HOUSEHOLD, "the tom"))
RACCOON = Visitor("racky", 0.0, species="raccoon")
PACKAGED = PackagedWardrobe(HOUSEHOLD)


def dressed(folder: Path) -> FolderWardrobe:
    return FolderWardrobe(folder, HOUSEHOLD, PACKAGED)


def save(path: Path, colour=(40, 90, 200), *, alpha: bool = True) -> Path:
    """An animal of one colour, 60 wide and 100 high, in the middle of a larger picture."""
    picture = np.full((160, 120, 4), 255, np.uint8)
    picture[..., 3] = 0
    picture[30:130, 30:90] = (*colour, 255)
    cv2.imwrite(str(path), picture if alpha else picture[..., :3])
    return path


def colour_of(sprite) -> list[int]:
    height, width = sprite.cover.shape
    return sprite.image[height - 5, width // 2].tolist()


def test_each_plays_in_its_own_picture_then_in_that_of_its_species_and_else_in_a_packaged_one(tmp_path):
    save(tmp_path / "mimi.png", (1, 2, 3))
    save(tmp_path / "raccoon.png", (4, 5, 6))
    shown = dressed(tmp_path)
    assert colour_of(shown.sprite(MIMI, "clear", carrying=False)) == [1, 2, 3]
    assert colour_of(shown.sprite(RACCOON, "clear", carrying=False)) == [4, 5, 6]
    for visitor in (TOM, LUNA):
        assert shown.sprite(visitor, "clear", carrying=False) is PACKAGED.sprite(
            visitor, "clear", carrying=False
        )
    assert set(shown.names) == {"mimi", "raccoon"}


def test_a_picture_for_all_cats_is_worn_by_strangers_and_never_by_one_of_the_household(tmp_path):
    save(tmp_path / "cat.png", (7, 8, 9))
    shown = dressed(tmp_path)
    assert colour_of(shown.sprite(TOM, "clear", carrying=False)) == [7, 8, 9]
    assert shown.sprite(LUNA, "clear", carrying=False) is PACKAGED.sprite(LUNA, "clear", carrying=False)


def test_a_picture_is_cut_to_what_is_seen_of_the_animal(tmp_path):
    assert read_cut_out(save(tmp_path / "mimi.png")).sprite.cover.shape == (100, 60)


def test_prey_and_poses_have_pictures_of_their_own_where_the_owner_made_them(tmp_path):
    for name, colour in (("mimi", (1, 1, 1)), ("mimi-prey", (2, 2, 2)), ("mimi-down", (3, 3, 3))):
        save(tmp_path / f"{name}.png", colour)
    shown = dressed(tmp_path)
    assert colour_of(shown.sprite(MIMI, "clear", carrying=True)) == [2, 2, 2]
    assert colour_of(shown.sprite(MIMI, "down", carrying=True)) == [3, 3, 3]
    assert shown.names == ("mimi",)


def test_without_such_a_picture_a_mouse_is_drawn_at_the_mouth_that_the_owner_named(tmp_path):
    save(tmp_path / "mimi.png")
    (tmp_path / "mimi.toml").write_text("mouth = [60, 110]\n", encoding="utf-8")
    shown = dressed(tmp_path)
    clean, prey = (shown.sprite(MIMI, "clear", carrying=each).image for each in (False, True))
    rows, columns = np.nonzero(cv2.absdiff(clean, prey).max(axis=2) > 20)
    assert abs(float(np.median(rows)) - 80) < 12
    assert abs(float(np.median(columns)) - 30) < 12


def test_a_head_turned_away_shows_fur_where_the_face_was(tmp_path):
    picture = np.zeros((100, 60, 4), np.uint8)
    picture[..., 3] = 255
    picture[0, 0, 3] = 0
    picture[:50] = (255, 255, 255, 255)  # the face
    picture[0, 0, 3] = 0
    cv2.imwrite(str(tmp_path / "mimi.png"), picture)
    averted = dressed(tmp_path).sprite(MIMI, "averted", carrying=True)
    assert averted.image.max() == 0


@pytest.mark.parametrize(
    "sidecar", ["box = [30, 30, 90, 130]", "polygon = [[30, 30], [90, 30], [90, 130], [30, 130]]"]
)
def test_a_photograph_needs_only_a_box_or_an_outline_beside_it(tmp_path, sidecar):
    path = save(tmp_path / "mimi.jpg", alpha=False)
    (tmp_path / "mimi.toml").write_text(sidecar, encoding="utf-8")
    height, width = read_cut_out(path).sprite.cover.shape
    assert (abs(height - 100) <= 3, abs(width - 60) <= 3) == (True, True)


@pytest.mark.parametrize(
    ("sidecar", "fault", "parts"),
    [
        (None, PictureError, ("mimi.png", "transparent", "mimi.toml")),
        ("boks = [1, 2, 3, 4]", ConfigError, ("mimi.toml", "boks", "box")),
        ("box = [1, 2]", ConfigError, ("mimi.toml", "box")),
        ("box = [900, 900, 950, 990]", PictureError, ("mimi.png", "nothing")),
        ("box = ", ConfigError, ("mimi.toml", "TOML")),
    ],
)
def test_a_picture_that_does_not_say_where_the_animal_is_is_told_with_the_fix(
    tmp_path, sidecar, fault, parts
):
    save(tmp_path / "mimi.png", alpha=False)
    if sidecar is not None:
        (tmp_path / "mimi.toml").write_text(sidecar, encoding="utf-8")
    with pytest.raises(fault) as error:
        dressed(tmp_path)
    for part in parts:
        assert part in str(error.value)


def test_pictures_that_cannot_be_used_end_the_command_before_any_scene_is_played(latchlens, tmp_path):
    real = ("simulate", "--scene", "s1", "--vision", "real", "--sprites")
    latchlens(*real, tmp_path / "nowhere").refused("nowhere", "no such folder", status=2)
    latchlens(*real, tmp_path).refused("mimi.png", status=2)
    (tmp_path / "mimi.png").write_bytes(b"not a picture")
    latchlens(*real, tmp_path).refused("mimi.png", "PNG")
    save(tmp_path / "mimi.png", alpha=False)
    latchlens(*real, tmp_path).refused("mimi.png", "transparent")


def test_pictures_are_of_no_use_to_the_oracle(latchlens, tmp_path):
    answer = latchlens("simulate", "--scene", "s1", "--sprites", tmp_path)
    answer.refused("--sprites", "--vision real", status=2)
