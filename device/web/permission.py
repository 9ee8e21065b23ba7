"""What a route demands of its caller; the doorman has found out who that is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from device.web.caller import Caller, Scope
from device.web.problems import Problem


class Needs:
    """A dependency of FastAPI: lets only callers with a scope pass."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __call__(self, request: Request) -> Caller:
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is None:
            raise Problem(401, "log in, or send a token")
        if not caller.scope.allows(self.scope):
            raise Problem(403, f'this needs the scope "{self.scope}"; {caller.name} has "{caller.scope}"')
        return caller


READS = Needs(Scope.READ)
ACTS = Needs(Scope.ACT)
ADMINISTERS = Needs(Scope.ADMIN)

Reader = Annotated[Caller, Depends(READS)]
Actor = Annotated[Caller, Depends(ACTS)]
Administrator = Annotated[Caller, Depends(ADMINISTERS)]


def only(needs: Needs) -> list[Any]:
    """The `dependencies` of a router or route whose caller need not be known by name."""
    return [Depends(needs)]
