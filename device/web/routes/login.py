"""The login page, made on the server: by password, or by a one-time link on the device itself."""

from __future__ import annotations

import logging
import math
from typing import Annotated
from urllib.parse import parse_qs

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import Headers

from device.errors import LatchlensError
from device.web.access import Access
from device.web.caller import Caller, Role
from device.web.doorman import COOKIE, let_in, session_key
from device.web.permission import Reader
from device.web.problems import Problem
from device.web.rendering import render, text

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)

SETUP = "setup"
"""Stands in place of a name where the code of `latchlens setup` is given."""


@router.get("/login")
def login(request: Request, once: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Ask for the password, or follow a one-time link."""
    if once is not None:
        return _follow(request, once)
    caller: Caller | None = request.state.caller
    return RedirectResponse("/", 303) if caller else _ask(request)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Begin a session, if the password is right."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Problem(403, "another site sent this login; open the page itself")
    name, password = _credentials(await request.body())
    if name == SETUP:
        return _by_code(request, password)
    if name not in set(Role):
        return _ask(request, text(request, "frame.login.no_such_name"), 401)
    try:
        found = await run_sync(_access(request).log_in, Role(name), password, _address(request))
    except LatchlensError as error:
        log.error("%s", error)
        return _ask(request, text(request, "frame.login.unreadable"), 503)
    if found.wait_s > 0:
        return _later(request, found.wait_s, name)
    if found.key is None:
        log.warning("somebody at %r gave a wrong password for the %s", _address(request), name)
        return _ask(request, text(request, "frame.login.wrong"), 401, name)
    return _enter(request, found.key)


def _by_code(request: Request, code: str) -> Response:
    """The first session of an owner who has no password yet, by a code that the device itself gave."""
    try:
        found = _access(request).follow_code(code, _address(request))
    except LatchlensError as error:
        log.error("%s", error)
        return _ask(request, text(request, "frame.login.unreadable"), 503)
    if found.wait_s > 0:
        return _later(request, found.wait_s)
    if found.key is None:
        log.warning("somebody at %r gave a wrong setup code", _address(request))
        return _ask(request, text(request, "frame.login.wrong_code"), 401)
    return _enter(request, found.key, "/setup")


def _later(request: Request, wait_s: float, name: str = Role.OWNER) -> Response:
    wait = math.ceil(wait_s)
    answer = _ask(request, text(request, "frame.login.too_many", seconds=wait), 429, name)
    answer.headers["Retry-After"] = str(wait)
    return answer


def _credentials(body: bytes) -> tuple[str, str]:
    """Name and password of the form; a stranger may send anything, and what is no form names nobody."""
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:
        return "", ""
    return fields.get("name", [""])[0], fields.get("password", [""])[0]


@router.post("/logout", status_code=204)
def log_out(request: Request, caller: Reader) -> Response:
    """End the session."""
    del caller
    if key := session_key(request.headers):
        _access(request).sessions.end(key)
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE)
    return answer


def _follow(request: Request, once: str) -> Response:
    """A one-time link is for the device itself: what came over the network or a proxy is refused."""
    near = _address(request) in ("127.0.0.1", "::1") and not _forwarded(request.headers)
    key = _access(request).follow_link(once) if near else None
    if key is None:
        return _ask(request, text(request, "frame.login.link_spent"), 403)
    return _enter(request, key)


def _forwarded(headers: Headers) -> bool:
    return any(name in headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))


def _enter(request: Request, key: str, to: str = "/") -> Response:
    answer = RedirectResponse(to, 303)
    let_in(answer, key, request.url.scheme == "https")
    return answer


def _ask(request: Request, fault: str = "", status: int = 200, name: str = Role.OWNER) -> Response:
    try:
        roles = _access(request).passwords.roles()
    except LatchlensError:
        roles, fault, status = (), text(request, "frame.login.unreadable"), 503
    return render(request, "login", None, status, fault=fault, roles=roles, given=name)


def _access(request: Request) -> Access:
    found: Access = request.app.state.access
    return found


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
