"""The application: every route, behind the doorman, with strict headers and problem documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware import Middleware

from device.tell.journal import latchlens_version
from device.web.access import Access
from device.web.additions import Addition
from device.web.appliance import Appliance
from device.web.compression import Compression
from device.web.doorman import COOKIE, Doorman
from device.web.errands import Errands
from device.web.headers import StrictHeaders
from device.web.live import LivePicture
from device.web.permission import READS, only
from device.web.problems import MEDIA_TYPE, SCHEMA, answer_problems
from device.web.protection import BodyLimit, KnownHosts
from device.web.rekognition.door import Service, SignedDoor
from device.web.rendering import Rendering, page_modules
from device.web.routes import (
    animals,
    bolt,
    commands,
    configuration,
    dataset,
    gallery,
    heads,
    health,
    labels,
    learning,
    lessons,
    live,
    login,
    metrics,
    models,
    parts,
    paths,
    people,
    restart,
    setup,
    share,
    state,
    texts,
    visits,
)
from device.web.static_files import AssetFiles
from device.web.writing import Writing

STATIC = Path(__file__).parent / "static"
ROUTERS = (
    *(state.router, visits.router, labels.router, paths.router, share.router, live.router, commands.router),
    *(
        configuration.router,
        models.router,
        health.router,
        parts.router,
        metrics.router,
        login.router,
        texts.router,
    ),
    *(bolt.router, people.router, restart.router, setup.router),
    *(learning.router, lessons.router, heads.router, dataset.router, animals.router, gallery.router),
)
"""Those of the API, and what every page needs; pages are found by the names of their files."""
FAULTS: dict[int | str, dict[str, Any]] = {
    code: {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for code, text in (
        (400, "The body is no JSON."),
        (401, "No valid credentials."),
        (403, "The caller may not do this."),
        (404, "There is no such thing."),
        (413, "The body is too large."),
        (421, "The name in the address is not one of this device."),
        (422, "A value does not fit."),
        (503, "The device cannot answer now."),
    )
}


def build(appliance: Appliance, access: Access, additions: Sequence[Addition] = ()) -> FastAPI:
    """The application of one device; it starts nothing."""
    writing = Writing(appliance.folder, appliance.clock, appliance.announce)
    service = rekognition(appliance, access, writing)
    app = FastAPI(
        title="Latchlens",
        version=latchlens_version(),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        responses=FAULTS,
        middleware=[
            Middleware(StrictHeaders),
            Middleware(Compression),
            Middleware(KnownHosts, names=appliance.project.section("web").names),
            *([] if service is None else [Middleware(SignedDoor, service=service)]),
            Middleware(BodyLimit),
            Middleware(Doorman, access=access),
        ],
    )
    app.state.access, app.state.rekognition = access, service
    app.state.errands = Errands(appliance.clock)
    app.state.writing = writing
    show(app, appliance)
    answer_problems(app)
    app.state.rendering = Rendering(additions)
    pages = (each.router for each in page_modules().values())
    for router in (*ROUTERS, *pages, *(each.router for each in additions)):
        app.include_router(router)
    app.mount("/static", AssetFiles([STATIC, *(each.folder / "static" for each in additions)]), name="static")
    app.add_api_route("/api/v1/openapi.json", openapi, include_in_schema=False, dependencies=only(READS))
    return app


def openapi(request: Request) -> JSONResponse:
    """This very interface, as OpenAPI."""
    return JSONResponse(describe(request.app))


def show(app: FastAPI, appliance: Appliance) -> None:
    """Serve this device from now on, in place of an earlier one with the same state directory."""
    app.state.appliance = appliance
    app.state.live = LivePicture(appliance.latest, appliance.redact)


def rekognition(appliance: Appliance, access: Access, writing: Writing) -> Service | None:
    """What answers the AWS SDK, None unless the owner turned it on."""
    if not appliance.project.section("web").rekognition:
        return None
    from device.web.rekognition.opening import open_service  # noqa: PLC0415 - it can train, and is large

    return open_service(appliance, access, writing)


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with how to prove who asks."""
    document = app.openapi()
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = dict(SCHEMA)
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "`latchlens tokens create NAME`"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }
    document["security"] = [{"token": []}, {"session": []}]
    for path in ("/healthz", "/readyz"):
        for operation in document["paths"][path].values():
            operation["security"] = []
    return document
