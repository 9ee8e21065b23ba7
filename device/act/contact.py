"""A contact's bounce taken out: a level counts once it has lasted."""

from __future__ import annotations


class Steady:
    """Follows a level that must last `settle_s` before it is believed; None until a first one has."""

    __slots__ = ("_believed", "_raw", "_settle_s", "_since")

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._raw: bool | None = None
        self._since = 0.0
        self._believed: bool | None = None

    def follow(self, time: float, raw: bool) -> bool | None:
        """The believed level at `time` (monotonic seconds), when the contact reads `raw`."""
        if raw is not self._raw or not time >= self._since:  # also after a time that was not a number
            self._raw, self._since = raw, time
        if time - self._since >= self._settle_s:
            self._believed = raw
        return self._believed
