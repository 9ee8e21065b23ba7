"""The thread `rekognition`: one request after another, at low priority; the loop never waits."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from device.errors import LatchlensError
from device.web.rekognition.faults import INTERNAL, RequestError
from device.web.rekognition.operations import Operation
from device.web.rekognition.studio import Studio

log = logging.getLogger(__name__)

NICENESS = 15


class Worker:
    """Starts its thread at the first request."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._pool = ThreadPoolExecutor(1, "rekognition", _step_back)

    async def answer(self, operation: Operation[Any], body: bytes) -> dict[str, Any]:
        """The answer of `operation` to the request in `body`; raises RequestError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._answer, operation, body)

    def close(self) -> None:
        """Answer nothing more, and end the thread once it has finished its request."""
        self._studio.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _answer(self, operation: Operation[Any], body: bytes) -> dict[str, Any]:
        try:
            return operation(self._studio, body)
        except LatchlensError as error:  # a model or a file of ours is damaged: the log says which
            log.error("%s", error)
            # In a second the SDK signs anew; sooner it would only be told that it asks again.
            raise RequestError(INTERNAL, "the device cannot answer; its log says why", 500, 1.0) from None


def _step_back() -> None:
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
