"""The courier: a thread that keeps a line to the broker and sees to it that everything gets there.

The broker may be absent, hang, refuse or come back at any time; nobody waits for it but this thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TypeVar

from paho.mqtt.enums import MQTTProtocolVersion

from device.errors import BrokerError, ConfigError, StoreError
from device.interfaces import Clock
from device.messages import Fault
from device.tell.health import Health, State
from device.tell.mqtt_desk import Desk
from device.tell.mqtt_line import V3, V5, Line, Lost, Opened, UntrustedError
from device.tell.mqtt_session import AVAILABILITY, Commands, Discovery, Session
from device.tell.mqtt_settings import AWAY_S, Login, Settings, port
from device.tell.outbox import Outbox

log = logging.getLogger(__name__)

T = TypeVar("T")

DELAYS_S = (0.2, 1.0, 2.0, 3.0)
"""Between attempts to reach the broker; with the time that an attempt may take, at most 10 s together."""
TIDY_S = 30.0
BEAT_S = 1.0
"""How often the line is looked after though nothing happens."""
FAREWELL_S = 2.0
"""How long the end of the program waits for a broker to take what is left."""
CLOSING_S = 8.0
HELD_S = 10.0
"""A line that breaks before is none to come back to at once."""
TAKEN = "look whether it runs, and whether another device has the same [mqtt] id"
ABSENT = "look whether it runs and the network reaches it"


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
        self._away: float | None = None
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
                self._keep(self._renew_outbox)
                failures = 0 if self._connect() else failures + 1
                self._keep(self._tidy)
                self._desk.sleep(DELAYS_S[min(failures, len(DELAYS_S) - 1)])
            self._outbox.close()
        except Exception:  # the top of a thread: the door goes on, and whoever watches `alive` says so
            log.exception("the courier to the broker has stopped")

    def _connect(self) -> bool:
        """One connection from its beginning to its end; whether it held."""
        try:
            line = self._address.line(self._version)
            line.open()
        except ConfigError as error:  # a certificate is read each time, and may just be renewed
            self._say(State.FAULT, str(error), "put the files back")
            return False
        except UntrustedError as error:
            self._say(State.FAULT, str(error), "look at [mqtt] ca, certificate and key")
            return False
        except BrokerError as error:
            self._say(State.WARNING, str(error), ABSENT)
            return False
        began = self._clock.now()
        with line:
            self._serve(line)
        return self._clock.now() - began > HELD_S

    def _serve(self, line: Line) -> None:
        session = Session(
            line, self._address.prefix, self._desk, self._outbox, self._commands, self._discovery
        )
        leaving: float | None = None
        while True:
            for happening in line.wait(BEAT_S, self._desk.waker):
                if isinstance(happening, Lost):
                    self._keep(partial(session.tick_off, self._clock.now()))
                    self._lost(happening)
                    return
                if isinstance(happening, Opened):
                    self._reached()
                session.handle(happening, self._clock.now())
            self._desk.quieten()
            now = self._clock.now()
            if self._keep(self._tidy):
                session.changed()
            self._keep(partial(session.work, now))
            if session.refused:
                self._say(
                    State.FAULT, f"does not take everything: {session.refused}", "look at its access rules"
                )
            if self._outbox.replaced:
                return  # the letters of another database have other numbers: begin anew
            if self._desk.closed and leaving is None:
                leaving = now + FAREWELL_S
                session.farewell()
            if leaving is not None and (session.idle or now > leaving):
                return

    def _lost(self, lost: Lost) -> None:
        """Note why, and with which version of the protocol to try again.

        A broker that hangs up without a word gets one attempt with the old version.
        """
        if lost.version and lost.refused:
            self._old = self._version == V5
        once = lost.version and not lost.refused and self._version == V5
        self._version = V3 if self._old or once else V5
        if lost.refused and not lost.version:
            self._say(State.FAULT, lost.why, "look at [mqtt] user and password")
        else:
            self._say(State.WARNING, lost.why, TAKEN if lost.let_in else ABSENT)

    def _tidy(self) -> bool:
        """Now and then: what is delivered or too old goes; whether anything was given up."""
        now = self._clock.now()
        if self._tidied is not None and 0 <= now - self._tidied < TIDY_S:
            return False
        self._tidied = now
        dropped = self._outbox.tidy(now)
        if dropped:
            log.error("%d visits and events were given up that the broker could not be told of", dropped)
        return dropped > 0

    def _renew_outbox(self) -> None:
        """Go on in the database that took the place of the one before."""
        if self._outbox.replaced:
            replaced, self._outbox = self._outbox, self._open_outbox()
            replaced.close()

    def _open_outbox(self) -> Outbox:
        kept = self._address.settings
        return Outbox(self._state, self._clock.now(), int(kept.outbox_mb * 1e6), kept.outbox_days)

    def _keep(self, action: Callable[[], T]) -> T | None:
        """Do something with the outbox; a disk that fails is said once, and the broker stays connected."""
        try:
            return action()
        except StoreError as error:
            if str(error) != self._fault:
                self._fault = str(error)
                log.error("%s", error)
            return None

    def _reached(self) -> None:
        version = "5" if self._version == V5 else "3.1.1"
        self._say(State.OK, f"connected with MQTT {version}", "")

    def _say(self, state: State, text: str, fix: str) -> None:
        """Tell health every time, the log when it is something else, and nobody of a line that we end."""
        if self._desk.closed:
            return
        now, wall = self._clock.now(), self._clock.wall()
        self._away = None if state is State.OK else now if self._away is None else self._away
        lasts = self._away is not None and now - self._away >= AWAY_S
        said, fault = f"{self._address}: {text}", Fault.BROKER if lasts else None
        self._health.set("broker", state, said, fix, time=now, wall=wall, fault=fault)
        if text != self._said:
            self._said = text
            level = logging.INFO if state is State.OK else logging.WARNING
            log.log(level, "the broker at %s: %s", self._address, text)
