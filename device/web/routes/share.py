"""A visit as one file to send: a page with its story, pictures and clip inside, persons unrecognisable."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from device.messages import Heading, Visit
from device.tell.clips import clip_path
from device.tell.snapshots import pictures_of
from device.web.appliance import Appliance
from device.web.catalogue import LANGUAGES
from device.web.dependencies import Served
from device.web.permission import READS, only
from device.web.problems import Problem
from device.web.rendering import Rendering, language_of
from device.web.routes.visits import ABSENT, Id, found_visit
from device.web.said import say

router = APIRouter(prefix="/api/v1", tags=["visits"], dependencies=only(READS))

POLICY = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)
"""Of the file, should anybody open it here: it is all in itself, and does nothing."""
DATES = {"en": "%d %b %Y, %H:%M", "de": "%d.%m.%Y, %H:%M"}


@router.get(
    "/visits/{id}/share",
    response_class=Response,
    responses={**ABSENT, 200: {"content": {"text/html": {}}}},
)
def share(
    request: Request,
    served: Served,
    id: Id,  # noqa: A002
    language: Annotated[
        str | None, Query(max_length=10, description="`en` or `de`; else the browser's.")
    ] = None,
) -> Response:
    """One HTML file that any telephone opens: what happened in words, with pictures and film inside it.

    Pictures and film are those that were kept, in which no person can be recognised.
    """
    if language not in (None, *LANGUAGES):
        raise Problem(422, f"the page does not speak {language!r}; it speaks {', '.join(LANGUAGES)}")
    visit = found_visit(served, id)
    spoken = language or language_of(request)
    rendering: Rendering = request.app.state.rendering
    document = rendering.document(
        "share.html",
        spoken,
        sentences=_sentences(rendering, spoken, served, visit),
        when=_when(served, visit, spoken),
        pictures=[_inline(path.read_bytes(), "image/jpeg") for path in pictures_of(_folder(served), visit)],
        film=_film(served, visit),
        policy=POLICY.replace("frame-ancestors 'none'; sandbox", "").strip("; "),
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{_file_name(served, visit)}"',
        "Content-Security-Policy": POLICY,
    }
    return Response(document, media_type="text/html; charset=utf-8", headers=headers)


def _folder(served: Appliance) -> Path:
    return served.folder / "pictures"


def _sentences(rendering: Rendering, language: str, served: Appliance, visit: Visit) -> list[str]:
    """The story: who came, what the door did, why, and where it went."""

    def text(key: str, **values: object) -> str:
        return rendering.catalogue.text(language, key, **values)

    texts = rendering.catalogue.texts
    species = f"words.species.{'stranger' if visit.who == 'stranger' else visit.species}"
    known = visit.who if visit.who not in (None, "stranger") else None
    who = known or (text(species) if species in texts else visit.species)
    seconds = max(round(visit.ended - visit.started), 1)
    found = [text("share.came", who=who, door=served.project.name, seconds=seconds)]
    found.append(
        text("share.did", outcome=text(f"words.outcome.{visit.outcome}"), reason=say(language, visit.reason))
    )
    if visit.kind is not None:
        went = text(f"words.heading.{visit.direction}") if visit.direction is not Heading.UNCLEAR else ""
        kind = text(f"words.kind.{visit.kind}")
        found.append(
            text("share.went", kind=kind, direction=went) if went else text("share.stayed", kind=kind)
        )
    return found


def _when(served: Appliance, visit: Visit, language: str) -> str:
    if visit.started_wall is None:
        return ""
    zone = served.project.policy.zone or UTC
    return datetime.fromtimestamp(visit.started_wall, zone).strftime(DATES[language])


def _film(served: Appliance, visit: Visit) -> str | None:
    path = clip_path(_folder(served), visit)
    return _inline(path.read_bytes(), "video/webm") if path.is_file() else None


def _inline(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _file_name(served: Appliance, visit: Visit) -> str:
    day = "" if visit.started_wall is None else f"{datetime.fromtimestamp(visit.started_wall, UTC):%Y-%m-%d}-"
    return re.sub(r"[^A-Za-z0-9_.-]", "_", f"{served.project.name}-{day}{visit.id}.html")
