"""What may be asked of the door over MQTT: checked, done once, and answered."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from device.errors import StoreError, hint
from device.messages import Ask, Mode
from device.tell.broker import OwnersSettings
from device.tell.requests import Requests

log = logging.getLogger(__name__)

LOCK, MODE, ENFORCE = "lock/set", "mode/set", "enforce/set"
BY = "MQTT"
LONGEST = 64
"""Bytes; a longer command is none."""
ASKED = "the door is asked; lock/state and event tell what comes of it"
"""Whether it does so is decided in the loop: in a mode that locks it does not."""
ASKS = {"LOCK": Ask.LOCK, "UNLOCK": Ask.LET_IN}
MODES = {mode.value: mode for mode in Mode}
SWITCH = {"ON": True, "OFF": False}

T = TypeVar("T")


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """A command that is not carried out; its text says why."""


class DoorCommands:
    """Implements mqtt_session.Commands.

    A retained command is refused, for it may be as old as the hills; so is one that the broker delivers
    for the second time, unless doing it twice is the same as once. UNLOCK is one request, for which the
    policy gives one bounded permission.
    """

    topics: Sequence[str] = (LOCK, MODE, ENFORCE)

    def __init__(
        self, requests: Requests, settings: OwnersSettings, wall: Callable[[], float | None]
    ) -> None:
        """`wall` tells the time for people, None while the clock is not set."""
        self._requests = requests
        self._settings = settings
        self._wall = wall

    def take(self, topic: str, payload: bytes, *, retained: bool, again: bool) -> str:
        """Do it or refuse it; the answer as JSON."""
        try:
            if retained:
                raise Refused("it is retained: send commands without retain, and clear this one")
            if len(payload) > LONGEST:
                raise Refused(f"it has {len(payload)} bytes, which no command has")
            why = self._do(topic, payload.decode("utf-8", "replace"), again)
        except (Refused, StoreError) as error:
            log.warning("%s %.64r was refused: %s", topic, payload, error)
            return json.dumps({"topic": topic, "done": False, "why": str(error)})
        return json.dumps({"topic": topic, "done": True, "why": why})

    def _do(self, topic: str, word: str, again: bool) -> str:
        """Do it; what there is to say of that."""
        if topic == LOCK:
            ask = _one_of(ASKS, word)
            if again and ask is Ask.LET_IN:
                raise Refused("it was delivered before")
            self._requests.ask(ask, BY)
            return ASKED
        if topic == MODE:
            self._settings.set_mode(_one_of(MODES, word), self._wall())
        elif topic == ENFORCE:
            self._settings.set_enforce(_one_of(SWITCH, word), self._wall())
        return ""


def _one_of(choices: Mapping[str, T], word: str) -> T:
    """What `word` stands for; Home Assistant and people differ in how they write it."""
    for name, choice in choices.items():
        if name.lower() == word.strip().lower():
            return choice
    raise Refused(f"{word!r} is not known; {hint(word, choices)}")
