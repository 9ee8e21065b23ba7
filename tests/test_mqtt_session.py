"""What is said over one connection, against a broker that says only what the test says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from device.errors import StoreError
from device.tell.mqtt_desk import NEWS, Desk
from device.tell.mqtt_documents import Announcements
from device.tell.mqtt_line import Acknowledged, Arrived, Opened
from device.tell.mqtt_session import SETTLE_S, WINDOW, Session
from device.tell.outbox import Outbox
from device.tell.store import Store
from tests.telling import ended


class StillLine:
    """Takes everything, remembers it, and answers nothing."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str | bytes, bool]] = []
        self.subscribed: list[str] = []

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False, qos: int = 1) -> int:  # noqa: ARG002
        self.sent.append((topic.removeprefix("p/"), payload, retain))
        return len(self.sent)

    def subscribe(self, topics: Sequence[str]) -> None:
        self.subscribed += topics

    def unsubscribe(self, topics: Sequence[str]) -> None:
        self.subscribed = [each for each in self.subscribed if each not in topics]

    def at(self, topic: str) -> list[str | bytes]:
        return [payload for each, payload, _ in self.sent if each == topic]

    def mid(self, topic: str) -> int:
        """Of the last message there."""
        return max(number for number, each in enumerate(self.sent, 1) if each[0] == topic)


class NoCommands:
    topics = ("lock/set",)

    def take(self, topic: str, payload: bytes, *, retained: bool, again: bool) -> str:
        return json.dumps([topic, payload.decode(), retained, again])


class Description:
    topic, status = "homeassistant/config", "homeassistant/status"

    def messages(self, before: bytes) -> list[str]:
        return [f"after {before.decode()}"]


class Talk:
    """A session over a still line, with an outbox of its own."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder, None, Announcements({}).letters)
        self.outbox = Outbox(folder, 0.0, 10**7, 7.0)
        self.desk = Desk()
        self.line = StillLine()
        self.session = Session(self.line, "p", self.desk, self.outbox, NoCommands(), Description())  # type: ignore[arg-type]

    def open(self) -> None:
        self.session.handle(Opened(), 0.0)

    def echo(self) -> None:
        """The broker is through with what it has retained."""
        probe = self.line.at("outbox/probe")[-1]
        assert isinstance(probe, bytes)
        self.arrives("p/outbox/probe", probe)

    def arrives(self, topic: str, payload: bytes, retained: bool = False) -> None:
        self.session.handle(Arrived(topic, payload, retained, False), 0.0)

    def acknowledge_all(self) -> None:
        for mid in range(1, len(self.line.sent) + 1):
            self.session.handle(Acknowledged(mid), 0.0)

    def waiting(self) -> int:
        return self.outbox.tally().waiting


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    talk = Talk(tmp_path)
    yield talk
    talk.desk.dispose()
    talk.outbox.close()
    talk.store.close()


def test_nothing_is_sent_before_the_broker_has_shown_what_it_knows(talk: Talk) -> None:
    talk.store.add([ended(1)])
    talk.desk.state("lock/state", "LOCKED")
    talk.session.work(0.0)
    assert talk.line.sent == []
    talk.open()
    talk.session.work(0.1)
    assert [topic for topic, *_ in talk.line.sent] == ["availability", "outbox/probe"]
    talk.echo()
    talk.session.work(0.2)
    assert talk.line.at("lock/state") == ["LOCKED"]
    assert len(talk.line.at("visits")) == 1


def test_a_broker_that_does_not_echo_is_told_everything_all_the_same(talk: Talk) -> None:
    talk.store.add([ended(1)])
    talk.outbox.acknowledge([1], 0.0)
    talk.open()
    talk.session.work(SETTLE_S - 0.1)
    assert talk.line.at("visits") == []
    talk.session.work(SETTLE_S + 0.1)
    assert len(talk.line.at("visits")) == 1


def test_only_a_window_of_letters_is_on_the_way_at_a_time(talk: Talk) -> None:
    talk.store.add(ended(number) for number in range(100))
    talk.open()
    talk.echo()
    talk.session.work(0.0)
    assert 0 < len(talk.line.at("visits")) < WINDOW
    for _ in range(10):
        talk.session.work(0.0)
    assert len(talk.line.at("visits")) < WINDOW
    for _ in range(10):
        talk.acknowledge_all()
        talk.session.work(0.0)
    assert len(talk.line.at("visits")) == 100
    assert talk.waiting() == 0


def test_what_was_acknowledged_just_before_the_line_broke_is_not_sent_again(talk: Talk) -> None:
    talk.store.add([ended(1)])
    talk.open()
    talk.echo()
    talk.session.work(0.0)
    talk.session.handle(Acknowledged(talk.line.mid("visits")), 0.0)
    assert talk.waiting() == 1
    talk.session.tick_off(0.0)
    assert talk.waiting() == 0


def test_a_letter_that_the_broker_refuses_is_kept_and_the_reason_said(talk: Talk) -> None:
    talk.store.add([ended(1)])
    talk.open()
    talk.echo()
    talk.session.work(0.0)
    talk.session.handle(Acknowledged(talk.line.mid("visits"), "not authorized"), 0.0)
    talk.session.work(0.0)
    assert talk.waiting() == 1
    assert talk.session.refused == "not authorized"


def test_a_state_that_changes_while_the_line_is_full_is_sent_as_it_is_then(talk: Talk) -> None:
    talk.open()
    talk.echo()
    for number in range(200):
        talk.desk.state("lock/state", f"{number}")
        talk.session.work(0.0)
    sent = len(talk.line.at("lock/state"))
    assert sent < WINDOW
    talk.acknowledge_all()
    talk.session.work(0.0)
    assert talk.line.at("lock/state")[sent:] == ["199"]


def test_news_are_told_once_and_never_pile_up(talk: Talk) -> None:
    for number in range(3 * NEWS):
        talk.desk.news("visits", str(number))
    talk.open()
    talk.echo()
    talk.session.work(0.0)
    assert talk.line.at("visits") == [], "what happened before the line was open is news no more"
    talk.desk.news("visits", "now")
    talk.session.work(0.0)
    talk.session.work(0.0)
    assert talk.line.at("visits") == ["now"]


def test_home_assistant_coming_online_is_told_everything_again(talk: Talk) -> None:
    talk.desk.state("lock/state", "LOCKED")
    talk.arrives("homeassistant/config", b"old", retained=True)
    talk.open()
    talk.echo()
    talk.session.work(0.0)
    talk.arrives("homeassistant/status", b"offline")
    talk.session.work(0.0)
    assert talk.line.at("lock/state") == ["LOCKED"]
    talk.arrives("homeassistant/status", b"online")
    talk.session.work(0.0)
    assert talk.line.at("lock/state") == ["LOCKED", "LOCKED"]
    assert talk.line.at("homeassistant/config") == ["after old", "after after old"]


@pytest.mark.parametrize("rubbish", [b"", b"[]", b"{", b'{"delivered": 7}', b"\xff\xfe"])
def test_a_mark_that_is_none_counts_as_forgotten(talk: Talk, rubbish: bytes) -> None:
    talk.store.add([ended(1)])
    talk.outbox.acknowledge([1], 0.0)
    talk.open()
    talk.arrives("p/outbox", rubbish, retained=True)
    talk.echo()
    talk.session.work(0.0)
    assert len(talk.line.at("visits")) == 1


def test_a_command_is_answered(talk: Talk) -> None:
    talk.open()
    talk.arrives("p/lock/set", b"UNLOCK", retained=True)
    assert talk.line.at("answers") == ['["lock/set", "UNLOCK", true, false]']


def test_states_go_on_though_the_outbox_fails(talk: Talk) -> None:
    talk.open()
    talk.echo()
    talk.outbox._connection.execute("PRAGMA query_only = ON")
    talk.store.add([ended(1)])
    talk.desk.state("lock/state", "LOCKED")
    with pytest.raises(StoreError):
        talk.session.work(0.0)
    assert talk.line.at("lock/state") == ["LOCKED"]
    assert talk.line.at("outbox") == [], "no mark while it is not known what was lost"
    talk.outbox._connection.execute("PRAGMA query_only = OFF")
    talk.session.work(0.0)
    assert len(talk.line.at("visits")) == 1
