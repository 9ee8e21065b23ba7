"""The way to the broker in a scene: the device's own outbox, and a network that comes and goes.

What carries letters on the device is a thread with a socket; here they are carried between two
passes. The broker gets each letter that is carried while the network stands, and now and then its
acknowledgement is lost: then the letter comes again, and only its id tells that it is the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from device.errors import StoreError
from device.messages import Event, Visit
from device.tell.mqtt_documents import EVENT
from device.tell.outbox import Letter, Outbox
from simulator.faults import NetworkFault, in_force

LOST_ACKNOWLEDGEMENTS = 0.2
"""How often a letter arrives and the device is not told."""
MOST_BYTES, MOST_DAYS = 10_000_000, 14.0
AT_ONCE = 20
"""How many letters are carried between two passes."""


@dataclass(slots=True)
class Broker:
    """Who gets the letters; whoever listens to it knows them by their ids."""

    arrived: list[Letter] = field(default_factory=list)
    """Every arrival, those that came again, too."""

    def undelivered(self, visits: Sequence[Visit], events: Sequence[Event]) -> list[str]:
        """What was told in the scene and does not come out exactly once when each id is heard once."""
        letters = {letter.id: letter for letter in self.arrived}
        told = Counter(event.kind for event in events)
        heard = Counter(json.loads(each.payload)["kind"] for each in letters.values() if each.topic == EVENT)
        ended = [visit.id for visit in visits if visit.kind]
        kinds = [kind for kind in told | heard if heard[kind] != told[kind]]
        wrong = [f"{heard[kind]} of {told[kind]} x {kind}" for kind in kinds]
        return wrong + [f"visit {number}" for number in ended if number not in letters]


@dataclass(slots=True)
class Post:
    """Carries the letters of one process of the device."""

    outbox: Outbox
    broker: Broker
    faults: Sequence[NetworkFault]
    random: np.random.Generator

    def carry(self, time: float, device_time: float) -> None:
        """Carry what waits, at a second of the scene, if the broker can be reached then."""
        if in_force(self.faults, time):
            return
        for letter in self.outbox.waiting(0, AT_ONCE):
            self.broker.arrived.append(letter)
            if self.random.random() >= LOST_ACKNOWLEDGEMENTS:
                with suppress(StoreError):  # a full disk cannot note it either: it comes again
                    self.outbox.acknowledge([letter.number], device_time)


def open_post(state: Path, broker: Broker, faults: Sequence[NetworkFault], now: float) -> Post:
    """The post of a process that starts at its clock's time `now`, at a store that exists."""
    outbox = Outbox(state, now, MOST_BYTES, MOST_DAYS)
    return Post(outbox, broker, faults, np.random.default_rng([len(broker.arrived), 4]))
