"""Nobody gets past without proof: a token, or a session and its CSRF token; only a few paths need neither."""

from __future__ import annotations

import logging
import secrets
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from device.errors import StoreError
from device.web.access import Access
from device.web.caller import Caller
from device.web.problems import problem
from device.web.sessions import LASTS_S

log = logging.getLogger(__name__)

COOKIE = "latchlens"
CSRF_HEADER = "X-CSRF-Token"
OPEN = frozenset({"/healthz", "/readyz", "/login", "/language", "/static/style.css", "/static/icon.svg"})
"""The only paths that answer strangers: health, and the login page with its language and its assets."""
UNREADABLE = "who may log in cannot be read; the log of the device says why"
"""Strangers are told no more."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


class Doorman:
    """ASGI middleware: puts the caller into the request's state, or answers in the application's place."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = self._refusal(scope)
            await (self._app if refusal is None else refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that goes no further."""
        headers, path = Headers(scope=scope), scope["path"]
        try:
            caller = self._caller(headers)
        except StoreError as error:
            log.error("%s", error)
            caller = None
            if path not in OPEN:
                return problem(503, UNREADABLE)
        scope.setdefault("state", {}).update(caller=caller, who=lambda: self._caller(headers))
        if path in OPEN:
            return None
        if caller is None:
            return _unknown(scope["method"], path, headers)
        if (
            caller.csrf is not None
            and scope["method"] not in SAFE
            and not _carries_csrf(headers, caller.csrf)
        ):
            return problem(403, f"send the session's token in the header {CSRF_HEADER}; the page has it")
        return None

    def _caller(self, headers: Headers) -> Caller | None:
        """A token counts before a cookie; a wrong token is not made good by a cookie."""
        if (said := headers.get("authorization")) is not None:
            kind, _, text = said.partition(" ")
            return self._access.bearer(text.strip()) if kind.lower() == "bearer" else None
        key = session_key(headers)
        return self._access.sessions.caller(key) if key else None


def let_in(answer: Response, key: str, secure: bool) -> None:
    """Give the browser the cookie of a session that began."""
    answer.set_cookie(COOKIE, key, max_age=int(LASTS_S), httponly=True, samesite="strict", secure=secure)


def still_known(scope: Scope) -> bool:
    """Whether the caller of a request that takes long would be let in again now."""
    try:
        return scope["state"]["who"]() is not None
    except StoreError:
        return False


def session_key(headers: Headers) -> str | None:
    """The session that the browser's cookie names."""
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    return cookies[COOKIE].value if COOKIE in cookies else None


def _unknown(method: str, path: str, headers: Headers) -> Response:
    wants_page = method == "GET" and "text/html" in headers.get("accept", "")
    if wants_page and not path.startswith("/api/"):
        return RedirectResponse("/login", 303)
    return problem(
        401,
        "log in at /login, or send a token: Authorization: Bearer ...; `latchlens tokens create` makes one",
        headers={"WWW-Authenticate": 'Bearer realm="latchlens"'},
    )


def _carries_csrf(headers: Headers, csrf: str) -> bool:
    return secrets.compare_digest(headers.get(CSRF_HEADER, "").encode(), csrf.encode())
