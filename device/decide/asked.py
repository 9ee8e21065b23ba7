"""What the owner asked for by hand, from afar: to let in whoever waits, once and for a while, or to lock.

Such a wish is the owner's own word, so it overrules lockouts and what was seen, and is obeyed though the
device does not enforce yet. It never overrules the mode, and it never outlives its seconds.
"""

from __future__ import annotations

from collections.abc import Iterable

from device.decide.modes import ruled_for_entry
from device.decide.notices import Notices
from device.decide.rules import Ruling
from device.messages import Ask, Observation, Outcome, Request

LOCKED_BY_HAND = Ruling(Outcome.KEEP_LOCKED, "locked by hand", "the owner locked the door for this visit")


class Asked:
    """The request in force, and the visits for which the owner locked the door."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._begun = 0.0
        self._request: Request | None = None
        self._locked: frozenset[str] = frozenset()
        self._locked_at = float("-inf")

    def take(self, observation: Observation, visits: Iterable[str], notices: Notices) -> bool:
        """Hear what is asked in this observation, `visits` being open; whether the door is to be locked."""
        self._locked &= frozenset(visits)
        lock = False
        for request in observation.requests:
            if request.kind is Ask.LET_IN:
                self._let_in(observation, request, notices)
            else:
                lock = True
                self.end()
                self._locked, self._locked_at = frozenset(visits), observation.time
                notices.tell(observation, "locked-by-hand", f"{request.by} locked the door")
        self._expire(observation)
        return lock

    def _let_in(self, observation: Observation, request: Request, notices: Notices) -> None:
        refused = ruled_for_entry(observation.settings)
        if refused is not None and refused.outcome is not Outcome.UNLOCK:
            text = f"{request.by} asked to let in, but {refused.reason}: set the mode first"
            notices.tell(observation, "let-in-refused", text, "warning")
            return
        self._begun, self._request, self._locked = observation.time, request, frozenset()
        self._locked_at = float("-inf")
        text = f"{request.by} lets in whoever comes, once, for {self._seconds:g} s"
        notices.tell(observation, "let-in", text)

    def _expire(self, observation: Observation) -> None:
        shut = ruled_for_entry(observation.settings)
        over = not 0 <= observation.time - self._begun < self._seconds
        if over or (shut is not None and shut.outcome is not Outcome.UNLOCK):
            self.end()

    def end(self) -> None:
        """The request is fulfilled, or taken back."""
        self._request = None

    def restart(self) -> None:
        """Go on after the clock was set back: no time of before means anything."""
        self.end()
        self._locked_at = float("-inf")

    def keeps_out(self, read: float) -> bool:
        """Whether a chip read at `read` is of one for whom the owner locked the door, and who has stayed."""
        if read - self._locked_at >= self._seconds:
            return False
        self._locked_at = max(self._locked_at, read)
        return True

    def lasts(self, now: float) -> bool:
        """Whether what the owner asked still tells in what is decided next."""
        return self._request is not None or now - self._locked_at < self._seconds

    @property
    def lets_in(self) -> bool:
        """Whether a request to let in is in force."""
        return self._request is not None

    def ruling(self) -> Ruling | None:
        """The ruling for whoever comes while a request to let in is in force."""
        if self._request is None:
            return None
        return Ruling(Outcome.UNLOCK, "let in by hand", f"{self._request.by} lets in whoever comes")

    def ruling_for(self, visit: str) -> Ruling | None:
        """The ruling for a visit for which the owner locked the door."""
        return LOCKED_BY_HAND if visit in self._locked else None
