"""One connection to the broker: opened, waited on together with a waker, and thrown away when it is lost.

Nothing is carried over from one connection to the next; what must not be lost lies in the outbox. The
session is clean: a command that was sent while the device was away has nobody to go to.
"""

from __future__ import annotations

import select
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from socket import socket
from types import TracebackType
from typing import TypeAlias

from paho.mqtt import MQTTException
from paho.mqtt import client as mqtt
from paho.mqtt.client import DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from device.errors import BrokerError, ConfigError
from device.tell.mqtt_settings import Login, Settings, port

KEEPALIVE_S = 10
"""A broker that says nothing for one and a half times as long is taken for lost."""
CONNECT_S = 5.0
V5, V3 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311
UNSUPPORTED = 132
"""Reason code: the broker does not speak this version of the protocol."""
KEEPALIVE_OVER = 141
"""Reason code: nothing was heard for too long."""
HUNG_UP = "has hung up"
FAULTS = (OSError, ValueError, IndexError, MQTTException)
"""What paho lets through when a broker hangs up or talks nonsense."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The broker has let the device in."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is no more."""

    why: str
    let_in: bool = False
    """The broker had let the device in before."""
    refused: bool = False
    """The broker said why it does not let the device in."""
    version: bool = False
    """The version of the protocol may be the reason: the broker said so, or hung up without a word."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The broker has a message, or says why it does not take it."""

    mid: int
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message came in."""

    topic: str
    payload: bytes
    retained: bool
    again: bool
    """It may have been delivered before."""


Happening: TypeAlias = Opened | Lost | Acknowledged | Arrived


class UntrustedError(BrokerError):
    """The broker's certificate is not that of the broker, or of nobody that we know."""


class Line:
    """One connection; used by one thread, which may wait in `open` for some seconds."""

    def __init__(
        self, settings: Settings, login: Login, client_id: str, will: str, version: MQTTProtocolVersion = V5
    ) -> None:
        """A line that is not open yet.

        Args:
            will: the topic at which the broker says "offline" when the line breaks; empty: nowhere.
            version: V5, or V3 for MQTT 3.1.1.

        Raises:
            ConfigError: a certificate or key does not exist or does not fit.
        """
        self._settings = settings
        self._version = version
        self._happened: list[Happening] = []
        self._let_in = False
        self._refused: ReasonCode | None = None
        self._lost = False
        clean = None if version == V5 else True
        self._client = client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=clean,
            protocol=version,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_S
        client.max_inflight_messages_set(0)  # the courier counts for itself
        if will:
            client.will_set(will, "offline", qos=1, retain=True)
        if login.user:
            client.username_pw_set(login.user, login.password or None)
        if settings.tls:
            client.tls_set_context(tls_context(settings))
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message

    def open(self) -> None:
        """Reach the broker and ask to be let in; whether it does comes out of `wait`.

        Raises:
            UntrustedError: the broker's certificate does not convince.
            BrokerError: nobody answers.
        """
        start = True if self._version == V5 else mqtt.MQTT_CLEAN_START_FIRST_ONLY
        try:
            self._client.connect(self._settings.host, port(self._settings), KEEPALIVE_S, clean_start=start)
        except ssl.SSLError as error:
            raise UntrustedError(f"is not trusted: {_words(error)}") from None
        except FAULTS as error:
            raise BrokerError(f"does not answer: {_words(error)}") from None

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False, qos: int = 1) -> int:
        """Send a message; with `qos` 1 an Acknowledged with the number returned follows."""
        return self._client.publish(topic, payload, qos, retain).mid

    def subscribe(self, topics: Iterable[str]) -> None:
        self._client.subscribe([(topic, 1) for topic in topics])

    def unsubscribe(self, topics: Iterable[str]) -> None:
        self._client.unsubscribe(list(topics))

    def wait(self, seconds: float, waker: socket) -> list[Happening]:
        """What happened, at the latest after `seconds` or when `waker` can be read; the last is a Lost."""
        connection = self._client.socket()
        if isinstance(connection, socket):
            try:
                self._transfer(connection, seconds, waker)
            except FAULTS as error:
                self._break(_words(error))
        if self._client.socket() is None:
            self._break(HUNG_UP)
        happened, self._happened = self._happened, []
        return happened

    def close(self) -> None:
        """Take leave, so that the broker does not say the last will."""
        try:
            self._client.disconnect()
            self._client.loop_write()
        except FAULTS:
            return

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _transfer(self, connection: socket, seconds: float, waker: socket) -> None:
        """Wait for either end, then let paho read, write and ping."""
        decrypted = isinstance(connection, ssl.SSLSocket) and connection.pending() > 0
        poll = select.poll()
        poll.register(connection, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        poll.register(waker, select.POLLIN)
        ready = dict(poll.poll(0 if decrypted else seconds * 1000))
        found = ready.get(connection.fileno(), 0)
        if decrypted or found & ~select.POLLOUT:
            self._client.loop_read()
        if found & select.POLLOUT:
            self._client.loop_write()
        self._client.loop_misc()

    def _break(self, why: str) -> None:
        """Say once that the line is lost."""
        if self._lost:
            return
        self._lost = True
        refused = self._refused
        version = refused.value == UNSUPPORTED if refused else why == HUNG_UP and not self._let_in
        text = f"refuses: {str(refused).lower()}" if refused else why
        self._happened.append(Lost(text, self._let_in, refused is not None, version))

    def _on_connect(
        self, _client: object, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            self._refused = reason
        else:
            self._let_in = True
            self._happened.append(Opened())

    def _on_disconnect(
        self, _client: object, _data: object, flags: DisconnectFlags, reason: ReasonCode, _properties: object
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            self._break(f"takes leave: {str(reason).lower()}")
        else:
            self._break("does not answer any more" if reason.value == KEEPALIVE_OVER else HUNG_UP)

    def _on_publish(
        self, _client: object, _data: object, mid: int, reason: ReasonCode, _properties: object
    ) -> None:
        self._happened.append(Acknowledged(mid, str(reason).lower() if reason.is_failure else None))

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self._happened.append(Arrived(message.topic, bytes(message.payload), message.retain, message.dup))


def tls_context(settings: Settings) -> ssl.SSLContext:
    """What is trusted, and the certificate to show.

    Raises:
        ConfigError: a file is missing or holds something else.
    """
    where = f"ca = {settings.ca!r}"
    try:
        context = ssl.create_default_context(cafile=settings.ca or None)
        if settings.certificate:
            where = f"certificate = {settings.certificate!r} with key = {settings.key!r}"
            context.load_cert_chain(settings.certificate, settings.key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"[mqtt] {where} cannot be used: {_words(error)}; name PEM files") from None
    return context


def _words(error: Exception) -> str:
    """What went wrong, without numbers and the library's own name for it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
