"""Takes out of a text what nobody may read who helps an owner: passwords, tokens, addresses, chips.

Two nets, one behind the other: every secret that the project names is looked for literally, wherever it
stands; and what looks like a secret is masked whoever it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from device.config import Project
from device.errors import ConfigError
from device.secrecy import is_secret, without_credentials
from device.tell.mqtt_settings import read_login
from device.toml import read_toml
from device.web.tokens import PREFIX

MASK = "***"
SHORTEST = 4
"""A secret of fewer letters would be found in innocent words; it is none worth the name."""
ALSO_SECRET = ("key", "chip")
"""Keys that their owner may see, and nobody else."""
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), masked)
    for pattern, masked in (
        (r"\b(bearer|basic|authorization:)\s+[^\s\"']+", rf"\1 {MASK}"),
        (r"\b(once|token|password|passwd|secret|csrf|session)\s*[=:]\s*[^\s&\"',;]+", rf"\1={MASK}"),
        (rf"(?<![\w-]){PREFIX}[\w-]{{16,}}", MASK),
        (r"\b(?-i:[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2})\b", MASK),
        (r"(?-i:(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{32,})", MASK),
        (r"(?<![\d.])\d{15}(?![\d.])", MASK),
    )
)
"""Credentials of HTTP, values after their names, our own tokens, codes of the first start, whatever is as
long and mixed as links and keys are, and the numbers of chips, each of which opens a door."""


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without `secrets`, and without what looks like one."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        if len(secret) >= SHORTEST:
            text = text.replace(secret, MASK)
    text = without_credentials(text, MASK)
    for pattern, shown in PATTERNS:
        text = pattern.sub(shown, text)
    return text


def secrets_of(project: Project) -> frozenset[str]:
    """Every secret that the project names, or that lies in a file which it names."""
    return frozenset(each for each in _secrets(project) if each)


def shown(project: Project) -> dict[str, Any]:
    """The project file's tables without comments, and without secrets."""
    secrets = secrets_of(project)
    found: dict[str, Any] = _without(read_toml(project.text), secrets, "")
    return found


def _without(value: Any, secrets: frozenset[str], key: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _without(each, secrets, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(each, secrets, key) for each in value]
    if isinstance(value, (bool, int, float)):
        return value
    return MASK if _is_secret(key) and value else masked(str(value), secrets)


def _is_secret(key: str) -> bool:
    return is_secret(key) or key.lower() in ALSO_SECRET


def _secrets(project: Project) -> Iterator[str]:
    yield from _named(read_toml(project.text), "")
    for animal in project.policy.animals:
        yield animal.chip or ""
    with suppress(ConfigError):
        yield read_login(project.section("mqtt")).password
    for webhook in project.webhooks:
        yield from _of_address(webhook.url)
        yield _content(webhook.token_file)
    yield from _of_address(str(getattr(project.camera.settings, "path", "")))


def _named(value: Any, key: str) -> Iterator[str]:
    """Values whose key says that they are secret, wherever they stand."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _named(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each, key)
    elif isinstance(value, str) and _is_secret(key):
        yield value


def _of_address(address: str) -> Iterator[str]:
    """Who logs in there and what follows the host: a topic of ntfy is as good as a password."""
    with suppress(ValueError):
        parts = urlsplit(address)
        if parts.scheme in ("http", "https", "rtsp", "rtsps"):
            yield parts.password or ""
            yield parts.query
            yield from (value for _, value in parse_qsl(parts.query))
            yield parts.path.strip("/")


def _content(file: str) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return Path(file).read_text(encoding="utf-8").strip() if file else ""
    return ""
