"""A subscriber that remembers what it was told, over any number of broken connections."""

from __future__ import annotations

from collections import Counter
from typing import Any

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.mosquitto import Mosquitto, until


class Listener:
    """Subscribed to `topic` with QoS 1; `lasting` keeps the session at the broker while away."""

    def __init__(self, broker: Mosquitto, topic: str = "#", *, lasting: bool = False) -> None:
        self.messages: list[mqtt.MQTTMessage] = []
        self.latest: dict[str, str] = {}
        self.subscribed = False
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            f"listener-{broker.port}",
            clean_session=not lasting,
            protocol=MQTTProtocolVersion.MQTTv311,
        )
        self.client.reconnect_delay_set(0.05, 0.2)  # type: ignore[arg-type]
        self.client.on_connect = lambda client, *_: client.subscribe(topic, 1)
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = self._on_message
        self.client.connect_async("127.0.0.1", broker.port, 30)
        self.client.loop_start()
        until(lambda: self.subscribed, what="the listener subscribes")

    def payloads(self, topic: str) -> list[str]:
        return [each.payload.decode() for each in list(self.messages) if each.topic == topic]

    def counts(self, topic: str) -> Counter[str]:
        return Counter(self.payloads(topic))

    def send(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self.client.publish(topic, payload, 1, retain).wait_for_publish(5)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_subscribe(self, *_: Any) -> None:
        self.subscribed = True

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.messages.append(message)
        if message.topic != "snapshot":
            self.latest[message.topic] = message.payload.decode(errors="replace")
