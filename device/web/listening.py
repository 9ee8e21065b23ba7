"""What the web listens with: a socket, and a certificate where there is one."""

from __future__ import annotations

import socket
import ssl

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


def refuse_bad_certificate(settings: WebSettings) -> None:
    """Raise ConfigError if certificate and key, where they are named, cannot serve."""
    if bool(settings.certificate) != bool(settings.key):
        raise ConfigError("[web] certificate and key belong together; name both files, or none")
    if not settings.certificate:
        return
    try:
        # A password of nothing keeps OpenSSL from asking for one on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.certificate, settings.key, lambda: b""
        )
    except FileNotFoundError:
        names = f"{settings.certificate} or {settings.key}"
        raise ConfigError(
            f"[web] {names}: there is no such file; certificate and key are PEM files"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"[web] certificate = {settings.certificate!r} with key = {settings.key!r} cannot be used: "
            f"{error}; both are PEM files, and the key must not ask for a passphrase"
        ) from None
