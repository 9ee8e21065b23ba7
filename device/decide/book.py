"""The book of open visits: which track belongs to which, who came, who left."""

from __future__ import annotations

from collections.abc import Callable

from device.decide.subject import Subject
from device.decide.visits import OpenVisit, VisitSettings
from device.messages import Observation, Visit, VisitPhase


class VisitBook:
    """All visits that have not ended, by the tracks that they follow."""

    def __init__(
        self, settings: VisitSettings, session: str, new_subject: Callable[[], Subject], count: int = 0
    ) -> None:
        self._settings = settings
        self._session = session
        self._new_subject = new_subject
        self.count = count
        self.open: dict[str, OpenVisit] = {}
        self._by_track: dict[int, str] = {}

    def follow(self, observation: Observation, passed: float) -> list[OpenVisit]:
        """Hand every sighting to its visit; the visits of this observation."""
        present: list[OpenVisit] = []
        tracks = {sighting.track.id for sighting in observation.sightings}
        if observation.looked:
            self._by_track = {track: visit for track, visit in self._by_track.items() if track in tracks}
        for sighting in observation.sightings:
            number = self._by_track.get(sighting.track.id) or self._begin(observation, sighting.track.id)
            visit = self.open[number]
            present.append(visit)
            visit.subject.update(observation, sighting, passed)
            visit.see(observation.time, observation.inputs.door)
        return present

    def _begin(self, observation: Observation, track: int) -> str:
        left = [number for number in self.open if number not in self._by_track.values()]
        if len(left) == 1 == len(self.open) and not self.open[left[0]].was_let_in:
            number = left[0]
            self.open[number].continue_with(self._new_subject())
        else:
            self.count += 1
            number = f"{self._session}-{self.count}"
            self.open[number] = OpenVisit(number, observation.time, observation.wall, self._new_subject())
        self._by_track[track] = number
        return number

    def restart(self, now: float) -> None:
        """Go on after the clock jumped back: the visits stay, what was proven in them does not."""
        for visit in self.open.values():
            visit.restart(now)

    def tell(self, now: float) -> tuple[Visit, ...]:
        """The documents of visits that began, changed or ended by `now`."""
        told: list[Visit] = []
        for number, visit in list(self.open.items()):
            ended = visit.over(now, self._settings)
            if ended:
                del self.open[number]
                self._by_track = {track: held for track, held in self._by_track.items() if held != number}
            if visit.told is None and not visit.worth_telling(self._settings.frames):
                continue
            standing = visit.standing()
            if ended or standing != visit.told:
                phase = VisitPhase.END if ended else VisitPhase.UPDATE if visit.told else VisitPhase.NEW
                visit.told = standing
                told.append(visit.document(now, phase))
        return tuple(told)

    def latest(self) -> OpenVisit | None:
        """The visit whose animal was seen last."""
        return max(self.open.values(), key=lambda visit: visit.last_seen, default=None)
