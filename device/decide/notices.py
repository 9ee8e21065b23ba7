"""What the owner is told apart from visits: each thing once, when it begins or ends."""

from __future__ import annotations

from device.decide.rules import Ruling
from device.messages import Event, Observation, Outcome, Visit, VisitKind, VisitPhase

ALARMS = {
    "smoke": ("the smoke alarm is on: the way out is held open", "critical"),
    "panic": ("the panic button is pressed: the way out is held open", "warning"),
}
"""The contacts on which the guard opens by itself, what is said of them, and how severe that is."""


class Notices:
    """Collects the events of one observation."""

    def __init__(self, lost: bool, alerting: str, alarms: tuple[str, ...] = ()) -> None:
        self.lost = lost
        self.alerting = alerting
        """The alert rule that an input holds on, empty if none."""
        self.alarms = alarms
        """Those of `ALARMS` that are on."""
        self._alerted: set[tuple[str, str]] = set()
        self._events: list[Event] = []

    def take(self) -> tuple[Event, ...]:
        """The events since they were last taken."""
        events, self._events = tuple(self._events), []
        return events

    def tell(
        self, observation: Observation, kind: str, text: str, severity: str = "info", visit: str | None = None
    ) -> None:
        """Add one event."""
        self._events.append(Event(observation.time, observation.wall, kind, text, severity, visit))

    def state(self, observation: Observation) -> None:
        """Tell when the settings are lost, and of the contacts that open the way out."""
        if observation.settings.lost and not self.lost:
            text = "the stored settings were lost: entry stays locked until you set the mode again"
            self.tell(observation, "settings-lost", text, "critical")
        self.lost = observation.settings.lost
        self._alarm(observation)

    def _alarm(self, observation: Observation) -> None:
        """Tell when smoke or the panic button opens the way out, and when that is over."""
        on = tuple(name for name in ALARMS if observation.inputs.buttons.get(name, False))
        for name, (text, severity) in ALARMS.items():
            if name in on and name not in self.alarms:
                self.tell(observation, name, text, severity)
            elif name in self.alarms and name not in on:
                self.tell(observation, f"{name}-ended", f"the {name} contact is off again")
        self.alarms = on

    def alert(self, observation: Observation, ruling: Ruling, visit: str) -> None:
        """Tell what an alert rule says of a visitor, once in a visit and not what an input said already."""
        told = ruling.rule == self.alerting or (visit, ruling.rule) in self._alerted
        if ruling.fired and ruling.fired.alert and not told:
            self._alerted.add((visit, ruling.rule))
            self.tell(observation, "alert", ruling.reason, "critical", visit)

    def alert_of_input(self, observation: Observation, ruling: Ruling) -> None:
        """Tell what an alert rule says of an input alone, once as long as it holds."""
        alerting = ruling.rule if ruling.fired and ruling.fired.alert else ""
        if alerting and alerting != self.alerting:
            self.tell(observation, "alert", ruling.reason, "critical")
        self.alerting = alerting

    def by_chip(self, observation: Observation, who: str) -> None:
        """Tell that the door opens for a chip alone; nobody saw who came, or with what."""
        opens = "is let in" if observation.settings.enforce else "would be let in"
        text = f"{who} {opens} by chip alone, for the camera is blind ({observation.blind})"
        self.tell(observation, "let-in-by-chip", text)

    def ends(self, observation: Observation, visits: tuple[Visit, ...]) -> None:
        """Tell of the visits that ended in a breach, and ask about those that stayed undecided."""
        for visit in visits:
            if visit.phase is not VisitPhase.END:
                continue
            self._alerted = {(told, rule) for told, rule in self._alerted if told != visit.id}
            if visit.kind is VisitKind.BREACH:
                text = f"{visit.who or visit.species} came in without permission: {visit.reason}"
                self.tell(observation, "breach", text, "critical", visit.id)
            elif visit.outcome is Outcome.UNDECIDED and visit.kind is not VisitKind.TRANSIT:
                text = f"a {visit.species} left undecided ({visit.reason}): who was it, and with what?"
                self.tell(observation, "question", text, "info", visit.id)
