"""Notes to a telephone as the services take them: ntfy, Gotify, and plain JSON for anything else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from device.messages import Event

TITLES = {"info": "At the door", "warning": "The door: look when you can", "critical": "The door: look now"}


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody is to be told."""

    event: Event
    picture: bytes | None = None
    """JPEG of the visit, if the service takes one and there is one."""
    held_back: int = 0
    """How many notes were held back before this one by quiet hours or the limit."""

    @property
    def title(self) -> str:
        return TITLES.get(self.event.severity, "The door")

    @property
    def text(self) -> str:
        more = f" ({self.held_back} more were held back)" if self.held_back else ""
        return f"{self.event.text}{more}"


@dataclass(frozen=True, slots=True)
class Address:
    """Where notes go, and what may be done from them."""

    url: str
    token: str = field(default="", repr=False)
    page: str = ""
    """The address of the device's own page."""
    let_in_token: str = field(default="", repr=False)
    """A token of the device's own API for the button that lets in; none, no button."""


@dataclass(frozen=True, slots=True)
class Post:
    """An HTTP request ready to be sent."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes


LET_IN = "/api/v1/let-in"
PRIORITIES = {"info": 3, "warning": 4, "critical": 5}


def ntfy(note: Note, to: Address) -> Post:
    """A note for ntfy (docs.ntfy.sh/publish): text in the query, where it may be in any language.

    The button goes into a header, for it holds a secret, and addresses stand in the logs of every server.
    """
    query = {
        "title": note.title,
        "message": note.text,
        "priority": str(PRIORITIES.get(note.event.severity, 3)),
        "tags": "cat",
    }
    if to.page:
        query["click"] = to.page
    if note.picture is not None:
        query["filename"] = "door.jpg"
    button = {"Actions": json.dumps([_let_in(to)])} if _has_button(note, to) else {}
    return Post(f"{to.url}?{urlencode(query)}", {**_bearer(to), **button}, note.picture or b"")


def _has_button(note: Note, to: Address) -> bool:
    return bool(to.page and to.let_in_token and note.event.visit)


def _let_in(to: Address) -> dict[str, object]:
    """The button that lets in, from the telephone straight to the device."""
    return {
        "action": "http",
        "label": "Let in",
        "url": to.page.rstrip("/") + LET_IN,
        "method": "POST",
        "headers": {"Authorization": f"Bearer {to.let_in_token}"},
    }


def gotify(note: Note, to: Address) -> Post:
    """A note for Gotify (gotify.net/api-docs); it shows pictures only from an address, so none is sent."""
    extras = {"client::notification": {"click": {"url": to.page}}} if to.page else {}
    priority = {"info": 4, "warning": 6, "critical": 9}.get(note.event.severity, 4)
    content = {"title": note.title, "message": note.text, "priority": priority, "extras": extras}
    headers = {"Content-Type": "application/json"} | ({"X-Gotify-Key": to.token} if to.token else {})
    return Post(f"{to.url.rstrip('/')}/message", headers, json.dumps(content).encode())


def plain(note: Note, to: Address) -> Post:
    """A note as JSON, the picture in base64, for whatever else takes one."""
    event = note.event
    content = {
        "title": note.title,
        "message": note.text,
        "kind": event.kind,
        "severity": event.severity,
        "visit": event.visit,
        "wall": event.wall,
        "page": to.page or None,
        "picture": base64.b64encode(note.picture).decode() if note.picture else None,
    }
    return Post(to.url, {"Content-Type": "application/json", **_bearer(to)}, json.dumps(content).encode())


def _bearer(to: Address) -> dict[str, str]:
    return {"Authorization": f"Bearer {to.token}"} if to.token else {}


STYLES: Mapping[str, Callable[[Note, Address], Post]] = {"ntfy": ntfy, "gotify": gotify, "json": plain}


def may_be_sent_to(url: str) -> bool:
    """Whether an address is one of the web."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
