"""Makes pages: a template in the frame that all share, in the reader's language, with the navigation.

A page called `visits` is up to five files that are found by that name: `routes/page_visits.py` with its
`router`, `pages/visits.html`, `static/visits.js`, `static/visits.css` if it needs any, and
`texts/visits.toml`. Whoever adds a page touches nothing else.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape

from device.web import routes
from device.web.additions import Addition
from device.web.caller import Caller, Scope
from device.web.catalogue import FOLDER as TEXTS
from device.web.catalogue import LANGUAGES, Catalogue, read_catalogue, spoken
from device.web.said import FOLDER as SAID

ORDER = ("now", "visits", "learn", "animals", "paths", "health", "settings")
"""The pages of the navigation, those that exist."""
FIRST = ORDER[0]
LANGUAGE_COOKIE = "latchlens-language"
HERE = Path(__file__).parent
SHARED_TEXTS = ("frame", "words")
"""Files of texts that every page has."""


@dataclass(frozen=True, slots=True)
class Link:
    """A page in the navigation."""

    name: str
    path: str
    title: str
    """The key of its name."""
    scope: Scope


class Rendering:
    """Templates, texts and navigation of one application."""

    def __init__(self, additions: Sequence[Addition] = ()) -> None:
        self.catalogue: Catalogue = read_catalogue((TEXTS, *(each.folder / "texts" for each in additions)))
        self.said = (SAID, *(each.folder / "said" for each in additions))
        """Where the sentences of the device are, and those of the additions."""
        self._notices = [(each.notice, f"/{each.name}") for each in additions if each.notice]
        self._static = (HERE / "static", *(each.folder / "static" for each in additions))
        self._links = (
            *_links(),
            *(Link(each.name, f"/{each.name}", f"{each.name}.title", each.scope) for each in additions),
        )
        folders = (HERE / "pages", *(each.folder / "pages" for each in additions))
        environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(each) for each in folders]),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates = Jinja2Templates(env=environment)

    def page(
        self, request: Request, name: str, caller: Caller | None, status: int = 200, **more: object
    ) -> Response:
        """The page `name` as HTML; `more` is what its template asks for besides the frame."""
        language = language_of(request)
        say = partial(self.catalogue.text, language)
        context = {
            "page": name,
            "title": next((each.title for each in self._links if each.name == name), f"{name}.title"),
            "here": request.url.path,
            "door": request.app.state.appliance.project.name,
            "caller": caller,
            "acts": caller is not None and caller.scope.allows(Scope.ACT),
            "administers": caller is not None and caller.scope.allows(Scope.ADMIN),
            "language": language,
            "languages": LANGUAGES,
            "t": say,
            "links": [each for each in self._links if caller and caller.scope.allows(each.scope)],
            "notices": [each for each in self._notices if each[1] != f"/{name}"],
            "asset": self._asset,
        }
        answer = self._templates.TemplateResponse(request, f"{name}.html", {**context, **more}, status)
        answer.headers["Content-Language"] = language
        answer.headers["Vary"] = "Accept-Language, Cookie"
        return answer

    def document(self, template: str, language: str, **values: object) -> str:
        """A document without the frame, in some language."""
        say = partial(self.catalogue.text, language)
        return self._templates.env.get_template(template).render(language=language, t=say, **values)

    def texts(self, language: str, page: str) -> dict[str, str]:
        """The texts that a page's modules may say."""
        return self.catalogue.of(language, *SHARED_TEXTS, page)

    def _asset(self, file: str) -> str | None:
        """The address of a static file, None if there is no such file."""
        return f"/static/{file}" if any((each / file).is_file() for each in self._static) else None


def language_of(request: Request) -> str:
    """The language that the reader chose, or else that the browser asks for."""
    return spoken(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", ""))


def render(request: Request, name: str, caller: Caller | None, status: int = 200, **more: object) -> Response:
    """The page `name` as HTML, for whichever application was asked."""
    made: Callable[..., Response] = request.app.state.rendering.page
    return made(request, name, caller, status, **more)


def text(request: Request, key: str, **values: object) -> str:
    """One text in the reader's language."""
    rendering: Rendering = request.app.state.rendering
    return rendering.catalogue.text(language_of(request), key, **values)


@lru_cache(maxsize=1)
def page_modules() -> Mapping[str, ModuleType]:
    """The module `routes/page_NAME.py` of each page by its name."""
    found = (each.name for each in pkgutil.iter_modules(routes.__path__))
    return {
        name.removeprefix("page_"): import_module(f"{routes.__name__}.{name}")
        for name in found
        if name.startswith("page_")
    }


def _links() -> list[Link]:
    modules: Mapping[str, Any] = page_modules()
    return [
        Link(
            name,
            "/" if name == FIRST else f"/{name}",
            f"frame.nav.{name}",
            getattr(modules[name], "SCOPE", Scope.READ),
        )
        for name in ORDER
        if name in modules
    ]
