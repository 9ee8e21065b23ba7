"""The socket that the web listens on."""

from __future__ import annotations

import socket

from device.config import WebSettings
from device.errors import ConfigError

CONNECTIONS = 64
"""At a time; one more is told to come back."""


def listening(settings: WebSettings) -> socket.socket:
    """A socket at the host and port of the settings; not yet answering.

    Raises:
        ConfigError: the port is taken, or the host is none of ours.
    """
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        return socket.create_server((settings.host, settings.port), family=family, backlog=CONNECTIONS)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no name"
        raise ConfigError(
            f"[web] cannot listen on {settings.host} port {settings.port}: {reason}; "
            "end the program that does, or choose another port or host"
        ) from None
