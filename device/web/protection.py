"""What every request must obey: a known host, a body of bearable size."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from device.web.problems import Problem, problem

BODY_BYTES = 1_000_000
LARGE_BYTES: Mapping[str, int] = {"/api/v1/learning/import": 300_000_000, "/api/v1/gallery/": 20_000_000}
"""By the beginning of a path what may be larger: a ZIP file, which goes to the disk, or a photograph."""


class KnownHosts:
    """ASGI middleware against DNS rebinding: a foreign page that lets its own name point here is refused.

    An address cannot be rebound, and a name without a dot or under .local is not one of the internet.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self._app = app
        own = socket.gethostname().lower()
        known = ("localhost", own, own.partition(".")[0], *(name.lower() for name in names))
        self._names = {name for name in known if name}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.knows(Headers(scope=scope).get("host", "")):
            answer = problem(421, "this name is not known here; add it to [web] names in the project file")
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def knows(self, host: str) -> bool:
        """Whether a Host header names this device, with or without a port."""
        name = _without_port(host).lower().rstrip(".")
        if name in self._names or name.removesuffix(".local") in self._names:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


class BodyLimit:
    """ASGI middleware: a body beyond `most` bytes is refused, announced or not."""

    def __init__(self, app: ASGIApp, most: int = BODY_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = next(
            (size for path, size in LARGE_BYTES.items() if scope["path"].startswith(path)), self._most
        )
        announced = Headers(scope=scope).get("content-length", "0")
        detail = f"the body may have {most} bytes at most"
        if not (announced.isascii() and announced.isdecimal()) or int(announced) > most:
            await problem(413, detail, headers={"Connection": "close"})(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise Problem(413, detail, {"Connection": "close"})
            return message

        await self._app(scope, counted, send)
