"""What the page's modules say, and in which language the reader wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from device.web.catalogue import LANGUAGES
from device.web.permission import READS, only
from device.web.problems import Problem
from device.web.rendering import LANGUAGE_COOKIE, Rendering
from device.web.said import patterns

router = APIRouter(include_in_schema=False)

YEAR_S = 365 * 86_400
Name = Annotated[str, Path(max_length=40, pattern="^[a-z_]+$")]


@router.get("/texts/{language}/{page}", dependencies=only(READS))
def texts(request: Request, language: Name, page: Name) -> Response:
    """The texts of a page in one language, by key, with those that every page has."""
    if language not in LANGUAGES:
        raise Problem(404, f"the page does not speak {language!r}; it speaks {', '.join(LANGUAGES)}")
    rendering: Rendering = request.app.state.rendering
    return _kept(request, rendering.texts(language, page))


@router.get("/said/{language}", dependencies=only(READS))
def sentences(request: Request, language: Name) -> Response:
    """Patterns of the device's sentences: a regular expression, the names of its groups, what it is then."""
    if language not in LANGUAGES or language == "en":
        raise Problem(404, f"the device's own sentences are not turned into {language!r}")
    rendering: Rendering = request.app.state.rendering
    found = patterns(language, rendering.said)
    return _kept(request, [(each.expression, each.names, each.said) for each in found])


@router.get("/language")
def choose(
    request: Request,
    to: Annotated[str, Query(max_length=10)] = "",
    back: Annotated[str, Query(max_length=500)] = "/",
) -> Response:
    """Speak another language in this browser from now on; "" is the one that the browser asks for."""
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = RedirectResponse(back if inside else "/", 303)
    if to in LANGUAGES:
        secure = request.url.scheme == "https"
        answer.set_cookie(LANGUAGE_COOKIE, to, max_age=YEAR_S, httponly=True, samesite="lax", secure=secure)
    else:
        answer.delete_cookie(LANGUAGE_COOKIE)
    return answer


def _kept(request: Request, content: Mapping[str, str] | Sequence[object]) -> Response:
    """JSON that the browser keeps, asking each time whether it is still the same."""
    answer: Response = JSONResponse(content)
    mark = f'"{sha256(answer.body).hexdigest()[:32]}"'
    if request.headers.get("if-none-match", "").removeprefix("W/") == mark:
        answer = Response(status_code=304)
    answer.headers.update({"ETag": mark, "Cache-Control": "private, no-cache"})
    return answer
