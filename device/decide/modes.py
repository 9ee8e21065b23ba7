"""What the owner's mode decides before any rule is asked."""

from __future__ import annotations

from device.decide.rules import Ruling
from device.messages import Mode, Outcome, Settings

OPEN = Ruling(Outcome.UNLOCK, "mode unlocked", "the owner has unlocked the door")
SHUT = Ruling(Outcome.KEEP_LOCKED, "mode locked", "the owner has locked the door")


def ruled_for_entry(settings: Settings) -> Ruling | None:
    """The ruling for whoever comes and for the switches that let someone in; None: ask the rules.

    Lost settings never open: entry stays locked until the owner sets a mode again.
    """
    if settings.lost:
        return Ruling(Outcome.KEEP_LOCKED, "settings lost", "the stored settings were lost; entry is locked")
    if settings.mode is Mode.OUT_ONLY:
        return Ruling(Outcome.KEEP_LOCKED, "mode out-only", "the owner lets nobody in")
    return {Mode.LOCKED: SHUT, Mode.UNLOCKED: OPEN}.get(settings.mode)


def ruled_for_exit(settings: Settings) -> Ruling | None:
    """The ruling for the sensors that let someone out; lost settings leave the way out to the rules."""
    if settings.mode is Mode.UNLOCKED:
        return None if settings.lost else OPEN
    if settings.mode is Mode.IN_ONLY and not settings.lost:
        return Ruling(Outcome.KEEP_LOCKED, "mode in-only", "the owner lets nobody out")
    return SHUT if settings.mode is Mode.LOCKED else None
