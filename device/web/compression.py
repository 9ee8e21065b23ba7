"""Fewer bytes on the way for the page's own files and texts, never for what is secret or already small."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

COMPRESSED = ("/static/", "/texts/", "/said/", "/api/v1/configuration")
"""Paths whose answers are text, and hold no secret beside what a stranger chose, which their
length would tell."""
LEAST_BYTES = 600
LEVEL = 6


class Compression:
    """ASGI middleware: answers of `COMPRESSED` paths go as gzip to whoever can read that."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressing = GZipMiddleware(app, minimum_size=LEAST_BYTES, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        small = scope["type"] == "http" and scope["path"].startswith(COMPRESSED)
        await (self._compressing if small else self._app)(scope, receive, send)
