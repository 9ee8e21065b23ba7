"""The few forms that reasons have: the same words with other numbers in them are one reason to search for."""

from __future__ import annotations

import json
import re

from device.errors import StoreError
from device.tell.packing import unpacked

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def form(reason: str) -> str:
    """A reason with "#" in the place of every number, as "waiting: mouth not seen; needed #, reached #"."""
    return _NUMBER.sub("#", reason)


def reason_of(kept: bytes) -> str:
    """The form of the reason of a visit as it is packed; none of a damaged one, which others will tell of."""
    try:
        return form(str(json.loads(unpacked(kept, ""))["reason"]))
    except (StoreError, ValueError, KeyError, TypeError):
        return ""
