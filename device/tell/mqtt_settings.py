"""`[mqtt]`: the broker, how to be let in there, and under which names the device tells."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field

from device.errors import ConfigError

USER, PASSWORD = "LATCHLENS_MQTT_USER", "LATCHLENS_MQTT_PASSWORD"
"""Of the environment; a project file is kept in the journal and shown, so no password stands there."""
AWAY_S = 60.0
"""A broker that does not answer for so long is a fault; a restart or a router's hiccup is shorter."""
TopicLevel = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]*$", max_length=40)]


@dataclass(frozen=True, slots=True)
class Settings:
    """`[mqtt]`: nothing is sent anywhere until `host` names a broker."""

    host: str = ""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """0: 8883 with TLS, else 1883."""
    id: TopicLevel = ""
    """Names this device: all its topics begin with latchlens/<id>. Empty: the project's name."""
    user: str = ""
    """Or in the environment: LATCHLENS_MQTT_USER."""
    password_file: str = ""
    """A file that holds the password and nothing else. Or in the environment: LATCHLENS_MQTT_PASSWORD."""
    tls: bool = False
    ca: str = ""
    """PEM file of the authority that signed the broker's certificate; empty: those that the system trusts."""
    certificate: str = ""
    """PEM file by which the device shows who it is, with its `key`."""
    key: str = ""
    homeassistant: bool = True
    """Tell Home Assistant of the device and its entities."""
    discovery: Annotated[str, Field(pattern=r"^[^#+]+$")] = "homeassistant"
    """Prefix of Home Assistant's discovery topics."""
    statistics_s: Annotated[float, Field(ge=1)] = 30.0
    """How often frame rate, latency and temperature are told."""
    outbox_mb: Annotated[float, Field(gt=0)] = 16.0
    outbox_days: Annotated[float, Field(gt=0)] = 7.0
    """Visits and events that the broker could not be told of for so long are given up, and counted."""

    def __post_init__(self) -> None:
        if bool(self.certificate) != bool(self.key):
            raise ValueError("certificate and key belong together: give both or neither")
        if not self.tls and (self.ca or self.certificate):
            raise ValueError("ca and certificate need tls = true")


@dataclass(frozen=True, slots=True)
class Login:
    """Who the device is to the broker; the password shows in no text made of it."""

    user: str = ""
    password: str = field(default="", repr=False)


def port(settings: Settings) -> int:
    return settings.port or (8883 if settings.tls else 1883)


def device_id(settings: Settings, project: str) -> str:
    """The id in topics: as configured, or the project's name with what a topic cannot hold replaced."""
    return settings.id or re.sub(r"[^A-Za-z0-9_-]+", "-", project) or "latchlens"


def read_login(settings: Settings, environment: Mapping[str, str] = os.environ) -> Login:
    """User and password from the file or the environment, which has the last word.

    Raises:
        ConfigError: the file cannot be read, or there is a password for nobody.
    """
    user = environment.get(USER, settings.user)
    password = environment.get(PASSWORD, "")
    if not password and settings.password_file:
        password = _read(Path(settings.password_file))
    if password and not user:
        raise ConfigError(f"[mqtt] user is missing, but there is a password; set user or ${USER}")
    return Login(user, password)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip("\r\n")
    except UnicodeDecodeError:
        reason = "it is not text"
    except OSError as error:
        reason = str(error.strerror)
    raise ConfigError(f"[mqtt] password_file {path} cannot be read: {reason}; check the path and who owns it")
