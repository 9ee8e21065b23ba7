"""The only way in for programs that sign their requests: proof first, then one of few places."""

from __future__ import annotations

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from device.errors import StoreError
from device.interfaces import Clock
from device.web.keys import AccessKey, AccessKeys
from device.web.rekognition import signature
from device.web.rekognition.body import Body
from device.web.rekognition.faults import (
    ACCESS_DENIED,
    INTERNAL,
    THROTTLED,
    UNKNOWN_KEY,
    UNKNOWN_OPERATION,
    AwsResponse,
    RequestError,
    refusal,
)
from device.web.rekognition.operations import operation
from device.web.rekognition.patience import Limits, Once
from device.web.rekognition.worker import Worker

PATHS = ("/rekognition", "/rekognition/")
PLACES = 4
"""Requests that are read and answered at a time; all others are told to come again."""


class Service:
    """Answers signed requests; lives as long as the device is served."""

    def __init__(self, keys: AccessKeys, clock: Clock, worker: Worker) -> None:
        self._keys, self._clock, self._worker = keys, clock, worker
        self._limits, self._once = Limits(), Once()
        self._taken = 0

    def close(self) -> None:
        self._worker.close()

    async def answer(self, scope: Scope, receive: Receive) -> AwsResponse:
        """What to answer; nothing of a stranger's request is kept."""
        body = Body(receive)
        try:
            headers = signature.single(scope["headers"])
            signed, key = self._claimed(scope, headers)
            if self._taken >= PLACES:
                raise RequestError(THROTTLED, "the device answers others just now", retry_s=1.0)
            self._taken += 1
            try:
                content = await body.read(headers)
                signature.refuse_wrong(signed, key.secret, _path(scope), headers, body.sha256)
                return await self._answer(signed, key, headers["x-amz-target"], content)
            finally:
                self._taken -= 1
        except RequestError as fault:
            await body.pass_over()
            return refusal(fault)

    def _claimed(self, scope: Scope, headers: signature.Headers) -> tuple[signature.Signed, AccessKey]:
        """Who says to have signed, and when; what can be refused before the body is read is refused here."""
        signed = signature.read(headers)
        if scope["method"] != "POST" or scope.get("query_string"):
            raise RequestError(UNKNOWN_OPERATION, "requests are sent by POST and without a query")
        wall = self._clock.wall()
        if wall is None:
            raise RequestError(
                INTERNAL, "the device's clock is not set yet", HTTPStatus.SERVICE_UNAVAILABLE, 5.0
            )
        signature.refuse_foreign_date(signed, wall)
        try:
            key = self._keys.find(signed.key_id)
        except StoreError:
            raise RequestError(INTERNAL, "the keys cannot be read", HTTPStatus.SERVICE_UNAVAILABLE) from None
        if key is None:
            raise RequestError(UNKNOWN_KEY, "there is no such access key; `latchlens keys list` shows them")
        return signed, key

    async def _answer(
        self, signed: signature.Signed, key: AccessKey, target: str, body: bytes
    ) -> AwsResponse:
        now = self._clock.now()
        self._once.refuse_again(signed.signature, now)  # who repeats others' requests uses up no allowance
        self._limits.take(key.id, now)
        self._once.keep(signed.signature, now)
        wanted = operation(target)
        if not key.scope.allows(wanted.scope):
            raise RequestError(
                ACCESS_DENIED, f'this needs the scope "{wanted.scope}"; {key.name} has "{key.scope}"'
            )
        return AwsResponse(await self._worker.answer(wanted, body))


class SignedDoor:
    """ASGI middleware: takes the requests of one path to the service; all others go on to the doorman."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in PATHS:
            answer = await self._service.answer(scope, receive)
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _path(scope: Scope) -> str:
    """As it was sent: that is what was signed."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("latin-1")
