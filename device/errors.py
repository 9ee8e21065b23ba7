"""Errors that say whose fault it is; every message carries the value and the fix."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class LatchlensError(Exception):
    """Base of all errors that a user may see; the command line prints them in one line."""

    status = 1
    """The exit status of a command that it ends."""


class ConfigError(LatchlensError, ValueError):
    """The project file asks for something that does not exist or does not fit."""

    status = 2


class ModelError(LatchlensError, ValueError):
    """A model or head is missing, damaged or does not fit its card."""


class PictureError(LatchlensError, ValueError):
    """A picture or video cannot be read."""


class DatasetError(LatchlensError, ValueError):
    """Labels, pictures or a manifest cannot be learnt from as they stand."""


class HardwareError(LatchlensError, OSError):
    """A camera, pin or serial port is missing or does not answer."""


class StalledCameraError(HardwareError):
    """The camera stays away, and a new process may help."""

    status = 69
    """EX_UNAVAILABLE of sysexits.h."""


class StoreError(LatchlensError, OSError):
    """The state directory or the database in it cannot be used."""


class UpdateError(LatchlensError, OSError):
    """A version cannot be installed, or has not proven itself and was taken back."""


class BrokerError(LatchlensError, OSError):
    """The MQTT broker does not answer or does not let the device in."""


def hint(wrong: object, known: Iterable[str]) -> str:
    """The fix for a misspelt name: the closest known one, or all of them, or that there is none yet."""
    choices = list(known)
    if not choices:
        return "there is none yet"
    close = get_close_matches(str(wrong), choices, 1)
    return f"did you mean {close[0]}?" if close else f"use one of {', '.join(choices)}"
