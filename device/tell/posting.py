"""Sends one note over HTTP, and says in plain words why it was not taken."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

from device.tell.note import Post

TIMEOUT_S = 10.0
FAULTS = (OSError, ValueError, http.client.HTTPException)
"""What urllib lets through when nobody answers, when the address is none, and when the answer is nonsense."""


class _GoNowhereElse(urllib.request.HTTPRedirectHandler):
    """Following would make a GET of the note, which is then lost, and show its token to another server."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def send(post: Post) -> None:
    """Send one request; raises one of `FAULTS` if it was not taken."""
    opener = urllib.request.build_opener(_GoNowhereElse)
    request = urllib.request.Request(post.url, post.body, dict(post.headers), method="POST")
    with opener.open(request, timeout=TIMEOUT_S) as answer:
        answer.read(4096)


def reason(error: Exception) -> str:
    """What went wrong, without the address: ntfy's has the message in it."""
    if isinstance(error, urllib.error.HTTPError):
        elsewhere = " to another address: write that as the url" if 300 <= error.code < 400 else ""
        return f"HTTP {error.code}{elsewhere}"
    if isinstance(error, http.client.InvalidURL):
        return "its url is no address of the web"
    return str(error) or type(error).__name__
