"""The device at a real broker: what stands there, what must arrive, and what the owner may ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from device.messages import Ask, BoltState, Event, Mode, VisitPhase
from device.tell.mqtt_commands import ASKED
from tests.listening import Listener
from tests.mosquitto import Mosquitto, until
from tests.telling import PREFIX, Device, ended, ids
from tests.test_journal import visit


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker").start()
    yield broker
    broker.go_on()
    broker.kill()


@pytest.fixture
def listener(broker: Mosquitto) -> Iterator[Listener]:
    listener = Listener(broker)
    yield listener
    listener.close()


Begin = Callable[..., Device]


@pytest.fixture
def begin(tmp_path: Path, broker: Mosquitto) -> Iterator[Begin]:
    """Starts devices, and closes them at the end."""
    begun: list[Device] = []

    def start(**mqtt: Any) -> Device:
        begun.append(Device(tmp_path / "state", broker.port, **mqtt))
        return begun[-1]

    yield start
    for device in begun:
        device.close()


def stands(listener: Listener, topic: str, payload: str) -> None:
    until(lambda: listener.latest.get(f"{PREFIX}/{topic}") == payload, what=f"{topic} {payload}")


def document(listener: Listener, topic: str) -> dict[str, Any]:
    until(lambda: f"{PREFIX}/{topic}" in listener.latest, what=topic)
    found: dict[str, Any] = json.loads(listener.latest[f"{PREFIX}/{topic}"])
    return found


def test_the_bolt_as_it_is_sensed_stands_at_the_broker(begin: Begin, listener: Listener) -> None:
    device = begin()
    device.tell()
    stands(listener, "availability", "online")
    stands(listener, "lock/state", "LOCKED")
    device.tell(bolt=BoltState.JAMMED)
    stands(listener, "lock/state", "JAMMED")
    stands(listener, "door/state", "unknown")
    stands(listener, "mode/state", "normal")
    stands(listener, "enforce/state", "OFF")


def test_states_are_retained_and_events_are_not(begin: Begin, listener: Listener, broker: Mosquitto) -> None:
    device = begin()
    device.tell(ended(1), events=(Event(1.0, None, "alert", "look"),))
    until(lambda: document(listener, "outbox")["delivered"] is not None, what="both")
    listener.close()
    late = Listener(broker)
    standing = ("availability", "lock/state", "visitor/state", "outbox", "stats", "update/state")
    until(lambda: {f"{PREFIX}/{topic}" for topic in standing} <= late.latest.keys(), what="all that stands")
    late.close()
    assert {f"{PREFIX}/visits", f"{PREFIX}/event"} <= {message.topic for message in listener.messages}
    assert all(message.retain for message in late.messages)
    topics = {message.topic.removeprefix(f"{PREFIX}/") for message in late.messages}
    assert not topics & {"visits", "event", "answers"}


def test_a_visit_is_told_while_it_lasts_and_surely_when_it_ends(begin: Begin, listener: Listener) -> None:
    device = begin()
    device.tell()
    stands(listener, "lock/state", "LOCKED")
    device.tell(visit(id="v1", species="cat"))
    until(lambda: listener.payloads(f"{PREFIX}/visits"), what="the visit begins")
    assert document(listener, "visitor/state")["cat"] == "ON"
    device.tell(ended(1))
    until(lambda: len(listener.payloads(f"{PREFIX}/visits")) == 2, what="the visit ends")
    first, last = (json.loads(payload) for payload in listener.payloads(f"{PREFIX}/visits"))
    assert (first["phase"], last["phase"]) == (VisitPhase.NEW, VisitPhase.END)
    assert first["id"] == last["id"] == "v1"
    assert (last["event_type"], last["models"]) == ("PEEK", {"head/1": "abc"})
    assert last["address"] == "/api/v1/visits/v1"
    until(lambda: document(listener, "visitor/state")["cat"] == "OFF")
    until(lambda: document(listener, "outbox") == {"waiting": 0, "delivered": "v1", "dropped": {}})


def test_an_event_carries_an_id_and_its_kind(begin: Begin, listener: Listener) -> None:
    begin().tell(events=(Event(1.0, 1.7e9, "alert", "look", "critical"),))
    until(lambda: listener.payloads(f"{PREFIX}/event"), what="the event")
    found = document(listener, "event")
    assert (found["event_type"], found["text"], found["severity"]) == ("alert", "look", "critical")
    assert found["at"] == "2023-11-14T22:13:20+00:00"
    assert len(found["id"]) == 16


def test_unlock_is_one_request_for_the_policy(begin: Begin, listener: Listener) -> None:
    device = begin()
    device.tell()
    stands(listener, "lock/state", "LOCKED")
    listener.send(f"{PREFIX}/lock/set", "UNLOCK")
    assert document(listener, "answers") == {"topic": "lock/set", "done": True, "why": ASKED}
    (request,) = device.requests.take()
    assert (request.kind, request.by) == (Ask.LET_IN, "MQTT")
    listener.send(f"{PREFIX}/lock/set", "LOCK")
    until(lambda: any(each.kind is Ask.LOCK for each in device.requests.take()))


def test_a_retained_unlock_is_refused(begin: Begin, listener: Listener) -> None:
    listener.send(f"{PREFIX}/lock/set", "UNLOCK", retain=True)
    device = begin()
    assert "retained" in document(listener, "answers")["why"]
    assert device.requests.take() == ()


def test_an_unlock_that_was_sent_while_the_device_was_away_never_arrives(
    begin: Begin, listener: Listener
) -> None:
    device = begin()
    device.tell()
    stands(listener, "lock/state", "LOCKED")
    device.close()
    stands(listener, "availability", "offline")
    listener.send(f"{PREFIX}/lock/set", "UNLOCK")
    again = begin()
    again.tell()
    stands(listener, "availability", "online")
    listener.send(f"{PREFIX}/lock/set", "LOCK")
    until(lambda: listener.payloads(f"{PREFIX}/answers"))
    assert [request.kind for request in again.requests.take()] == [Ask.LOCK]


@pytest.mark.parametrize(
    ("topic", "word", "why"),
    [
        ("lock/set", "OPEN SESAME", "use one of LOCK, UNLOCK"),
        ("mode/set", "lokced", "did you mean locked?"),
        ("enforce/set", "x" * 65, "65 bytes"),
        ("enforce/set", "", "use one of ON, OFF"),
    ],
)
def test_a_command_that_does_not_exist_is_refused_with_the_fix(
    begin: Begin, listener: Listener, topic: str, word: str, why: str
) -> None:
    device = begin()
    device.tell()
    stands(listener, "mode/state", "normal")
    listener.send(f"{PREFIX}/{topic}", word)
    answer = document(listener, "answers")
    assert not answer["done"]
    assert why in answer["why"]
    assert device.requests.take() == ()


def test_mode_and_enforce_are_set_once_however_often_they_are_sent(begin: Begin, listener: Listener) -> None:
    device = begin()
    device.tell()
    stands(listener, "mode/state", "normal")
    for _ in range(3):
        listener.send(f"{PREFIX}/mode/set", "in-only")
        listener.send(f"{PREFIX}/enforce/set", "ON")
    until(lambda: len(listener.payloads(f"{PREFIX}/answers")) == 6)
    assert (device.settings.current().mode, device.settings.current().enforce) == (Mode.IN_ONLY, True)
    device.tell()
    stands(listener, "mode/state", "in-only")
    stands(listener, "enforce/state", "ON")
    rows = device.store._connection.execute("SELECT count(*) FROM settings_history WHERE key = 'mode'")
    assert rows.fetchone() == (2,)


def test_what_happened_without_a_broker_arrives_when_it_comes(
    begin: Begin, listener: Listener, broker: Mosquitto
) -> None:
    broker.kill()
    device = begin()
    for number in range(40):
        device.tell(ended(number))
    until(lambda: device.broker_is("refused"), what="the broker is missed")
    broker.start()
    until(lambda: len(set(ids(listener.payloads(f"{PREFIX}/visits")))) == 40, what="40 visits")
    assert ids(listener.payloads(f"{PREFIX}/visits")) == [f"v{number}" for number in range(40)]


def test_a_broker_without_the_devices_mark_is_told_the_last_hour_again(
    begin: Begin, listener: Listener
) -> None:
    device = begin()
    device.tell(ended(1), ended(2))
    until(lambda: document(listener, "outbox")["delivered"] == "v2")
    device.close()
    listener.send(f"{PREFIX}/outbox", "", retain=True)
    begin()
    until(lambda: len(listener.payloads(f"{PREFIX}/visits")) == 4, what="both again")


def test_a_broker_that_shows_an_old_mark_is_told_what_came_after(begin: Begin, listener: Listener) -> None:
    device = begin()
    device.tell(ended(1), ended(2), ended(3))
    until(lambda: document(listener, "outbox")["delivered"] == "v3")
    device.close()
    listener.send(f"{PREFIX}/outbox", json.dumps({"delivered": "v1"}), retain=True)
    begin()
    until(lambda: ids(listener.payloads(f"{PREFIX}/visits"))[3:] == ["v2", "v3"], what="what it lost")


def test_a_broker_that_starts_again_is_told_how_everything_stands(
    begin: Begin, listener: Listener, broker: Mosquitto
) -> None:
    device = begin()
    device.tell()
    stands(listener, "lock/state", "LOCKED")
    broker.kill()
    listener.latest.clear()
    broker.start()
    stands(listener, "lock/state", "LOCKED")
    stands(listener, "availability", "online")


def test_a_line_that_breaks_costs_nothing_and_repeats_nothing(begin: Begin, listener: Listener) -> None:
    device = begin()
    device.tell(ended(1))
    until(lambda: document(listener, "outbox")["delivered"] == "v1")
    device.close()
    again = begin()
    again.tell(ended(2))
    until(lambda: document(listener, "outbox")["delivered"] == "v2")
    assert ids(listener.payloads(f"{PREFIX}/visits")) == ["v1", "v2"]


def test_the_picture_of_the_visitor_stands_at_the_broker(
    begin: Begin, listener: Listener, tmp_path: Path
) -> None:
    folder = tmp_path / "state" / "pictures" / "undated"
    folder.mkdir(parents=True)
    (folder / "v1-1.jpg").write_bytes(b"\xff\xd8picture")
    begin().tell(visit(id="v1", started_wall=None))
    until(lambda: f"{PREFIX}/snapshot" in listener.latest)
    (picture,) = [each.payload for each in listener.messages if each.topic == f"{PREFIX}/snapshot"]
    assert picture == b"\xff\xd8picture"


CONFIG = "homeassistant/device/latchlens-flap/config"


def described(listener: Listener, *, without: str = "nothing") -> dict[str, dict[str, str]]:
    """The components that Home Assistant is told of, once `without` is not among them any more."""

    def components() -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = json.loads(listener.latest.get(CONFIG, "{}")).get("components", {})
        return found

    until(lambda: components() and without not in components(), what="the description")
    return components()


def test_every_entity_of_home_assistant_has_a_state(begin: Begin, listener: Listener) -> None:
    begin(animals=("Mimi",)).tell()
    found = described(listener)
    topics = {each["state_topic"] for key, each in found.items() if "state_topic" in each}
    passing = {f"{PREFIX}/event", f"{PREFIX}/visits"}
    until(lambda: topics - passing <= listener.latest.keys(), what="a state for each")
    assert topics >= passing
    assert document(listener, "cat/mimi/state") == {
        "name": "Mimi", "at_door": "OFF", "place": "unknown", "last_seen": None
    }  # fmt: skip


def test_an_animal_that_moved_out_is_taken_from_home_assistant(begin: Begin, listener: Listener) -> None:
    device = begin(animals=("Mimi", "Tom"))
    assert "tom_place" in described(listener)
    until(lambda: device.broker_is("connected"))
    device.close()
    begin(animals=("Mimi",))
    assert "mimi_place" in described(listener, without="tom_place")
    last = [json.loads(payload)["components"] for payload in listener.payloads(CONFIG)][-2:]
    assert last[0]["tom_place"] == {"platform": "sensor"}


def test_who_switches_home_assistant_off_leaves_nothing_there(begin: Begin, listener: Listener) -> None:
    device = begin()
    described(listener)
    device.close()
    begin(homeassistant=False)
    until(lambda: listener.latest[CONFIG] == "", what="the description is cleared")
