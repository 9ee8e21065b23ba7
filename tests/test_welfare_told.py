"""A cat that waits in vain: its owner hears of it from broker and telephone, and lets it in with a tap."""

import json
from collections import deque

import numpy as np
import pytest

from device.building.memory import build_memory
from device.clock import SystemClock
from device.config import parse_project
from device.messages import Door, Frame
from device.tell.settings import StoredSettings
from device.tell.statistics import Statistics
from device.telling import build_broker, build_webhooks
from device.web.caller import Scope
from tests.listening import Listener
from tests.making import observation, sighting, species, verdict
from tests.mosquitto import Mosquitto, until
from tests.recordings import PROJECT
from tests.served import HOME, site
from tests.test_webhook import Server

TOLD = """
[welfare]
waiting_minutes = 0.2
[mqtt]
host = "127.0.0.1"
port = {broker}
id = "flap"
[[webhook]]
name = "telephone"
url = "{server}"
page = "{page}"
let_in_token_file = "{token}"
"""
CHELSEA_MOUTH_UNSEEN = (
    species(),
    verdict("who", chelsea=0.97, stranger=0.03),
    verdict("prey", clean=0.5, prey=0.5),
)


@pytest.fixture
def server():
    made = Server()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def broker(tmp_path):
    made = Mosquitto(tmp_path / "broker").start()
    yield made
    made.kill()


@pytest.fixture
def listener(broker):
    made = Listener(broker)
    yield made
    made.close()


def test_a_cat_that_waits_outside_is_told_with_its_picture_and_let_in_with_one_tap(
    tmp_path, server, broker, listener
):
    home, clock = site(tmp_path), SystemClock()
    token = tmp_path / "token"
    token.write_text(home.access.tokens.create("telephone", Scope.ACT))
    chosen = TOLD.format(broker=broker.port, server=server.url, page=HOME, token=token)
    text = PROJECT.format(path="none").replace("require_prey_proof = false", "") + chosen
    project, folder = parse_project(text, "flap"), tmp_path / "state"
    line = build_broker(project, {}, Statistics(clock, sys=tmp_path))
    memory = build_memory(
        project,
        folder,
        "a",
        {},
        threaded=True,
        others=lambda health: [
            *build_webhooks(project, folder, clock, health),
            *line.sinks(folder / "pictures", health),
        ],
        announce=line.announce,
    )
    settings = StoredSettings(folder)
    line.start(folder, home.requests, settings, memory.health, clock)
    image = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)

    def stands(time):
        """One pass in which Chelsea stands before the shut door."""
        cat = sighting(*CHELSEA_MOUTH_UNSEEN, time=time)
        seen = observation(time, cat, door=Door.CLOSED, wall=1.8e9 + time, requests=home.requests.take())
        decision = memory.policy.decide(seen)
        memory.teller.publish(Frame(time, image, image[..., 0], int(time * 5)), seen, decision)
        return decision

    try:
        assert not any(stands(number / 5).lease for number in range(75))
        _, _, headers, picture = server.wait_for(1)[0]
        assert picture[:2] == b"\xff\xd8"
        heard = until_heard(listener, "waiting-outside")
        assert (heard["severity"], heard["event_type"]) == ("critical", "waiting-outside")
        assert heard["text"].startswith("chelsea")
        until(lambda: any(each.topic == "latchlens/flap/snapshot" for each in listener.messages))
        (button,) = json.loads(headers["Actions"])
        tapped = home.stranger().request(button["method"], button["url"], headers=button["headers"])
        assert tapped.status_code == 202
        assert stands(15.0).lease is not None
        assert "telephone lets in" in until_heard(listener, "let-in")["text"]
    finally:
        settings.close()
        memory.teller.close()
        line.close()


def until_heard(listener, kind):
    """The first event of this kind that the broker told of."""
    found = deque()

    def heard():
        events = map(json.loads, listener.payloads("latchlens/flap/event"))
        found.extend(event for event in events if event["kind"] == kind)
        return found

    until(heard, what=kind)
    return found[0]
