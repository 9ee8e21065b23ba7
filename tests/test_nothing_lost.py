"""Nothing is lost on the way: broker and publisher are killed again and again, and every visit arrives."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.tell.records import Records
from tests.conftest import ROOT
from tests.listening import Listener
from tests.mosquitto import AT_ONCE, WHEN_TOLD, Mosquitto, until
from tests.telling import PREFIX, Device, ended

VISITS = 1000
BROKER_DIES = 10
PUBLISHER_DIES = 2
PAUSE_S = 0.012
"""Between two visits, so that they last about as long as the killing does."""


@pytest.fixture(params=[AT_ONCE])
def broker(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker", saving=request.param).start()
    yield broker
    broker.kill()


class Publisher:
    """tests.publisher in a process of its own."""

    def __init__(self, state: Path, broker: Mosquitto) -> None:
        self.state = state
        self.broker = broker
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        given = [str(self.state), str(self.broker.port), str(VISITS), str(PAUSE_S)]
        command = [sys.executable, "-m", "tests.publisher", *given]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, text=True)

    def die(self) -> None:
        self.process.kill()
        self.process.wait()

    def die_and_come_back(self) -> None:
        self.die()
        self.process = self.start()

    def stored(self) -> int:
        try:
            with Records(self.state) as records:
                return len(records.visits(limit=VISITS))
        except OSError:
            return 0


def test_every_visit_arrives_though_broker_and_publisher_are_killed_again_and_again(
    broker: Mosquitto, tmp_path: Path
) -> None:
    chance = random.Random(4)
    listener = Listener(broker, f"{PREFIX}/visits", lasting=True)
    publisher = Publisher(tmp_path / "state", broker)
    try:
        deaths = ["broker"] * BROKER_DIES + ["publisher"] * PUBLISHER_DIES
        chance.shuffle(deaths)
        until(lambda: listener.messages, what="the first visit")
        for victim in deaths:
            time.sleep(chance.uniform(0.3, 1.2))  # the moment of a death is what is tested
            if victim == "broker":
                broker.kill()
                time.sleep(chance.uniform(0.0, 0.3))
                broker.start()
            else:
                publisher.die_and_come_back()
        until(lambda: publisher.stored() == VISITS, 60, what="all visits are on the disk")
        wanted = {f"v{number}" for number in range(VISITS)}
        until(lambda: arrived(listener).keys() >= wanted, 60, what="all visits arrive")
    finally:
        publisher.die()
        listener.close()
    found = arrived(listener)
    assert found.keys() == wanted
    print(f"{found.total() - VISITS} of {found.total()} came more than once")


@pytest.mark.parametrize("broker", [WHEN_TOLD], indirect=True)
def test_what_a_broker_loses_that_starts_from_an_older_picture_is_sent_again(
    broker: Mosquitto, tmp_path: Path
) -> None:
    absent = Listener(broker, f"{PREFIX}/visits", lasting=True)
    absent.close()
    device = Device(tmp_path / "state", broker.port)
    device.tell(*map(ended, range(10)))
    until(lambda: device.delivered("v9"))
    broker.save()
    device.tell(*map(ended, range(10, 20)))
    until(lambda: device.delivered("v19"))
    broker.kill()
    broker.start()
    back = Listener(broker, f"{PREFIX}/visits", lasting=True)
    until(lambda: len(arrived(back)) == 20, what="all twenty")
    device.close()
    back.close()
    assert arrived(back).keys() == {f"v{number}" for number in range(20)}


def arrived(listener: Listener) -> Counter[str]:
    """How often each visit came, by the id that de-duplicates."""
    return Counter(json.loads(each.payload)["id"] for each in list(listener.messages))
