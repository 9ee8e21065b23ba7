"""What is secret wherever settings are shown: by a key's name, and what addresses carry besides a host."""

from __future__ import annotations

import re

SECRET_KEY = re.compile(r"(password|passwd|token|secret|credential)", re.IGNORECASE)
NOT_SECRET = re.compile(r"_(file|s)$", re.IGNORECASE)
"""Names of files and lengths of time are none."""
LOGIN = re.compile(r"(\w+://)[^/\s\"'@]+@")
QUERY = re.compile(r"(\w+://[^\s\"'?]+)\?[^\s\"']+")


def is_secret(key: str) -> bool:
    """Whether a key's name says that nobody else may read its value."""
    return bool(SECRET_KEY.search(key)) and not NOT_SECRET.search(key)


def without_credentials(text: str, mask: str) -> str:
    """`text` with `mask` for who logs in to an address, and for what it is asked."""
    return QUERY.sub(rf"\1?{mask}", LOGIN.sub(rf"\1{mask}@", text))
