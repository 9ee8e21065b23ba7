"""A device that tells a real broker: store, teller and courier as in `run`, without a camera."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from device.clock import SystemClock
from device.messages import BoltState, Decision, Event, Observation, Visit, VisitKind, VisitPhase
from device.tell.health import Health
from device.tell.keeping import StoreSink
from device.tell.mqtt import MqttBroker
from device.tell.mqtt_settings import Settings
from device.tell.requests import Requests
from device.tell.settings import StoredSettings
from device.tell.statistics import Statistics
from device.tell.store import Store
from device.tell.teller import Teller
from tests.test_journal import idle_pass, visit

ID = "flap"
PREFIX = f"latchlens/{ID}"


class Device:
    """Tells passes to a broker; `sys` is where figures of the machine are looked for."""

    def __init__(self, folder: Path, port: int, animals: tuple[str, ...] = (), **mqtt: Any) -> None:
        chosen = {"host": "127.0.0.1", "port": port, "id": ID} | mqtt
        self.clock = SystemClock()
        self.health = Health()
        self.requests = Requests()
        self.statistics = Statistics(self.clock, folder / "sys")
        self.broker = MqttBroker(
            Settings(**chosen), "cat-flap", animals, True, {"head/1": "abc"}, self.statistics
        )
        self.store = Store(folder, None, self.broker.announce)
        self.teller = Teller([StoreSink(self.store), *self.broker.sinks(folder / "pictures", self.health)])
        self.settings = StoredSettings(folder)
        self.broker.start(folder, self.requests, self.settings, self.health, self.clock)
        self.told = 0

    def tell(self, *visits: Visit, events: tuple[Event, ...] = (), **inputs: Any) -> None:
        """One pass of the loop."""
        observation, decision = self.pass_now(**inputs)
        self.teller.publish(None, observation, replace(decision, visits=visits, events=events))

    def pass_now(self, **inputs: Any) -> tuple[Observation, Decision]:
        self.told += 1
        observation, decision = idle_pass(float(self.told))
        given = {"bolt": BoltState.LOCKED} | inputs
        observation = replace(
            observation, inputs=replace(observation.inputs, **given), settings=self.settings.current()
        )
        return observation, decision

    def broker_is(self, text: str) -> bool:
        return any(each.part == "broker" and text in each.text for each in self.health.report())

    def delivered(self, letter: str) -> bool:
        """Whether the broker has acknowledged everything up to this letter, by its id."""
        row = self.store._connection.execute("SELECT acknowledged FROM outbox WHERE id = ?", (letter,))
        return (row.fetchone() or (None,))[0] is not None

    def close(self) -> None:
        """As `run` does it."""
        self.settings.close()
        self.teller.close()
        self.broker.close()


def ended(number: object, **changes: Any) -> Visit:
    return visit(id=f"v{number}", phase=VisitPhase.END, kind=VisitKind.PEEK, **changes)


def ids(payloads: list[str]) -> list[str]:
    return [json.loads(payload)["id"] for payload in payloads]
