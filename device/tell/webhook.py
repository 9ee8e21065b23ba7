"""Tells a telephone: a note for each event that is worth one, with the picture, kept until it was taken.

Which events become notes is decided at once and without waiting; a thread of its own sends them, one after
the other, and tries again for an hour when nobody answers.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from device.errors import ConfigError
from device.interfaces import Clock
from device.messages import Event, Visit, VisitPhase
from device.tell.note import STYLES, Address, Note, Post, may_be_sent_to
from device.tell.posting import FAULTS, reason, send
from device.tell.sink import Told
from device.tell.snapshots import picture_path

log = logging.getLogger(__name__)

SEVERITIES = ("info", "warning", "critical")
WAITING = 50
GIVE_UP_S = 3600.0
BACK_OFF_S = (2.0, 5.0, 15.0, 60.0, 300.0)
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Settings:
    """One `[[webhook]]`."""

    name: str
    url: str
    style: Literal["ntfy", "gotify", "json"] = "ntfy"
    token_file: str = ""
    """A file that holds nothing but the service's token, readable by the device alone."""
    severity: Literal["info", "warning", "critical"] = "warning"
    """The least severe events that are told."""
    kinds: tuple[str, ...] = ()
    """Events that are told besides, whatever their severity, such as "question"."""
    quiet: str = ""
    """Local hours such as "22:00-07:00" in which only critical events are told."""
    at_most: Annotated[int, Field(ge=1, le=600)] = 20
    """Notes in an hour; critical ones have as many again to themselves."""
    picture: bool = True
    page: str = ""
    """The address at which the telephone reaches the device, such as "https://flap.local:8443"."""
    let_in_token_file: str = ""
    """A token of the device's API with the scope "act": puts a button on notes about a visit (ntfy)."""


def address(settings: Settings) -> Address:
    """The address of a webhook with its secrets read.

    Raises:
        ConfigError: the address is none, or a file cannot be read.
    """
    where = f'[[webhook]] "{settings.name}"'
    for key, url in (("url", settings.url), ("page", settings.page or "http://unset.invalid")):
        if not may_be_sent_to(url):
            raise ConfigError(f"{where} {key} = {url!r} must be an address such as https://ntfy.sh/my-door")
    return Address(
        settings.url,
        _secret(where, "token_file", settings.token_file),
        settings.page,
        _secret(where, "let_in_token_file", settings.let_in_token_file),
    )


def _secret(where: str, key: str, file: str) -> str:
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not plain text"
        raise ConfigError(f"{where} {key} = {file!r} cannot be read: {reason}") from None


class Choice:
    """Which events become notes: by severity, quiet hours and the limit an hour; no clock of its own."""

    def __init__(self, settings: Settings, is_quiet: Callable[[float], bool] | None = None) -> None:
        """`is_quiet` says of UTC seconds whether they lie in the quiet hours."""
        self._settings = settings
        self._is_quiet = is_quiet
        self._sent: dict[bool, deque[float]] = {True: deque(), False: deque()}
        self._held_back = 0

    def note(self, event: Event) -> Note | None:
        """The note for an event, None if nobody is to be told of it now."""
        severity = SEVERITIES.index(event.severity) if event.severity in SEVERITIES else 0
        if severity < SEVERITIES.index(self._settings.severity) and event.kind not in self._settings.kinds:
            return None
        critical = event.severity == "critical"
        if (not critical and self._quiet(event)) or not self._within_limit(event.time, critical):
            self._held_back += 1
            return None
        held_back, self._held_back = self._held_back, 0
        return Note(event, held_back=held_back)

    def _quiet(self, event: Event) -> bool:
        return self._is_quiet is not None and event.wall is not None and self._is_quiet(event.wall)

    def _within_limit(self, now: float, critical: bool) -> bool:
        sent = self._sent[critical]
        while sent and not 0 <= now - sent[0] < HOUR_S:
            sent.popleft()
        if len(sent) >= self._settings.at_most:
            return False
        sent.append(now)
        return True


@dataclass(frozen=True, slots=True)
class Letter:
    """A note on its way."""

    note: Note
    since: float
    visit: Visit | None


Send = Callable[[Post], None]


class Webhook:
    """Implements sink.Sink: hands events to a thread that sends them."""

    def __init__(
        self,
        settings: Settings,
        pictures: Path,
        clock: Clock,
        *,
        is_quiet: Callable[[float], bool] | None = None,
        said: Callable[[str | None], None] | None = None,
        send: Send = send,
        back_off: Sequence[float] = BACK_OFF_S,
    ) -> None:
        """`said` hears what went wrong with the latest note, None if it was taken.

        Raises:
            ConfigError: see `address`.
        """
        self._settings = settings
        self._address = address(settings)
        self._pictures = pictures
        self._clock = clock
        self._choice = Choice(settings, is_quiet)
        self._said = said
        self._send = send
        self._back_off = back_off
        self._visits: dict[str, Visit] = {}
        self._letters: deque[Letter] = deque(maxlen=WAITING)
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"webhook {settings.name}", daemon=True)
        self._thread.start()

    def tell(self, passes: Sequence[Told]) -> None:
        for told in passes:
            self._visits.update({visit.id: visit for visit in told.decision.visits})
            for event in told.decision.events:
                self._hand_over(event)
            for visit in told.decision.visits:
                if visit.phase is VisitPhase.END:
                    self._visits.pop(visit.id, None)

    def close(self) -> None:
        """What was not taken by now is lost; MQTT keeps what must arrive."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(1.0)

    def _hand_over(self, event: Event) -> None:
        note = self._choice.note(event)
        if note is None:
            return
        visit = self._visits.get(event.visit) if event.visit else None
        with self._changed:
            self._letters.append(Letter(note, self._clock.now(), visit))
            self._changed.notify()

    def _run(self) -> None:
        try:
            failed = 0
            while (letter := self._next()) is not None:
                failed = 0 if self._deliver(letter) else failed + 1
                if failed:
                    self._wait(self._back_off[min(failed, len(self._back_off)) - 1])
        except Exception:  # the top of a thread: the device does its work without it
            log.exception("webhook %s has stopped", self._settings.name)

    def _next(self) -> Letter | None:
        """The oldest letter, which stays in its place until it was taken; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._letters or self._closed)
            return None if self._closed else self._letters[0]

    def _wait(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed, seconds)

    def _deliver(self, letter: Letter) -> bool:
        """Send one letter; whether it is off the list, taken or given up."""
        note = replace(letter.note, picture=self._picture(letter.visit))
        try:
            self._send(STYLES[self._settings.style](note, self._address))
        except FAULTS as error:
            self._tell(f"webhook {self._settings.name}: a note was not taken: {reason(error)}")
            if self._clock.now() - letter.since < GIVE_UP_S:
                return False
            log.error("webhook %s: gave up a note after an hour", self._settings.name)
        else:
            self._tell(None)
        self._drop(letter)
        return True

    def _drop(self, letter: Letter) -> None:
        with self._changed:
            if self._letters and self._letters[0] is letter:  # a full list may have let it go already
                self._letters.popleft()

    def _picture(self, visit: Visit | None) -> bytes | None:
        if visit is None or not self._settings.picture:
            return None
        try:
            return picture_path(self._pictures, visit, 1).read_bytes()
        except OSError:
            return None

    def _tell(self, fault: str | None) -> None:
        if fault:
            log.warning("%s", fault)
        if self._said is not None:
            self._said(fault)
