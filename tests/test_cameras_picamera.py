"""The Raspberry Pi's camera, with a stand-in that answers as picamera2 0.3 does."""

from __future__ import annotations

import gc
import sys
import weakref
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from device.errors import HardwareError
from device.see import picamera
from device.see.picamera import PicameraSource, Settings

SECOND_NS = 1_000_000_000


class StillClock:
    def now(self) -> float:
        return 1000.0

    def wall(self) -> float | None:
        return None


class FakeRequest:
    """A completed request: main is 32 lines of blue, lores is padded to a stride of 384 with 255."""

    def __init__(self, camera: FakePicamera2, metadata: dict[str, int]) -> None:
        self.camera = camera
        self.metadata = metadata
        self.released = 0

    def make_array(self, name: str) -> np.ndarray:
        assert not self.released
        width_px, height_px = self.camera.camera_configuration()[name]["size"]
        if name == "main":
            picture = np.zeros((height_px, width_px, 3), np.uint8)
            picture[..., 0] = 200
            return picture
        planes = np.full((height_px * 3 // 2, width_px + 64), 255, np.uint8)
        planes[:height_px, :width_px] = 30
        return planes

    def get_metadata(self) -> dict[str, int]:
        return self.metadata

    def release(self) -> None:
        self.released += 1


class FakePicamera2:
    """The part of picamera2's interface that is used, with its way to stall and to be busy."""

    def __init__(self, number: int = 0, stalls: bool = False, refuses: bool = False) -> None:
        self.number = number
        self.stalls = stalls
        self.refuses = refuses
        self.calls: list[str] = []
        self.requests: list[FakeRequest] = []
        self.metadata = {"SensorTimestamp": 7 * SECOND_NS}
        self.configuration: dict[str, Any] = {}
        self.itself: FakePicamera2 | None = None

    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        return [{"Model": "imx708_wide", "Num": 0}]

    def create_video_configuration(self, **configuration: Any) -> dict[str, Any]:
        return configuration

    def configure(self, configuration: dict[str, Any]) -> None:
        if self.refuses:
            raise RuntimeError("Failed to configure camera")
        self.configuration = configuration

    def camera_configuration(self) -> dict[str, Any]:
        return self.configuration

    def start(self) -> None:
        self.calls.append("start")

    def capture_request(self, wait: bool) -> str:
        assert wait is False
        return "job"

    def wait(self, job: str, timeout: float) -> FakeRequest:
        assert job == "job" and timeout > 0
        if self.stalls:
            raise TimeoutError
        self.requests.append(FakeRequest(self, self.metadata))
        return self.requests[-1]

    def cancel_all_and_flush(self) -> None:
        self.calls.append("cancel_all_and_flush")

    def close(self) -> None:
        self.calls.append("close")


def opened(camera: FakePicamera2, settings: Settings | None = None) -> PicameraSource:
    return PicameraSource(settings or Settings(), StillClock(), lambda _: camera)


def test_two_streams_of_one_field_of_view_are_asked_for() -> None:
    camera = FakePicamera2()
    opened(camera, Settings(width=1280, height=720, rate=10.0))
    assert camera.configuration["main"] == {"size": (1280, 720), "format": "RGB888"}
    assert camera.configuration["lores"] == {"size": (320, 180), "format": "YUV420"}
    assert camera.configuration["controls"] == {"FrameDurationLimits": (100_000, 100_000)}
    assert camera.configuration["raw"] is None and "transform" not in camera.configuration
    assert camera.calls == ["start"]


def test_a_frame_has_both_streams_without_padding_and_the_sensors_time() -> None:
    camera = FakePicamera2()
    frame = opened(camera).read()
    assert frame is not None
    assert frame.time == 7.0
    assert frame.image.shape == (720, 1280, 3) and frame.image[0, 0].tolist() == [200, 0, 0]
    assert frame.luma.shape == (90, 160) and set(frame.luma.ravel()) == {30}
    assert [request.released for request in camera.requests] == [1]


def test_a_frame_without_a_sensors_time_is_timed_by_the_clock() -> None:
    camera = FakePicamera2()
    camera.metadata = {}
    frame = opened(camera).read()
    assert frame is not None and frame.time == 1000.0


def test_a_camera_that_stalls_is_let_go_so_that_it_can_be_closed() -> None:
    camera = FakePicamera2(stalls=True)
    source = opened(camera)
    assert source.read() is None
    source.close()
    assert camera.calls == ["start", "cancel_all_and_flush", "close"]


def test_a_camera_that_cannot_be_configured_is_closed_and_named_with_the_fix() -> None:
    camera = FakePicamera2(refuses=True)
    with pytest.raises(HardwareError, match=r"number = 0 cannot be used \(Failed to configure"):
        opened(camera)
    assert camera.calls == ["close"]


def test_what_a_failed_camera_holds_is_given_back_before_the_next_is_opened() -> None:
    before: list[weakref.ref[FakePicamera2]] = []
    alive: list[bool] = []

    def busy(number: int) -> FakePicamera2:
        alive.extend(camera() is not None for camera in before)
        camera = FakePicamera2(number)
        camera.itself = camera  # picamera2 refers to itself too
        before.append(weakref.ref(camera))
        raise RuntimeError("Camera __init__ sequence did not complete")

    gc.disable()
    try:
        for _ in range(3):
            with pytest.raises(HardwareError):
                PicameraSource(Settings(), StillClock(), busy)
    finally:
        gc.enable()
    assert alive == [False] * 3


def test_a_camera_that_is_not_there_is_named_with_the_fix() -> None:
    def absent(number: int) -> FakePicamera2:
        raise RuntimeError(f"No camera number {number} found")

    with pytest.raises(HardwareError, match=r"number = 3 .*No camera number 3.*rpicam-hello --list-cameras"):
        PicameraSource(Settings(number=3), StillClock(), absent)


def test_a_camera_that_is_not_connected_is_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("picamera2")
    package.Picamera2 = FakePicamera2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", package)
    with pytest.raises(HardwareError, match=r"number = 1 cannot be used \(cameras connected: 1\)"):
        picamera.build(Settings(number=1), StillClock())


def test_why_a_camera_is_busy_is_said_in_libcameras_words() -> None:
    def busy(_: int) -> FakePicamera2:
        reason = RuntimeError("Failed to acquire camera: Device or resource busy")
        raise RuntimeError("Camera __init__ sequence did not complete.") from reason

    with pytest.raises(HardwareError, match=r"cannot be used \(Failed to acquire camera: .* busy\)"):
        PicameraSource(Settings(), StillClock(), busy)


def test_a_camera_mounted_upside_down_is_turned_by_the_sensor(monkeypatch: pytest.MonkeyPatch) -> None:
    libcamera = ModuleType("libcamera")
    libcamera.Transform = dict  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "libcamera", libcamera)
    camera = FakePicamera2()
    opened(camera, Settings(upside_down=True))
    assert camera.configuration["transform"] == {"hflip": 1, "vflip": 1}


def test_the_installed_package_is_used_and_its_camera_reopened(monkeypatch: pytest.MonkeyPatch) -> None:
    cameras: list[FakePicamera2] = []

    class Opened(FakePicamera2):
        def __init__(self, number: int) -> None:
            super().__init__(number, stalls=not cameras)
            cameras.append(self)

    package = ModuleType("picamera2")
    package.Picamera2 = Opened  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", package)
    monkeypatch.setattr("device.see.live.BACK_OFF_S", (0.0,))
    camera = picamera.build(Settings(), StillClock())
    frame = camera.next(30.0)
    camera.close()
    assert frame is not None and len(cameras) >= 2
    assert cameras[0].calls[-2:] == ["cancel_all_and_flush", "close"]


def test_a_missing_package_is_named_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(HardwareError, match=r"sudo apt install python3-picamera2.*--system-site-packages"):
        picamera.build(Settings(), StillClock())
