"""What the owner may ask of the door: mode, enforcing, let in, lock, panic."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from fastapi import APIRouter

from device.messages import Ask, Mode
from device.web.appliance import Appliance
from device.web.caller import Caller
from device.web.dependencies import Served
from device.web.permission import Actor, Administrator

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1", tags=["commands"])


@dataclass(frozen=True, slots=True)
class ModeWanted:
    """What the door shall do."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class EnforceWanted:
    """Whether the bolt shall obey."""

    enforce: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was asked is under way; `/state` tells what comes of it."""

    asked: str
    by: str


@router.put("/mode", status_code=202)
def set_mode(served: Served, caller: Actor, wanted: ModeWanted) -> Accepted:
    """Set the mode; it survives restarts."""
    served.owner.set_mode(wanted.mode, served.clock.wall())
    return _told(caller, f"mode {wanted.mode}")


@router.put("/enforce", status_code=202)
def set_enforce(served: Served, caller: Administrator, wanted: EnforceWanted) -> Accepted:
    """Say whether the bolt obeys; until it does, Latchlens only notes what it would have done."""
    served.owner.set_enforce(wanted.enforce, served.clock.wall())
    return _told(caller, "enforce" if wanted.enforce else "do not enforce")


@router.post("/let-in", status_code=202)
def let_in(served: Served, caller: Actor) -> Accepted:
    """Let in whoever waits or comes, once and for a bounded while."""
    return _asked(served, caller, Ask.LET_IN)


@router.post("/lock", status_code=202)
def lock(served: Served, caller: Actor) -> Accepted:
    """End every permission, and ask those at the door for fresh proof."""
    return _asked(served, caller, Ask.LOCK)


@router.post("/panic", status_code=202)
def panic(served: Served, caller: Actor) -> Accepted:
    """Press the panic button: straight to the guard, whatever the loop does."""
    served.guard.panic()
    return _told(caller, "panic")


def _asked(served: Appliance, caller: Caller, kind: Ask) -> Accepted:
    served.requests.ask(kind, caller.name)
    return _told(caller, kind.value)


def _told(caller: Caller, what: str) -> Accepted:
    log.info("%s asked over the web: %s", caller.name, what)
    return Accepted(what, caller.name)
