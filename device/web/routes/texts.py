"""What the page's modules say, and in which language the reader wants it."""

from __future__ import annotations

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
def texts(request: Request, language: Name, page: Name) -> JSONResponse:
    """The texts of a page in one language, by key, with those that every page has."""
    if language not in LANGUAGES:
        raise Problem(404, f"the page does not speak {language!r}; it speaks {', '.join(LANGUAGES)}")
    rendering: Rendering = request.app.state.rendering
    return JSONResponse(rendering.texts(language, page))


@router.get("/said/{language}", dependencies=only(READS))
def sentences(request: Request, language: Name) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    """Patterns of the device's sentences: a regular expression, the names of its groups, what it is then."""
    if language not in LANGUAGES or language == "en":
        raise Problem(404, f"the device's own sentences are not turned into {language!r}")
    rendering: Rendering = request.app.state.rendering
    found = patterns(language, rendering.said)
    return tuple((each.expression, each.names, each.said) for each in found)


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
