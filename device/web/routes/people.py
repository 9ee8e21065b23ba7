"""Who may log in, and which programs may ask: passwords and tokens, set and taken away by the owner."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from device.errors import ConfigError
from device.web.access import Access
from device.web.caller import Role, Scope
from device.web.dependencies import Served
from device.web.doorman import session_key
from device.web.permission import ADMINISTERS, Administrator, only
from device.web.problems import MEDIA_TYPE, Problem

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1", tags=["people"], dependencies=only(ADMINISTERS))

Secret = Annotated[str, Field(max_length=1000)]
Name = Annotated[str, Path(max_length=100)]
TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"description": "Too many wrong passwords.", "content": {MEDIA_TYPE: {}}}
}


@dataclass(frozen=True, slots=True)
class People:
    """For whom there is a password."""

    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class PasswordWanted:
    """A new password."""

    password: Secret
    current: Secret = ""
    """The owner's password until now; needed once there is one."""


@dataclass(frozen=True, slots=True)
class TokenWanted:
    """A token for a program."""

    name: Annotated[str, Field(max_length=100)]
    scope: Scope = Scope.READ


@dataclass(frozen=True, slots=True)
class TokenMade:
    """It is told this once."""

    name: str
    scope: Scope
    token: str


@dataclass(frozen=True, slots=True)
class TokenKnown:
    """A token by its name."""

    name: str
    scope: Scope
    created: str
    """UTC date; empty if the clock was not set."""


@router.get("/passwords")
def passwords(request: Request) -> People:
    """For whom there is a password, never the passwords."""
    return People(_access(request).passwords.roles())


@router.put("/passwords/{role}", status_code=204, responses=TOO_MANY)
def set_password(request: Request, caller: Administrator, role: Role, wanted: PasswordWanted) -> Response:
    """Set the password of owner or viewer; the owner's own asks for the one until now.

    Whoever was logged in with the old one logs in again, except for the session that set it.
    """
    access = _access(request)
    if role is Role.OWNER and Role.OWNER in access.passwords.roles():
        _prove(access, wanted.current, request.client.host if request.client else "")
    mine = session_key(request.headers) if caller.csrf is not None else None
    access.sessions.outliving(mine, lambda: access.passwords.set(role, wanted.password))
    log.warning("%s set the password of the %s over the web", caller.name, role)
    return Response(status_code=204)


@router.delete("/passwords/viewer", status_code=204)
def remove_viewer(request: Request, caller: Administrator) -> Response:
    """Let the viewer no longer log in."""
    _access(request).passwords.remove(Role.VIEWER)
    log.warning("%s took the viewer's password away over the web", caller.name)
    return Response(status_code=204)


@router.get("/tokens")
def tokens(request: Request) -> tuple[TokenKnown, ...]:
    """The tokens by their names."""
    return tuple(TokenKnown(each.name, each.scope, each.created) for each in _access(request).tokens.all())


@router.post("/tokens", status_code=201)
def make_token(request: Request, served: Served, caller: Administrator, wanted: TokenWanted) -> TokenMade:
    """A new token for a program; it is told this once only."""
    text = _access(request).tokens.create(wanted.name, wanted.scope, served.clock.wall())
    log.warning("%s made the token %s (%s) over the web", caller.name, wanted.name, wanted.scope)
    return TokenMade(wanted.name, wanted.scope, text)


@router.delete("/tokens/{name}", status_code=204)
def revoke_token(request: Request, caller: Administrator, name: Name) -> Response:
    """Refuse a token from now on."""
    try:
        _access(request).tokens.revoke(name)
    except ConfigError as error:
        raise Problem(404, str(error)) from None
    log.warning("%s revoked the token %r over the web", caller.name, name)
    return Response(status_code=204)


def _prove(access: Access, password: str, address: str) -> None:
    """Whoever finds a browser that is logged in must not be able to lock its owner out."""
    found = access.log_in(Role.OWNER, password, address)
    if found.wait_s > 0:
        wait = math.ceil(found.wait_s)
        raise Problem(429, f"too many wrong passwords; try again in {wait} s", {"Retry-After": str(wait)})
    if found.key is None:
        raise Problem(403, "current: that is not the owner's password")
    access.sessions.end(found.key)


def _access(request: Request) -> Access:
    found: Access = request.app.state.access
    return found
