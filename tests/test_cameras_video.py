"""The video camera: files and folders are played the same each time, and bad ones are named with a fix."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from device.errors import PictureError
from device.interfaces import EndOfVideo
from device.messages import Frame
from device.see import video
from device.see.stream import is_address, without_password
from device.see.video import RealTimeCamera, Settings


class HandClock:
    """A clock that only the test moves; waiting moves it too."""

    def __init__(self, time: float = 0.0) -> None:
        self.time = time

    def now(self) -> float:
        return self.time

    def wall(self) -> float | None:
        return None

    def wait(self, seconds: float) -> None:
        self.time += seconds


def write_video(path: Path, frames: int = 20, rate: float = 10.0) -> Path:
    """A video of noise on the left and of a grey that brightens by 10 a frame on the right."""
    noise = np.random.default_rng(1)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (160, 120))
    for number in range(frames):
        picture = np.full((120, 160, 3), number * 10, np.uint8)
        picture[:, :80] = noise.integers(0, 255, (120, 80, 3))
        writer.write(picture)
    writer.release()
    return path


def write_pictures(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        cv2.imwrite(str(folder / f"{number:03}.png"), np.full((12, 16, 3), number, np.uint8))
    return folder


def play(path: Path, **settings: object) -> list[Frame]:
    camera = video.build(Settings(str(path), **settings), HandClock())  # type: ignore[arg-type]
    return play_out(camera)


def play_out(camera: video.Camera) -> list[Frame]:
    frames = []
    try:
        while True:
            frame = camera.next(timeout=10.0)
            assert frame is not None
            frames.append(frame)
    except EndOfVideo:
        return frames


def same(one: list[Frame], other: list[Frame]) -> bool:
    return len(one) == len(other) and all(
        (a.time, a.number, a.wall) == (b.time, b.number, b.wall)
        and np.array_equal(a.image, b.image)
        and np.array_equal(a.luma, b.luma)
        for a, b in zip(one, other, strict=True)
    )


def test_a_file_is_played_with_its_own_times_and_no_wall_time(tmp_path: Path) -> None:
    frames = play(write_video(tmp_path / "a.avi"))
    assert [frame.time for frame in frames] == pytest.approx([number / 10 for number in range(20)])
    assert [frame.number for frame in frames] == list(range(20))
    assert {frame.wall for frame in frames} == {None}
    assert frames[0].image.shape == (120, 160, 3) and frames[0].luma.shape == (120, 160)


def test_the_same_file_twice_gives_the_same_frames(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi")
    assert same(play(path), play(path))


def test_start_end_every_and_rate_choose_frames_without_changing_their_times(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi")
    assert [frame.number for frame in play(path, start=0.5, end=0.8)] == [5, 6, 7]
    assert [frame.number for frame in play(path, every=5)] == [0, 5, 10, 15]
    assert [frame.number for frame in play(path, rate=5.0)] == list(range(0, 20, 2))
    assert [frame.number for frame in play(path, rate=100.0)] == list(range(20))
    assert play(path, start=0.5)[0].time == pytest.approx(0.5)


def test_a_start_after_the_end_of_the_video_is_the_end(tmp_path: Path) -> None:
    assert play(write_video(tmp_path / "a.avi"), start=100.0) == []


def test_a_wall_time_given_for_second_0_runs_with_the_recording(tmp_path: Path) -> None:
    frames = play(write_video(tmp_path / "a.avi"), wall=1_800_000_000.0, start=1.0)
    assert frames[0].wall == pytest.approx(1_800_000_001.0)


def test_a_video_that_ends_in_the_middle_of_a_frame_gives_those_before_it_and_says_so(
    tmp_path: Path,
) -> None:
    whole = play(write_video(tmp_path / "a.avi"))
    data = (tmp_path / "a.avi").read_bytes()
    (tmp_path / "cut.avi").write_bytes(data[: len(data) * 53 // 100])
    camera = video.build(Settings(str(tmp_path / "cut.avi")), HandClock())
    frames: list[Frame] = []
    with pytest.raises(PictureError, match=r"cut\.avi ends in the middle, after .* s; copy it again"):
        while (frame := camera.next(timeout=10.0)) is not None:
            frames.append(frame)
    assert 8 <= len(frames) < 20
    assert same(frames, whole[: len(frames)])
    assert len(play(tmp_path / "cut.avi", end=0.5)) == 5, "what was asked for is all there"


def test_a_folder_of_pictures_is_played_in_the_order_of_names_at_five_a_second(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "pictures", 6)
    frames = play(folder)
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [0, 1, 2, 3, 4, 5]
    assert [frame.time for frame in frames] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert [frame.number for frame in play(folder, rate=1.0, start=1.0, end=5.0, every=2)] == [2, 4]


class BrokenCapture:
    """An open video whose time stamps are given; it delivers black pictures."""

    def __init__(self, stamps_ms: list[float]) -> None:
        self.stamps_ms = stamps_ms
        self.position = 0

    def get(self, what: int) -> float:
        return 0.0 if what == cv2.CAP_PROP_FPS else self.stamps_ms[self.position]

    def grab(self) -> bool:
        self.position += 1
        return self.position < len(self.stamps_ms)

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, np.zeros((4, 4, 3), np.uint8)

    def release(self) -> None: ...


def test_times_rise_even_where_the_stamps_of_the_file_are_broken() -> None:
    capture = BrokenCapture([0.0, 0.0, -5.0, float("nan"), 500.0, 100.0])
    times = [frame.time for frame in video._read_file(capture, Settings("x"))]  # type: ignore[arg-type]
    assert times == pytest.approx([0.0, 0.04, 0.08, 0.12, 0.5, 0.54])


def test_in_real_time_frames_come_when_they_are_due_and_late_ones_are_dropped_and_counted() -> None:
    pace, clock = HandClock(50.0), HandClock(1000.0)
    blank = np.zeros((4, 4, 3), np.uint8)
    recorded = [Frame(3.0 + number / 10, blank, blank[..., 0], number) for number in range(10)]
    camera = RealTimeCamera(iter(recorded), clock, pace.now, pace.wait)
    first = camera.next(1.0)
    assert first is not None and (first.number, first.time) == (0, pytest.approx(1000.0))
    assert camera.next(0.04) is None
    second = camera.next(1.0)
    assert second is not None and (second.number, second.time) == (1, pytest.approx(1000.1))
    pace.wait(0.45)
    late = camera.next(1.0)
    assert late is not None and (late.number, late.dropped) == (5, 3)
    assert [frame.number for frame in play_out(camera)] == [6, 7, 8, 9]


def test_in_real_time_under_a_clock_that_the_recording_sets_times_are_the_recordings(tmp_path: Path) -> None:
    camera = video.build(
        Settings(str(write_video(tmp_path / "a.avi", 3, 100.0)), speed="real-time"), HandClock()
    )
    assert play_out(camera)[0].time == 0.0


def test_a_closed_real_time_camera_lets_go_at_once(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", 3, 0.01)
    camera = video.build(Settings(str(path), speed="real-time"), HandClock())
    assert camera.next(1.0) is not None
    camera.close()
    assert camera.next(60.0) is None


@pytest.mark.parametrize(
    ("content", "fix"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"These are only words.\n" * 500, "is text"),
        (b"\x00\x01\x02" * 500, "is not a video"),
    ],
)
def test_a_file_that_cannot_be_played_is_named_with_the_fix(
    tmp_path: Path, content: bytes | None, fix: str
) -> None:
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PictureError, match=f"film.mp4.*{fix}"):
        video.build(Settings(str(path)), HandClock())


def test_a_folder_without_pictures_is_named_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"holds no pictures; .*\.jpg"):
        video.build(Settings(str(tmp_path)), HandClock())


def test_addresses_are_told_from_files_and_shown_without_password() -> None:
    assert is_address("rtsp://cam/1") and not is_address("clips/a.mp4") and not is_address("/a.mp4")
    assert without_password("rtsp://me:secret@cam:554/1?q=2") == "rtsp://cam:554/1?q=2"


def test_a_real_clip_is_played_whole(shared_data: Path) -> None:
    frames = play(shared_data / "video" / "cat_jumps_on_chair.mp4")
    assert len(frames) == 223
    assert frames[-1].time == pytest.approx(8.88)
    assert frames[0].luma.shape == (84, 160)
    assert not any(frame.infrared for frame in frames)
