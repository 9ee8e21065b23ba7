"""A head on trial: decides every visit a second time with another head, and moves nothing.

The embedding comes with the sighting, so nothing is looked at twice; the policy is the same pure code that
decides at the door. Only what either would have done is kept, for `models compare`; where they differ, people
are asked about the visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from device.decide.policy import DoorPolicy
from device.interfaces import Head
from device.learn import trials
from device.learn.album import Album
from device.messages import Observation, Sighting, Visit, VisitPhase
from device.tell.sink import Told
from device.tell.store import Store

LIVE_AGAINST_SHADOW = "live head against shadow"
WAIT_S = 60.0
"""So long the end of a visit waits for the same visit as the other head decides it."""


class ShadowSink:
    """Implements sink.Sink: keeps in the store what `head` would have let in."""

    def __init__(self, head: Head, title: str, policy: DoorPolicy, store: Store) -> None:
        """`title` is "name/version"; `policy` decides in shadow, from where the live one began."""
        self._head = head
        self._title = title
        self._policy = policy
        self._store = store
        self._album = Album(store)
        self._live: dict[str, Visit] = {}
        self._shadow: dict[str, Visit] = {}

    def tell(self, passes: Sequence[Told]) -> None:
        for told in passes:
            decision = self._policy.decide(seen_by(self._head, told.observation))
            self._live |= _ended(told.decision.visits)
            self._shadow |= _ended(decision.visits)
            self._pair(told.observation.time)

    def close(self) -> None:
        """The store is closed by the sink that owns it."""

    def _pair(self, now: float) -> None:
        for visit in list(self._live.values()):
            other = self._shadow.get(visit.id) or self._same(visit)
            if other is None and now - visit.ended < WAIT_S:
                continue
            let_in = visit.unlocked_at is not None
            would = other is not None and other.unlocked_at is not None
            trials.put(self._store, self._title, visit, let_in, would)
            if let_in is not would:
                self._album.doubt(visit.id, LIVE_AGAINST_SHADOW)
            del self._live[visit.id]
            if other is not None:
                self._shadow.pop(other.id, None)
        self._shadow = {key: each for key, each in self._shadow.items() if now - each.ended < 2 * WAIT_S}

    def _same(self, visit: Visit) -> Visit | None:
        """The visit of the same animal: the two may count their visits differently."""
        tracks = set(visit.tracks)
        return next((each for each in self._shadow.values() if tracks & set(each.tracks)), None)


def seen_by(head: Head, observation: Observation) -> Observation:
    """The observation as `head` would have judged it; what carries no embedding stays as it is."""
    return replace(observation, sightings=tuple(_judged(head, each) for each in observation.sightings))


def _judged(head: Head, sighting: Sighting) -> Sighting:
    if sighting.embedding is None:
        return sighting
    others = tuple(each for each in sighting.verdicts if each.task != head.task)
    return replace(sighting, verdicts=(*others, head.judge(sighting.embedding)))


def _ended(visits: Sequence[Visit]) -> dict[str, Visit]:
    return {visit.id: visit for visit in visits if visit.phase is VisitPhase.END}
