"""What the owner's mode decides before any rule is asked."""

from __future__ import annotations

from device.decide.rules import Ruling
from device.messages import Mode, Outcome, Settings


def ruled_for_animals(settings: Settings) -> Ruling | None:
    """The ruling for whoever comes, None if the rules are to be asked.

    Lost settings never open: entry stays locked until the owner sets a mode again.
    """
    if settings.lost:
        return Ruling(Outcome.KEEP_LOCKED, "settings lost", "the stored settings were lost; entry is locked")
    if settings.mode is Mode.OUT_ONLY:
        return Ruling(Outcome.KEEP_LOCKED, "mode out-only", "the owner lets nobody in")
    return ruled_for_all(settings)


def ruled_for_all(settings: Settings) -> Ruling | None:
    """The ruling that holds for animals, switches and sensors alike."""
    if settings.mode is Mode.LOCKED:
        return Ruling(Outcome.KEEP_LOCKED, "mode locked", "the owner has locked the door")
    if settings.mode is Mode.UNLOCKED and not settings.lost:
        return Ruling(Outcome.UNLOCK, "mode unlocked", "the owner has unlocked the door")
    return None
