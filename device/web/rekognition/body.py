"""The body of a signed request: bounded in size and in time, with its digest."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.types import Receive

from device.web.rekognition.faults import IMAGE_TOO_LARGE, MALFORMED, RequestError
from device.web.rekognition.signature import Headers

BODY_BYTES = 15_000_000
"""Two pictures of 5 MB in base64, for CompareFaces."""
PASSED_OVER_BYTES = 2 * BODY_BYTES
"""Who is refused is heard out so far, or would see the connection break in place of the reason."""
READING_S = 20.0
"""Whoever sends slower than this takes the place of others."""


class Body:
    """What is still to come of a request."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of what was read, in hexadecimal digits."""
        return self._digest.hexdigest()

    async def read(self, headers: Headers) -> bytes:
        """All of it; raises RequestError if it is too large, or takes too long."""
        announced = headers.get("content-length", "0")
        if not (announced.isascii() and announced.isdecimal()) or int(announced[:20]) > BODY_BYTES:
            raise _too_large()
        parts, taken = list[bytes](), 0
        try:
            async with asyncio.timeout(READING_S):
                async for part in self._parts():
                    taken += len(part)
                    if taken > BODY_BYTES:
                        raise _too_large()
                    self._digest.update(part)
                    parts.append(part)
        except TimeoutError:
            self._more = False
            raise RequestError(MALFORMED, "it came too slowly", HTTPStatus.REQUEST_TIMEOUT) from None
        return b"".join(parts)

    async def pass_over(self) -> None:
        """Take in the rest, in reason, and keep nothing of it."""
        taken = 0
        try:
            async with asyncio.timeout(READING_S):
                async for part in self._parts():
                    taken += len(part)
                    if taken > PASSED_OVER_BYTES:
                        return
        except TimeoutError:
            return

    async def _parts(self) -> AsyncIterator[bytes]:
        while self._more:
            message = await self._receive()
            self._more = message["type"] == "http.request" and message.get("more_body", False)
            yield message.get("body", b"")


def _too_large() -> RequestError:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return RequestError(IMAGE_TOO_LARGE, f"a request may have {BODY_BYTES} bytes", status)
