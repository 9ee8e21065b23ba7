"""A passive buzzer that says in tones what the door does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from device.act.drivers import Signal
from device.act.guard import ALARMS
from device.act.pins import Factory, Pin
from device.messages import BoltState, Inputs

Pattern = Literal["silent", "rise", "fall", "beep", "warning"]
Tone = tuple[int, float]
"""A frequency in hertz (0: a pause) and how many seconds it sounds."""

PATTERNS: dict[Pattern, tuple[Tone, ...]] = {
    "silent": (),
    "rise": ((660, 0.12), (880, 0.12), (1320, 0.18)),
    "fall": ((880, 0.12), (660, 0.18)),
    "beep": ((1000, 0.1),),
    "warning": ((2000, 0.25), (0, 0.15), (2000, 0.25), (0, 0.15), (2000, 0.25)),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The buzzer's pin and what it plays when."""

    pin: Pin
    name: str = ""
    """What people call it; nothing depends on it."""
    on_unlocked: Pattern = "rise"
    on_locked: Pattern = "silent"
    on_jammed: Pattern = "warning"
    on_alarm: Pattern = "warning"
    """Panic button or smoke input."""
    volume: Annotated[float, Field(ge=0, le=1)] = 1.0


def mood(snapshot: Inputs) -> str:
    """What the door is in, as far as a chime cares."""
    if any(snapshot.buttons.get(name, False) for name in ALARMS):
        return "alarm"
    if snapshot.bolt in (BoltState.UNLOCKED, BoltState.UNLOCKING):
        return "unlocked"
    return "jammed" if snapshot.bolt is BoltState.JAMMED else "locked"


def tone_at(pattern: tuple[Tone, ...], seconds: float) -> int:
    """The frequency that sounds `seconds` after the pattern began; 0 in pauses and after the end."""
    for frequency_hz, duration in pattern:
        if seconds < duration:
            return frequency_hz
        seconds -= duration
    return 0


@dataclass(slots=True)
class Chime:
    """The buzzer; it speaks when the door's mood changes, and not for the mood it starts in."""

    settings: Settings
    buzzer: Any
    mood: str | None = None
    pattern: tuple[Tone, ...] = ()
    began: float = 0.0
    sounding_hz: int = 0

    def show(self, snapshot: Inputs) -> None:
        now = mood(snapshot)
        if now != self.mood:
            if self.mood is not None:
                self.pattern, self.began = PATTERNS[getattr(self.settings, f"on_{now}")], snapshot.time
            self.mood = now
        self._sound(tone_at(self.pattern, snapshot.time - self.began))

    def _sound(self, frequency_hz: int) -> None:
        if frequency_hz == self.sounding_hz:
            return
        self.sounding_hz = frequency_hz
        if frequency_hz:
            self.buzzer.frequency = frequency_hz
        # A square wave is loudest when it is high half of the time.
        self.buzzer.value = self.settings.volume / 2 if frequency_hz else 0.0

    def close(self) -> None:
        self.buzzer.off()
        self.buzzer.close()


def build(settings: Settings, factory: Factory) -> Signal:
    from gpiozero import PWMOutputDevice  # noqa: PLC0415 - only when pins are built

    return Chime(settings, PWMOutputDevice(settings.pin, frequency=1000, pin_factory=factory))
