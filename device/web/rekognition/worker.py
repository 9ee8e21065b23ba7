"""The thread `rekognition`: one request after another, at low priority, with rests; the loop never waits."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from device.errors import LatchlensError
from device.web.rekognition.faults import INTERNAL, RequestError
from device.web.rekognition.operations import Operation
from device.web.rekognition.studio import Studio

log = logging.getLogger(__name__)

NICENESS = 15
REST, LONGEST_REST_S = 4.0, 1.0
"""Between two requests the thread rests for so many times as long as the first one took, and no longer."""


class Worker:
    """Starts its thread at the first request."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._pool = ThreadPoolExecutor(1, "rekognition", _step_back)
        self._rests_until = 0.0

    async def answer(self, operation: Operation[Any], body: bytes) -> dict[str, Any]:
        """The answer of `operation` to the request in `body`; raises RequestError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._answer, operation, body)

    def close(self) -> None:
        """Answer nothing more, and end the thread once it has finished its request."""
        self._studio.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _answer(self, operation: Operation[Any], body: bytes) -> dict[str, Any]:
        # A thread of low priority still shares the interpreter and the caches with the loop: it rests, too.
        time.sleep(max(self._rests_until - time.perf_counter(), 0.0))
        began = time.perf_counter()
        try:
            return operation(self._studio, body)
        except LatchlensError as error:  # a model or a file of ours is damaged: the log says which
            log.error("%s", error)
            # In a second the SDK signs anew; sooner it would only be told that it asks again.
            raise RequestError(INTERNAL, "the device cannot answer; its log says why", 500, 1.0) from None
        finally:
            ended = time.perf_counter()
            self._rests_until = ended + min(REST * (ended - began), LONGEST_REST_S)


def _step_back() -> None:
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
