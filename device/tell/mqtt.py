"""The device at its broker: what a project's `[mqtt]` asks for, put together and begun."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from socket import socketpair
from time import monotonic

from paho.mqtt.enums import MQTTProtocolVersion

from device.errors import BrokerError
from device.interfaces import Clock
from device.tell.broker import OwnersSettings
from device.tell.health import Health
from device.tell.homeassistant import Described, DeviceDiscovery
from device.tell.journal import latchlens_version
from device.tell.mqtt_commands import DoorCommands
from device.tell.mqtt_courier import Address, Courier
from device.tell.mqtt_desk import Desk
from device.tell.mqtt_documents import Announcements
from device.tell.mqtt_line import CONNECT_S, V3, V5, Line, Lost, Opened
from device.tell.mqtt_settings import Settings, device_id, read_login
from device.tell.mqtt_states import StateSink
from device.tell.outbox import Announce
from device.tell.requests import Requests
from device.tell.sink import Sink
from device.tell.statistics import Statistics


class MqttBroker:
    """Implements broker.Broker: everything about MQTT, put together."""

    def __init__(
        self,
        settings: Settings,
        project: str,
        animals: tuple[str, ...],
        door: bool,
        models: Mapping[str, str],
        statistics: Statistics,
        update: Callable[[], Mapping[str, object]] | None = None,
    ) -> None:
        """Read what is needed to reach the broker; nothing is sent yet.

        Args:
            project: the project's name, which the device bears if [mqtt] id is empty.
            animals: the names of the household's animals.
            door: whether something tells that the flap is open.
            models: the hashes of models and heads by name.
            update: what is told of versions besides the one that runs.

        Raises:
            ConfigError: a file of [mqtt] cannot be used.
        """
        temperature, throttling = statistics.measures
        name = device_id(settings, project)
        title = project.replace("-", " ").replace("_", " ").capitalize()
        self._described = Described(name, title, latchlens_version(), animals, door, temperature, throttling)
        self._settings = settings
        self._address = Address(settings, read_login(settings), name)
        self._address.line(V5)  # says now what is wrong with certificates
        self._statistics = statistics
        self._desk = Desk()
        self._update = update or dict
        self._courier: Courier | None = None
        self.announce: Announce | None = Announcements(models).letters

    def sinks(self, pictures: Path, health: Health) -> Sequence[Sink]:
        """The sink of states."""
        sink = StateSink(
            self._desk,
            self._described.animals,
            pictures,
            health,
            self._statistics.report,
            self._updates,
            self._settings.statistics_s,
            lambda: self._courier is None or self._courier.alive,
        )
        return (sink,)

    def _updates(self) -> Mapping[str, object]:
        return {"installed_version": self._described.version, "title": "Latchlens", **self._update()}

    def start(
        self, state: Path, requests: Requests, settings: OwnersSettings, health: Health, clock: Clock
    ) -> None:
        """Begin the courier's thread."""
        self._courier = Courier(
            self._address,
            self._desk,
            state,
            DoorCommands(requests, settings, clock.wall),
            DeviceDiscovery(self._settings.discovery, self._described, self._settings.homeassistant),
            health,
            clock,
        )

    def close(self) -> None:
        """End the courier's thread."""
        if self._courier is not None:
            self._courier.close()


@dataclass(frozen=True, slots=True)
class Found:
    """What a broker answers."""

    address: str
    version: str
    tls: bool

    def __str__(self) -> str:
        return f"{self.address} answers with MQTT {self.version}{' over TLS' if self.tls else ''}"


def try_broker(settings: Settings, project: str) -> Found:
    """Ask the broker to let the device in, under another client's id so that one that runs goes on.

    Raises:
        BrokerError: it does not answer or refuses.
        ConfigError: a file of [mqtt] cannot be used.
    """
    address = Address(settings, read_login(settings), device_id(settings, project))
    lost = _try(address, V5)
    shown = "5" if lost is None else "3.1.1"
    if lost is not None and lost.version:
        lost = _try(address, V3)
    if lost is not None:
        raise BrokerError(f"{address} {lost.why}; look at [mqtt] and at the broker's log")
    return Found(str(address), shown, settings.tls)


def _try(address: Address, protocol: MQTTProtocolVersion) -> Lost | None:
    """Why the broker does not let the device in, None if it does."""
    nobody, waker = socketpair()
    client = f"latchlens-{address.id}-check"
    with nobody, waker, Line(address.settings, address.login, client, will="", version=protocol) as line:
        try:
            line.open()
        except BrokerError as error:
            raise BrokerError(f"{address} {error}; look whether it runs, and at [mqtt]") from None
        until = monotonic() + CONNECT_S
        while (left := until - monotonic()) > 0:
            for happening in line.wait(left, waker):
                if isinstance(happening, Opened):
                    return None
                if isinstance(happening, Lost):
                    return happening
    return Lost("does not answer")
