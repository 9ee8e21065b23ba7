"""The courier: a thread that keeps a line to the broker and sees to it that everything gets there.

The broker may be absent, hang, refuse or come back at any time; nobody waits for it but this thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from paho.mqtt.enums import MQTTProtocolVersion

from device.errors import BrokerError, StoreError
from device.interfaces import Clock
from device.tell.health import Health, State
from device.tell.mqtt_desk import Desk
from device.tell.mqtt_line import V3, V5, Line, Lost, Opened
from device.tell.mqtt_session import AVAILABILITY, Commands, Discovery, Session
from device.tell.mqtt_settings import Login, Settings, port
from device.tell.outbox import Outbox

log = logging.getLogger(__name__)

DELAYS_S = (0.2, 1.0, 2.0, 3.0)
"""Between attempts to reach the broker; with the time that an attempt may take, at most 10 s together."""
TIDY_S = 30.0
BEAT_S = 1.0
"""How often the line is looked after though nothing happens."""
FAREWELL_S = 2.0
"""How long the end of the program waits for a broker to take what is left."""
CLOSING_S = 8.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is and who the device is there."""

    settings: Settings
    login: Login
    id: str

    @property
    def prefix(self) -> str:
        """What all topics of the device begin with."""
        return f"latchlens/{self.id}"

    def line(self, version: MQTTProtocolVersion) -> Line:
        return Line(
            self.settings, self.login, f"latchlens-{self.id}", f"{self.prefix}/{AVAILABILITY}", version
        )

    def __str__(self) -> str:
        return f"{self.settings.host}:{port(self.settings)}"


class Courier:
    """Runs sessions, one after the other, until it is closed."""

    def __init__(
        self,
        address: Address,
        desk: Desk,
        state: Path,
        commands: Commands,
        discovery: Discovery,
        health: Health,
        clock: Clock,
    ) -> None:
        """Begin at once; `state` is the state directory, whose database exists.

        Raises:
            StoreError: the outbox cannot be opened.
        """
        self._address = address
        self._desk = desk
        self._state = state
        self._commands = commands
        self._discovery = discovery
        self._health = health
        self._clock = clock
        self._version = V5
        self._old = False
        """The broker said that it does not speak MQTT 5."""
        self._said = ""
        self._fault = ""
        self._outbox = self._open_outbox()
        self._tidied: float | None = None
        self._thread = Thread(target=self._run, name="mqtt", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """False once the thread has ended, which before `close` is a fault of the program."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Say what there is to say, if the broker listens, and go."""
        self._desk.close()
        self._thread.join(CLOSING_S)
        if not self._thread.is_alive():
            self._desk.dispose()

    def _run(self) -> None:
        failures = 0
        try:
            while not self._desk.closed:
                failures = 0 if self._connect() else failures + 1
                self._keep(self._tidy)
                self._desk.sleep(DELAYS_S[min(failures, len(DELAYS_S) - 1)])
            self._outbox.close()
        except Exception:  # the top of a thread: the door goes on, and whoever watches `alive` says so
            log.exception("the courier to the broker has stopped")

    def _connect(self) -> bool:
        """One connection from its beginning to its end; whether the broker let the device in."""
        line = self._address.line(self._version)
        try:
            line.open()
        except BrokerError as error:
            self._missed(str(error), State.WARNING)
            return False
        with line:
            return self._serve(line)

    def _serve(self, line: Line) -> bool:
        session = Session(
            line, self._address.prefix, self._desk, self._outbox, self._commands, self._discovery
        )
        leaving: float | None = None
        while True:
            for happening in line.wait(BEAT_S, self._desk.waker):
                if isinstance(happening, Lost):
                    return self._lost(happening)
                if isinstance(happening, Opened):
                    self._reached()
                session.handle(happening, self._clock.now())
            self._desk.quieten()
            now = self._clock.now()
            self._keep(lambda: self._look_after(session))
            if self._desk.closed and leaving is None:
                leaving = now + FAREWELL_S
                session.farewell()
            if leaving is not None and (session.idle or now > leaving):
                return True

    def _look_after(self, session: Session) -> None:
        if self._tidy():
            session.changed()
        session.work(self._clock.now())
        if session.refused:
            self._say(State.FAULT, f"does not take everything: {session.refused}", "look at its access rules")

    def _lost(self, lost: Lost) -> bool:
        """Note why, and with which version of the protocol to try again.

        A broker that hangs up without a word gets one attempt with the old version.
        """
        if lost.version and lost.refused:
            self._old = self._version == V5
        once = lost.version and not lost.refused and self._version == V5
        self._version = V3 if self._old or once else V5
        self._missed(lost.why, State.FAULT if lost.refused and not lost.version else State.WARNING)
        return lost.let_in

    def _tidy(self) -> bool:
        """Now and then: what is delivered or too old goes; whether anything was given up."""
        now = self._clock.now()
        if self._tidied is not None and 0 <= now - self._tidied < TIDY_S:
            return False
        self._tidied = now
        if self._outbox.replaced:
            replaced, self._outbox = self._outbox, self._open_outbox()
            replaced.close()
        dropped = self._outbox.tidy(now)
        if dropped:
            log.error("%d visits and events were given up that the broker could not be told of", dropped)
        return dropped > 0

    def _open_outbox(self) -> Outbox:
        kept = self._address.settings
        return Outbox(self._state, self._clock.now(), int(kept.outbox_mb * 1e6), kept.outbox_days)

    def _keep(self, action: Callable[[], object]) -> None:
        """Do something with the outbox; a disk that fails is said once, and the broker stays connected."""
        try:
            action()
        except StoreError as error:
            if str(error) != self._fault:
                self._fault = str(error)
                log.error("%s", error)

    def _reached(self) -> None:
        version = "5" if self._version == V5 else "3.1.1"
        self._say(State.OK, f"connected with MQTT {version}", "")

    def _missed(self, why: str, state: State) -> None:
        if not self._desk.closed:
            fix = "look at [mqtt] user and password" if state is State.FAULT else "look whether it runs"
            self._say(state, why, fix)

    def _say(self, state: State, text: str, fix: str) -> None:
        """Tell health every time, and the log when it is something else."""
        self._health.set("broker", state, f"{self._address}: {text}", fix, time=self._clock.now())
        if text != self._said:
            self._said = text
            level = logging.INFO if state is State.OK else logging.WARNING
            log.log(level, "the broker at %s: %s", self._address, text)
