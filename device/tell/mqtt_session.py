"""What is said over one connection: first what the broker has lost, then states as they are, then letters.

The device leaves a retained mark at the broker: the last letter up to which all were acknowledged. A
broker that restarts from an older picture of itself shows an older mark, one that forgot everything
none, and so exactly what it lost is sent again. That holds with mosquitto's defaults too, under which
a kill loses up to half an hour of acknowledged messages.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from typing import Protocol

from device.tell.mqtt_desk import Desk
from device.tell.mqtt_line import Acknowledged, Arrived, Happening, Line, Opened
from device.tell.outbox import Outbox, Tally

WINDOW = 32
"""So many messages may be on their way unacknowledged."""
SETTLE_S = 3.0
"""So long a broker has to show the mark; without one everything of the last hour is sent again."""
AVAILABILITY, MARK, PROBE, ANSWERS = "availability", "outbox", "outbox/probe", "answers"


class Discovery(Protocol):
    """Tells a home automation system what the device is."""

    topic: str
    status: str
    """The topic at which that system says "online"."""

    def messages(self, before: bytes) -> Sequence[str]:
        """What to leave at `topic`, one after the other, where `before` stands now."""
        ...


class Commands(Protocol):
    """Does what arrives."""

    topics: Sequence[str]

    def take(self, topic: str, payload: bytes, *, retained: bool, again: bool) -> str:
        """Do it or refuse it; the answer as JSON."""
        ...


class Session:
    """The work over one line, which a single thread does."""

    def __init__(
        self, line: Line, prefix: str, desk: Desk, outbox: Outbox, commands: Commands, discovery: Discovery
    ) -> None:
        self._line = line
        self._prefix = prefix
        self._desk = desk
        self._outbox = outbox
        self._commands = commands
        self._discovery = discovery
        self._nonce = secrets.token_hex(8).encode()
        self._deadline: float | None = None
        self._settled = False
        self._delivered: str | None = None
        self._described = b""
        """What stood at the discovery's topic."""
        self._on_the_way: dict[int, int | None] = {}
        """The number of the letter, None for anything else, by the message's."""
        self._acknowledged: list[int] = []
        self._sent: dict[str, str | bytes] = {}
        self._cursor = 0
        self._recovered = False
        self._mark: str | None = None
        self.refused: str | None = None
        """Why the broker does not take something, if so."""

    @property
    def idle(self) -> bool:
        """Whether the broker has everything that was sent."""
        return not self._on_the_way

    def handle(self, happening: Happening, now: float) -> None:
        """Follow what happened on the line at the monotonic time `now`."""
        match happening:
            case Opened():
                self._begin(now)
            case Acknowledged(mid, refused):
                self._acknowledge(mid, refused)
            case Arrived():
                self._arrived(happening)

    def work(self, now: float) -> None:
        """Send what may be sent.

        Raises:
            StoreError: the outbox fails; everything else has been sent.
        """
        if self._deadline is None:
            return
        if not self._settled and now > self._deadline:
            self._settle()
        if self._settled:
            self._send_states()
            self._send_news()
            self._send_letters(now)

    def tick_off(self, now: float) -> None:
        """Note in the outbox what the broker has; also the last thing to do over a line that is lost.

        Raises:
            StoreError: the outbox fails.
        """
        if self._acknowledged:
            self._outbox.acknowledge(self._acknowledged, now)
            self._acknowledged, self._mark = [], None

    def changed(self) -> None:
        """The outbox was tidied: what the mark says of it may be wrong."""
        self._mark = None

    def farewell(self) -> None:
        """Say that the device goes; who does not hear it learns it from the last will."""
        if self._deadline is not None:
            self._publish(AVAILABILITY, "offline", retain=True)

    def _begin(self, now: float) -> None:
        self._deadline = now + SETTLE_S
        self._desk.take_news()  # what happened before is news no more
        self._publish(AVAILABILITY, "online", retain=True)
        own = [f"{self._prefix}/{topic}" for topic in (MARK, PROBE, *self._commands.topics)]
        self._line.subscribe([*own, self._discovery.topic, self._discovery.status])
        # It comes back after everything retained that the broker has for these topics.
        self._line.publish(f"{self._prefix}/{PROBE}", self._nonce, qos=0)

    def _arrived(self, message: Arrived) -> None:
        if message.topic == self._discovery.status:
            if message.payload == b"online" and self._settled:
                self._describe()
                self._sent.clear()
        elif message.topic == self._discovery.topic:
            self._described = message.payload
        else:
            self._arrived_below(message.topic.removeprefix(f"{self._prefix}/"), message)

    def _arrived_below(self, topic: str, message: Arrived) -> None:
        if topic == MARK:
            self._delivered = delivered(message.payload)
        elif topic == PROBE:
            if message.payload == self._nonce and not self._settled:
                self._settle()
        else:
            answer = self._commands.take(
                topic, message.payload, retained=message.retained, again=message.again
            )
            self._publish(ANSWERS, answer)

    def _settle(self) -> None:
        """The broker has shown what it knows: make good what it lost."""
        self._settled = True
        self._line.unsubscribe([f"{self._prefix}/{MARK}", f"{self._prefix}/{PROBE}", self._discovery.topic])
        self._describe()

    def _describe(self) -> None:
        for message in self._discovery.messages(self._described):
            self._on_the_way[self._line.publish(self._discovery.topic, message, retain=True)] = None
            self._described = message.encode()

    def _acknowledge(self, mid: int, refused: str | None) -> None:
        number = self._on_the_way.pop(mid, None)
        self.refused = refused or self.refused
        if number is not None and refused is None:
            self._acknowledged.append(number)

    def _send_states(self) -> None:
        for topic, payload in self._desk.states().items():
            if len(self._on_the_way) >= WINDOW:
                return
            if self._sent.get(topic) != payload:
                self._publish(topic, payload, retain=True)
                self._sent[topic] = payload

    def _send_news(self) -> None:
        for topic, payload in self._desk.take_news():
            self._publish(topic, payload)

    def _send_letters(self, now: float) -> None:
        if not self._recovered:
            self._outbox.recover(self._delivered)
            self._recovered = True
        self.tick_off(now)
        if self._mark is None:
            self._mark = mark(self._outbox.tally())
            self._publish(MARK, self._mark, retain=True)
        free = WINDOW - len(self._on_the_way)
        for letter in self._outbox.waiting(self._cursor, free) if free > 0 else ():
            mid = self._line.publish(f"{self._prefix}/{letter.topic}", letter.payload)
            self._on_the_way[mid] = self._cursor = letter.number

    def _publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        self._on_the_way[self._line.publish(f"{self._prefix}/{topic}", payload, retain=retain)] = None


def mark(tally: Tally) -> str:
    """How the outbox stands, for people and for the next connection."""
    return json.dumps(asdict(tally))


def delivered(payload: bytes) -> str | None:
    """The last letter that a mark names as delivered; None if it is no mark."""
    try:
        found = json.loads(payload)
    except ValueError:
        return None
    name = found.get("delivered") if isinstance(found, dict) else None
    return name if isinstance(name, str) else None
