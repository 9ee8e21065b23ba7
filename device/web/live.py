"""The live picture: encoded only while somebody watches, once for all who do, persons blurred."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from threading import Lock

import anyio
import anyio.to_thread
import cv2
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from device.web.appliance import Redact
from device.web.latest import Latest, Seen
from device.web.problems import problem

VIEWERS = 3
FRAMES_A_SECOND = 5
SHARED_S = 0.9 / FRAMES_A_SECOND
"""A picture that one viewer got is good for the others for so long: three cost no more than one."""
WIDEST_PX = 960
"""A phone shows no more, and a Pi encodes less."""
QUALITY = 75
LONGEST_S = 3600.0
"""A stream ends after so long, lest a forgotten window keeps the device at work; the page begins anew."""
BOUNDARY = "latchlens-frame"


class Viewers:
    """Counts who watches, three at most."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.watching = 0

    def enter(self) -> bool:
        """Whether there is room for one more, who then must `leave`."""
        with self._lock:
            if self.watching >= VIEWERS:
                return False
            self.watching += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self.watching -= 1


@dataclass(frozen=True, slots=True)
class Encoded:
    """A frame as it is shown."""

    number: int
    time: float
    made: float
    """Monotonic seconds at which it was encoded."""
    jpeg: bytes

    def serves(self, seen: Seen, old_s: float) -> bool:
        """Whether it is the newest frame, or was so not long ago."""
        same = (self.number, self.time) == (seen.frame.number, seen.frame.time)
        return same or time.monotonic() - self.made < old_s


class LivePicture:
    """The newest frame as JPEG."""

    def __init__(self, latest: Latest, redact: Redact) -> None:
        self.viewers = Viewers()
        self._latest = latest
        self._redact = redact
        self._lock = Lock()
        self._encoded: Encoded | None = None

    def jpeg(self, old_s: float = 0.0) -> bytes | None:
        """The newest frame, or one that was encoded at most `old_s` ago; None if there was none yet."""
        moment = self._latest.moment
        if moment is None or moment.seen is None:
            return None
        with self._lock:
            if self._encoded is None or not self._encoded.serves(moment.seen, old_s):
                self._encoded = self._encode(moment.seen)
            return self._encoded.jpeg

    def _encode(self, seen: Seen) -> Encoded:
        image = self._redact(seen.frame.image, seen.hiding)
        height, width = image.shape[:2]
        if width > WIDEST_PX:
            size = (WIDEST_PX, max(round(height * WIDEST_PX / width), 1))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        return Encoded(seen.frame.number, seen.frame.time, time.monotonic(), content.tobytes())

    async def parts(self, welcome: Callable[[], bool]) -> AsyncIterator[bytes]:
        """Parts of a multipart/x-mixed-replace answer, while the caller is `welcome`."""
        ends, shown = time.monotonic() + LONGEST_S, b""
        while time.monotonic() < ends and welcome():
            picture = await anyio.to_thread.run_sync(self.jpeg, SHARED_S)
            if picture is not None and picture is not shown:
                shown = picture
                yield _part(picture)
            await anyio.sleep(1 / FRAMES_A_SECOND)


class LiveStream(StreamingResponse):
    """The answer to one viewer, or a refusal when three are watching already."""

    def __init__(self, picture: LivePicture, welcome: Callable[[], bool]) -> None:
        super().__init__(picture.parts(welcome), media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self._viewers = picture.viewers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whoever enters leaves, however the stream ends."""
        if not self._viewers.enter():
            detail = f"{VIEWERS} are watching already; close another window, or ask for /api/v1/live/frame"
            await problem(503, detail, headers={"Retry-After": "5"})(scope, receive, send)
            return
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._viewers.leave()


def _part(picture: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"
