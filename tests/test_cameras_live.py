"""Live cameras: only the newest frame, dropped ones counted, and a camera that stops is opened again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import cv2
import numpy as np
import pytest

from device.errors import HardwareError, PictureError
from device.interfaces import Camera
from device.messages import Frame
from device.see import stream, usb
from device.see.live import LEFT_BEHIND, LiveCamera
from device.see.newest import Newest
from device.see.patient import open_patiently
from device.see.usb import Settings, UsbSource

LONG_S = 30.0
"""A wait that only a failing test lasts out."""


class StillClock:
    def now(self) -> float:
        return 1000.0

    def wall(self) -> float | None:
        return 1_800_000_000.0


def frame(time: float) -> Frame:
    blank = np.zeros((4, 4, 3), np.uint8)
    return Frame(time, blank, blank[..., 0], 0)


class ScriptedSource:
    """A source that delivers one frame for each given time, after which it has stopped or waits."""

    def __init__(self, *times: float, stays: Event | None = None) -> None:
        self.frames: Iterator[Frame] = iter([frame(time) for time in times])
        self.stays = stays
        self.closed = False

    def read(self) -> Frame | None:
        following = next(self.frames, None)
        if following is None and self.stays is not None:
            self.stays.wait(LONG_S)
        return following

    def close(self) -> None:
        self.closed = True


def test_only_the_newest_frame_is_handed_out_and_the_dropped_ones_are_counted() -> None:
    newest = Newest()
    for time in (1.0, 2.0, 3.0):
        newest.put(frame(time))
    taken = newest.take(0.0)
    assert taken is not None and (taken.time, taken.number, taken.dropped) == (3.0, 2, 2)
    assert newest.take(0.0) is None
    newest.put(frame(4.0))
    taken = newest.take(0.0)
    assert taken is not None and (taken.number, taken.dropped) == (3, 0)


def test_whoever_waits_gets_the_frame_that_comes() -> None:
    newest = Newest()
    thread = Thread(target=newest.put, args=(frame(1.0),))
    thread.start()
    assert newest.take(LONG_S) is not None
    thread.join()


def test_what_ended_the_capture_thread_is_raised_after_its_last_frame() -> None:
    newest = Newest()
    newest.put(frame(1.0))
    newest.fail(ZeroDivisionError("why"))
    assert newest.take(0.0) is not None
    for _ in range(2):
        with pytest.raises(ZeroDivisionError, match="why"):
            newest.take(0.0)


def test_a_closed_slot_keeps_nobody_waiting() -> None:
    newest = Newest()
    newest.close()
    assert newest.take(LONG_S) is None


def test_a_camera_that_stops_is_closed_and_opened_again_however_often_it_takes() -> None:
    done = Event()
    first, last = ScriptedSource(1.0), ScriptedSource(9.0, stays=done)
    taken_first = Event()
    attempts = iter([HardwareError("unplugged"), ScriptedSource(), HardwareError("unplugged"), last])

    def open_again() -> ScriptedSource:
        assert taken_first.wait(LONG_S)
        attempt = next(attempts)
        if isinstance(attempt, HardwareError):
            raise attempt
        return attempt

    camera = LiveCamera("test", open_again, first=first, back_off=(0.0,))
    one = camera.next(LONG_S)
    taken_first.set()
    other = camera.next(LONG_S)
    done.set()
    camera.close()
    assert one is not None and one.time == 1.0
    assert other is not None and (other.time, other.number, other.dropped) == (9.0, 1, 0)
    assert first.closed and last.closed


def test_a_camera_that_is_away_gives_no_frames_and_can_be_closed_at_once() -> None:
    def absent() -> ScriptedSource:
        raise HardwareError("unplugged")

    camera = LiveCamera("test", absent, back_off=(LONG_S,))
    assert camera.next(0.0) is None
    camera.close()
    assert camera.next(LONG_S) is None


def test_what_a_camera_cannot_recover_from_is_raised_where_frames_are_asked_for() -> None:
    def broken() -> ScriptedSource:
        raise ZeroDivisionError("a fault in the driver")

    camera = LiveCamera("test", broken)
    with pytest.raises(ZeroDivisionError, match="a fault in the driver"):
        camera.next(LONG_S)
    camera.close()


class FakeCapture:
    """What OpenCV shows of a V4L2 device, which stamps its frames at second 49.9."""

    def __init__(self, opens: bool = True, frames: int = 3) -> None:
        self.opens = opens
        self.frames = frames
        self.asked: list[tuple[int, float]] = []
        self.released = False

    def __call__(self, path: str, backend: int) -> FakeCapture:
        self.path, self.backend = path, backend
        return self

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.opens

    def set(self, what: int, value: float) -> bool:
        self.asked.append((what, value))
        return True

    def get(self, what: int) -> float:
        return 49_900.0 if what == cv2.CAP_PROP_POS_MSEC else 0.0

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.frames -= 1
        return (True, np.full((120, 160, 3), 9, np.uint8)) if self.frames >= 0 else (False, None)

    def release(self) -> None:
        self.released = True


def open_fake(capture: FakeCapture, device: Path, monotonic: float = 50.0) -> UsbSource:
    settings = Settings(device=str(device), width=160, height=120, rate=10.0)
    return UsbSource(settings, StillClock(), capture, lambda: monotonic)  # type: ignore[arg-type]


def test_a_usb_camera_is_asked_for_its_format_first_and_timed_by_its_own_stamp(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    capture = FakeCapture()
    source = open_fake(capture, tmp_path / "video0")
    taken = source.read()
    assert capture.backend == cv2.CAP_V4L2
    assert capture.asked[0] == (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    assert (cv2.CAP_PROP_FRAME_WIDTH, 160) in capture.asked and (cv2.CAP_PROP_FPS, 10.0) in capture.asked
    assert taken is not None and taken.time == pytest.approx(999.9)
    assert taken.wall == 1_800_000_000.0 and taken.luma.shape == (120, 160)


@pytest.mark.parametrize("monotonic", [10.0, 5000.0])
def test_a_stamp_of_another_clock_is_not_believed(tmp_path: Path, monotonic: float) -> None:
    (tmp_path / "video0").touch()
    taken = open_fake(FakeCapture(), tmp_path / "video0", monotonic).read()
    assert taken is not None and taken.time == 1000.0


def test_a_usb_camera_that_stops_says_so(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    capture = FakeCapture(frames=0)
    source = open_fake(capture, tmp_path / "video0")
    assert source.read() is None
    source.close()
    assert capture.released


def test_an_absent_usb_camera_is_named_with_the_fix() -> None:
    with pytest.raises(HardwareError, match=r"device = 63: /dev/video63 does not exist; plug the camera in"):
        usb.build(Settings(device=63), StillClock())


def test_a_usb_camera_that_another_program_uses_is_named_with_the_fix(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    capture = FakeCapture(opens=False)
    with pytest.raises(HardwareError, match=r"video0 cannot be opened as a camera; end the program"):
        open_fake(capture, tmp_path / "video0")
    assert capture.released


def test_a_stream_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(HardwareError, match=r"'rtsp://127.0.0.1:9/1' does not answer; check address"):
        stream.StreamSource("rtsp://me:secret@127.0.0.1:9/1", StillClock())


class HangingSource(ScriptedSource):
    """A driver that does not come back from one of its calls."""

    def __init__(self, *times: float, hangs_in: str, freed: Event) -> None:
        super().__init__(*times)
        self.hangs_in, self.freed = hangs_in, freed

    def read(self) -> Frame | None:
        following = super().read()
        if following is None and self.hangs_in == "reading":
            self.freed.wait(LONG_S)
        return following

    def close(self) -> None:
        if self.hangs_in == "closing":
            self.freed.wait(LONG_S)
        super().close()


def until_it_comes(camera: Camera, time: float) -> Frame:
    """Ask for frames as the loop does, until that of `time` comes."""
    for _ in range(round(LONG_S / 0.01)):
        found = camera.next(0.01)
        if found is not None and found.time == time:
            return found
    raise AssertionError("it never came")


@pytest.mark.parametrize("hangs_in", ["opening", "reading", "closing"])
def test_a_driver_that_hangs_is_left_behind_and_another_begun(hangs_in: str) -> None:
    freed, done = Event(), Event()
    opened: list[ScriptedSource] = []

    def open_again() -> ScriptedSource:
        if hangs_in == "opening" and not opened:
            opened.append(ScriptedSource())
            freed.wait(LONG_S)
            raise HardwareError("too late")
        opened.append(ScriptedSource(9.0, stays=done))
        return opened[-1]

    first = HangingSource(1.0, hangs_in=hangs_in, freed=freed)
    camera = LiveCamera("test", open_again, first=first, back_off=(0.0,), hangs_s=0.05)
    until_it_comes(camera, 9.0)
    assert camera.trouble == ""
    freed.set()
    done.set()
    camera.close()


def test_no_more_hanging_drivers_are_left_behind_than_may_help() -> None:
    freed, opened = Event(), []

    def open_again() -> ScriptedSource:
        opened.append(None)
        freed.wait(LONG_S)
        raise HardwareError("unplugged")

    camera = LiveCamera("test", open_again, back_off=(0.0,), hangs_s=0.01)
    for _ in range(100):
        assert camera.next(0.01) is None
    assert len(opened) == 1 + LEFT_BEHIND
    freed.set()
    camera.close()


def test_drivers_that_came_back_after_all_make_room_for_others_that_hang() -> None:
    first, later, opened = Event(), Event(), []
    most = 1 + LEFT_BEHIND

    def open_again() -> ScriptedSource:
        opened.append(None)
        (first if len(opened) <= most else later).wait(LONG_S)
        raise HardwareError("unplugged")

    camera = LiveCamera("test", open_again, back_off=(0.0,), hangs_s=0.01)
    for wanted, hung in ((most, first), (2 * most, later)):
        for _ in range(round(LONG_S / 0.01)):
            if len(opened) == wanted:
                break
            camera.next(0.01)
        assert len(opened) == wanted
        hung.set()
    camera.close()


def test_a_frame_of_a_driver_that_was_left_behind_comes_too_late() -> None:
    freed, done = Event(), Event()
    late = ScriptedSource(2.0, stays=done)

    class Late(ScriptedSource):
        def read(self) -> Frame | None:
            freed.wait(LONG_S)
            return late.read()

    camera = LiveCamera(
        "test", lambda: ScriptedSource(9.0, stays=done), first=Late(), back_off=(0.0,), hangs_s=0.05
    )
    until_it_comes(camera, 9.0)
    freed.set()
    assert camera.next(0.2) is None
    done.set()
    camera.close()


def test_a_camera_tells_why_no_frames_come() -> None:
    def absent() -> ScriptedSource:
        raise HardwareError("/dev/video7 does not exist")

    camera = LiveCamera("test", absent, back_off=(LONG_S,))
    for _ in range(round(LONG_S / 0.01)):
        if camera.trouble:
            break
        camera.next(0.01)
    assert camera.trouble == "/dev/video7 does not exist"
    camera.close()


def test_a_camera_that_is_there_is_handed_on_as_it_is() -> None:
    camera = LiveCamera("test", ScriptedSource)
    assert open_patiently("test", lambda: camera, LONG_S) is camera
    camera.close()


def test_a_camera_that_is_absent_at_the_start_is_looked_for_until_it_is_there() -> None:
    done = Event()
    attempts = iter([HardwareError("unplugged"), HardwareError("still unplugged")])

    def build() -> Camera:
        if error := next(attempts, None):
            raise error
        return LiveCamera("test", absent, first=ScriptedSource(9.0, stays=done))

    def absent() -> ScriptedSource:
        raise HardwareError("gone")

    camera = open_patiently("test", build, LONG_S, back_off=(0.0,))
    until_it_comes(camera, 9.0)
    done.set()
    camera.close()


def test_a_driver_that_hangs_at_the_start_keeps_nobody_waiting_for_long() -> None:
    freed = Event()

    def build() -> Camera:
        freed.wait(LONG_S)
        raise HardwareError("too late")

    camera = open_patiently("test", build, 0.05, back_off=(LONG_S,))
    assert camera.next(0.01) is None
    assert "has not answered" in str(getattr(camera, "trouble", ""))
    freed.set()
    camera.close()


def test_what_no_patience_can_mend_ends_the_start() -> None:
    def build() -> Camera:
        raise PictureError("the recording is empty")

    with pytest.raises(PictureError, match="empty"):
        open_patiently("test", build, LONG_S)
