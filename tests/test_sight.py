"""When pictures prove nothing, and when they do again."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.messages import Frame, Luma
from device.see.sight import Settings, SightCheck, build

STEP = 0.25


def frame(luma: Luma, time: float) -> Frame:
    return Frame(time, np.zeros((1, 1, 3), np.uint8), luma, 0)


def noisy(seed: int, level: float = 100, noise: float = 3.0) -> Luma:
    plane = np.random.default_rng(seed).normal(level, noise, (120, 160))
    return np.clip(plane, 0, 255).astype(np.uint8)


def watch(check: SightCheck, planes: list[Luma | None], start: float = 0.0) -> list[str | None]:
    """The answers to planes that come every quarter of a second; None is a pass without a frame."""
    answers = []
    for index, plane in enumerate(planes):
        now = start + index * STEP
        answers.append(check.check(None if plane is None else frame(plane, now), now))
    return answers


def test_a_camera_sees_from_its_first_good_frame() -> None:
    assert build(Settings()).check(frame(noisy(0), 10.0), 10.0) is None


@pytest.mark.parametrize(
    ("plane", "reason"),
    [
        (noisy(1, level=2), "black"),
        (np.zeros((120, 160), np.uint8), "black"),
        (noisy(2, level=255, noise=1), "saturated"),
        (np.full((120, 160), 255, np.uint8), "saturated"),
    ],
)
def test_a_covered_or_dazzled_camera_is_blind_at_once(plane: Luma, reason: str) -> None:
    assert build(Settings()).check(frame(plane, 1.0), 1.0) == reason


def test_a_dark_scene_with_a_lit_corner_is_seen() -> None:
    plane = noisy(3, level=4)
    plane[:20, :20] = 80
    assert build(Settings()).check(frame(plane, 1.0), 1.0) is None


@pytest.mark.parametrize("others", [192, 193])
@pytest.mark.parametrize("first", [0, 1])
def test_a_hundredth_of_other_pixels_decides_wherever_they_lie(others: int, first: int) -> None:
    """Also when they fill rows of which one in sixteen is looked at first, or lie beside all of those."""
    plane = np.zeros((120, 160), np.uint8)
    plane[[first, first + 16]] = 80
    plane[first, : 320 - others] = 0
    answer = build(Settings()).check(frame(plane, 1.0), 1.0)
    assert answer == ("black" if others == 192 else None)


def test_an_animal_before_a_blinding_backlight_is_seen() -> None:
    plane = np.full((120, 160), 255, np.uint8)
    plane[80:, 60:90] = 30
    assert build(Settings()).check(frame(plane, 1.0), 1.0) is None


def test_frames_alike_to_the_last_bit_for_seconds_are_frozen() -> None:
    answers = watch(build(Settings(frozen_seconds=2.0)), [noisy(4)] * 12)
    assert answers == [None] * 8 + ["frozen"] * 4


def test_a_still_scene_with_sensor_noise_is_never_frozen() -> None:
    planes = [noisy(seed, noise=0.4) for seed in range(100)]
    assert set(watch(build(Settings()), [*planes])) == {None}


def test_a_frozen_picture_of_another_size_is_a_new_picture() -> None:
    check = build(Settings(frozen_seconds=1.0))
    assert watch(check, [noisy(4)] * 3 + [noisy(4)[:90]] * 3) == [None] * 6


def test_an_old_frame_is_stale() -> None:
    check = build(Settings(stale_seconds=1.0))
    assert check.check(frame(noisy(5), 1.0), 1.9) is None
    assert check.check(frame(noisy(6), 1.1), 2.2) == "stale"


def test_a_camera_that_stops_is_gone_after_its_time() -> None:
    check = build(Settings(gone_seconds=1.0))
    assert watch(check, [noisy(7), None, None, None, None, None]) == [None] * 4 + ["gone"] * 2


def test_a_camera_that_never_delivers_is_gone_too() -> None:
    assert watch(build(Settings(gone_seconds=1.0)), [None] * 6) == [None] * 4 + ["gone"] * 2


def test_a_camera_sees_again_only_after_a_while_of_good_frames() -> None:
    check = build(Settings(good_seconds=1.0))
    dark = np.zeros((120, 160), np.uint8)
    answers = watch(check, [dark, *(noisy(seed) for seed in range(6))])
    assert answers == ["black"] * 5 + [None] * 2


def test_a_relapse_begins_the_while_anew() -> None:
    check = build(Settings(good_seconds=1.0))
    dark = np.zeros((120, 160), np.uint8)
    answers = watch(check, [dark, noisy(1), noisy(2), noisy(3), dark, noisy(4), noisy(5), noisy(6), noisy(7)])
    assert set(answers) == {"black"}


def test_a_pass_without_a_frame_interrupts_the_while() -> None:
    check = build(Settings(good_seconds=0.5))
    dark = np.zeros((120, 160), np.uint8)
    assert set(watch(check, [dark, noisy(1), None, noisy(2), noisy(3)])) == {"black"}


def test_a_picture_that_freezes_while_black_is_frozen_once_lit() -> None:
    """Each frame is judged by its gravest fault, and the reason changes with it."""
    check = build(Settings(frozen_seconds=1.0))
    dark = np.zeros((120, 160), np.uint8)
    answers = watch(check, [dark] * 6 + [noisy(1)] * 6)
    assert answers == ["black"] * 10 + ["frozen"] * 2


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["good", "dark", "bright", "none"]), max_size=40))
def test_a_camera_that_sees_had_good_frames_throughout_the_last_second(kinds: list[str]) -> None:
    """Unless it never was blind."""
    makers = {
        "good": noisy,
        "dark": lambda _: np.zeros((120, 160), np.uint8),
        "bright": lambda _: np.full((120, 160), 255, np.uint8),
        "none": lambda _: None,
    }
    answers = watch(build(Settings()), [makers[kind](seed) for seed, kind in enumerate(kinds)])
    for index, answer in enumerate(answers):
        since = next((i for i in range(index, -1, -1) if kinds[i] in ("dark", "bright")), None)
        if answer is None and since is not None:
            assert index - since > 1.0 / STEP
            assert kinds[index] in ("good", "none")


def test_real_flap_frames_with_a_cat_are_not_blind(shared_data: Path) -> None:
    paths = sorted((shared_data / "flap" / "positive").iterdir())[::20]
    seen = [
        build(Settings()).check(frame(cv2.resize(plane, (160, 120), interpolation=cv2.INTER_AREA), 0.0), 0.0)
        for path in paths
        if (plane := cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)) is not None
    ]
    assert seen
    assert set(seen) == {None}
