"""The rules of the bolt: what may be driven now, given a lease that runs out and what the sensors say.

The guard knows nothing of cats. Some other part of the device, which may be wrong, slow or dead, hands it a
lease: permission to hold the bolt open for a while. `Guard.step` turns the time, the lease and the inputs
into the state of at most one coil. It reads no clock, opens no pin and starts no thread, so everything it
can ever do can be tried out in a loop.

What is wanted, the first line that applies:

    panic button or smoke input on, or on within alarm_s      unlocked
    a valid lease                                             unlocked
    no word from the loop for silence_s                       rest
    otherwise                                                 locked

A lease is valid from `lease.time` for `lease.seconds`, and never for more than max_lease_s.

What may forbid the move that is wanted, the first line that applies:

    1  coil limit     a coil is never powered longer at a stretch than limit_s, nor for more than its duty
                      cycle; cut off by a limit it cools for cooldown_s; never two coils at once
    2  open flap      the bolt never starts towards locked unless the flap is known to be closed, and a bolt
                      caught by an opening flap on its way to locked goes back
    3  dwell          between the starts of two moves lie at least dwell_s

An alarm respects only the coil limit. A coil that must be powered to hold the way open is released by its
limit even while the flap is open: its spring bolt then rides on the flap. Unlocking past an open flap only
draws the bolt out of the way, so rule 2 lets it. A flap that swings out past a bolt already locked (one that
blocks the way in only) does not unlock it.

Time. The guard sums up how far `now` has advanced, so a clock that is set back cannot extend anything. A step
in which the clock is not a number, runs backwards or leaps by more than a day powers no coil.

The state reported is what the bolt's sensor says; without one it is where the bolt was driven, once it has
had travel_s. A sensor that still disagrees after travel_s and jam_margin_s means JAMMED; a bolt that stays
where it is driven is then tried again every retry_s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from device.act.bolts import BoltTraits, Drive, Position
from device.act.coil import Coil
from device.errors import ConfigError
from device.messages import BoltState, Door, Inputs, Lease

PANIC = "panic"
ALARMS = (PANIC, "smoke")
"""Names of the buttons and contacts that open the way out whatever the loop does."""

LEAP_S = 86_400.0
"""A clock that advances further between two steps is not believed."""

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]

_MOVING = {Position.LOCKED: BoltState.LOCKING, Position.UNLOCKED: BoltState.UNLOCKING}
_ARRIVED = {Position.LOCKED: BoltState.LOCKED, Position.UNLOCKED: BoltState.UNLOCKED}


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """The [guard] section: the promises the guard keeps whatever the rest of the device does."""

    rest: Literal["locked", "unlocked"] = "locked"
    """Where the bolt goes when the loop falls silent."""
    blocks: Literal["in", "both"] = "in"
    """Which way the locked bolt blocks; "in" leaves the way out mechanically free."""
    max_lease_s: Seconds = 10.0
    silence_s: Seconds = 5.0
    """Without a word from the loop for this long, the bolt goes to rest."""
    dwell_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.5
    alarm_s: Seconds = 60.0
    """How long panic button and smoke input hold the way open after they were last on."""
    jam_margin_s: Seconds = 0.5
    retry_s: Seconds = 10.0

    @property
    def may_trap(self) -> bool:
        """Whether a silent loop can shut an animal in; worth a warning to the owner."""
        return self.blocks == "both" and self.rest == "locked"


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the pins of the bolt shall be from `time` on; never both coils."""

    time: float
    unlock: bool
    """Power the coil that draws the bolt back, or move the servo there."""
    lock: bool
    state: BoltState
    refusal: str | None = None
    """Why the bolt is not where the lease, or the want of one, asks for; None while it is."""


@dataclass(frozen=True, slots=True)
class _Wish:
    position: Position
    alarm: bool = False
    why: str | None = None
    """Why this is not what the lease, or the want of one, asks for."""


class Guard:
    """One bolt's guard. `door_sensor` and `bolt_sensor` tell which of the sensors the door has.

    Raises:
        ConfigError: the bolt cannot rest where the settings say.
    """

    def __init__(
        self,
        settings: GuardSettings,
        traits: BoltTraits,
        door_sensor: bool,
        bolt_sensor: bool,
    ) -> None:
        self._rest = Position(settings.rest)
        self._silence = None if self._rest is Position.LOCKED else "the loop is silent: the bolt is at rest"
        if traits.drive(self._rest) is Drive.HOLD:
            raise ConfigError(
                f'[guard] rest = "{settings.rest}" needs power with this bolt, so a dead device could not '
                f'keep it; use rest = "{self._rest.other}"'
            )
        self._settings = settings
        self._traits = traits
        self._door_sensor = door_sensor
        self._bolt_sensor = bolt_sensor
        self._coils = {position: Coil(traits.limits) for position in Position}
        self._last_now: float | None = None
        self._time = 0.0
        self._heard = self._alarmed = float("-inf")
        self._goal = traits.unpowered
        self._moved = float("-inf")

    @property
    def resting(self) -> bool:
        """Whether the bolt has been driven to its rest and no coil is powered."""
        powered = any(coil.powered for coil in self._coils.values())
        return self._goal is self._rest and not self._moving and not powered

    def fall_silent(self) -> None:
        """Count the loop as silent from now on, until it speaks again."""
        self._heard = float("-inf")

    def step(self, now: float, lease: Lease | None, inputs: Inputs, spoke: bool) -> Outputs:
        """What the pins shall be at `now` (monotonic seconds).

        `spoke` tells whether the loop has said anything, even "no lease", since the last step.
        """
        if not self._advance(now):
            self._cut()
            return self._outputs(now, inputs, "the clock leapt: no coil is powered until it runs evenly")
        if spoke:
            self._heard = self._time
        if any(inputs.buttons.get(name, False) for name in ALARMS):
            self._alarmed = self._time
        wish = self._wish(now, lease)
        self._protect(inputs)
        refusal = wish.why
        if self._goal is not wish.position or self._worth_a_retry(inputs):
            veto = self._veto(wish, inputs)
            if veto is None:
                self._begin(wish.position)
            else:
                refusal = veto
        return self._outputs(now, inputs, refusal)

    def _advance(self, now: float) -> bool:
        """Move the guard's own time on; False if the clock cannot be believed in this step."""
        if not math.isfinite(now):
            return False
        passed = now - (now if self._last_now is None else self._last_now)
        self._last_now = now
        # To the nanosecond, so that a wait ends at the same time in however many steps it passed.
        self._time = round(self._time + min(max(passed, 0.0), LEAP_S), 9)
        return 0.0 <= passed <= LEAP_S

    def _wish(self, now: float, lease: Lease | None) -> _Wish:
        fault = None if lease is None else self._fault(now, lease)
        leased = lease is not None and fault is None
        if self._time - self._alarmed <= self._settings.alarm_s:
            why = None if leased else "panic or smoke: the way out is held open"
            return _Wish(Position.UNLOCKED, alarm=True, why=why)
        if leased:
            return _Wish(Position.UNLOCKED)
        if self._time - self._heard >= self._settings.silence_s:
            return _Wish(self._rest, why=fault or self._silence)
        return _Wish(Position.LOCKED, why=fault)

    def _fault(self, now: float, lease: Lease) -> str | None:
        """Why the lease is not valid at `now`."""
        if lease.time > now:
            return "the lease begins in the future"
        seconds = min(lease.seconds, self._settings.max_lease_s)
        if not now - lease.time < seconds:  # so that a lease that is not a number has run out, too
            return f"the lease ran out after {seconds:g} s"
        return None

    @property
    def _moving(self) -> bool:
        return self._time - self._moved < self._traits.travel_s

    def _protect(self, inputs: Inputs) -> None:
        """End what must not go on: a pulse that is over, an exhausted coil, a move into an open flap."""
        if self._goal is None:
            return
        coil = self._coils[self._goal]
        if self._traits.drive(self._goal) is Drive.PULSE and not self._moving:
            coil.release(self._time)
        if coil.exhausted(self._time):
            self._cut()
        if self._goal is Position.LOCKED and self._moving and not self._closed(inputs):
            self._retreat()

    def _cut(self) -> None:
        """Take the power from whatever coil has it; a spring then takes the bolt, or it stops halfway."""
        for position, coil in self._coils.items():
            if coil.powered:
                coil.cut(self._time)
                self._goal = position.other if self._traits.drive(position) is Drive.HOLD else None
                self._moved = self._time

    def _retreat(self) -> None:
        if self._coil_refuses(Position.UNLOCKED) is None:
            self._begin(Position.UNLOCKED)
        elif self._traits.lock is Drive.PULSE:
            self._cut()

    def _veto(self, wish: _Wish, inputs: Inputs) -> str | None:
        """Why the bolt may not start towards where it is wanted: the table above, from the top."""
        refused = self._coil_refuses(wish.position)
        if refused is not None or wish.alarm:
            return refused
        if wish.position is Position.LOCKED and not self._closed(inputs):
            if inputs.door is Door.OPEN:
                return "the flap is open: the bolt stays out of its way"
            return "the flap's sensor does not answer: the bolt stays out of its way"
        if self._time - self._moved < self._settings.dwell_s:
            return f"the bolt moved less than {self._settings.dwell_s:g} s ago"
        return None

    def _coil_refuses(self, position: Position) -> str | None:
        if self._traits.drive(position) is Drive.SPRING:
            return None
        return self._coils[position].refuses(self._time, self._traits.travel_s)

    def _begin(self, position: Position) -> None:
        self._coils[position.other].release(self._time)
        self._goal = position
        self._moved = self._time
        if self._traits.drive(position) is not Drive.SPRING:
            self._coils[position].power(self._time)

    def _worth_a_retry(self, inputs: Inputs) -> bool:
        waited = self._time - self._moved >= self._settings.retry_s
        return waited and self._traits.lock is Drive.PULSE and self._state(inputs) is BoltState.JAMMED

    def _closed(self, inputs: Inputs) -> bool:
        return inputs.door is Door.CLOSED or (inputs.door is Door.UNKNOWN and not self._door_sensor)

    def _state(self, inputs: Inputs) -> BoltState:
        if not self._bolt_sensor:
            if self._goal is None:
                return BoltState.UNLOCKED  # not known to be locked
            return _MOVING[self._goal] if self._moving else _ARRIVED[self._goal]
        if self._goal is None or inputs.bolt is _ARRIVED[self._goal]:
            return inputs.bolt
        patience_s = self._traits.travel_s + self._settings.jam_margin_s
        overdue = self._time - max(self._moved, 0.0) >= patience_s  # at the start, sensors must settle, too
        return BoltState.JAMMED if overdue else _MOVING[self._goal]

    def _outputs(self, now: float, inputs: Inputs, refusal: str | None) -> Outputs:
        state = self._state(inputs)
        if refusal is None and state is BoltState.JAMMED:
            refusal = "the bolt is jammed: its sensor still says otherwise"
        return Outputs(
            time=now,
            unlock=self._coils[Position.UNLOCKED].powered,
            lock=self._coils[Position.LOCKED].powered,
            state=state,
            refusal=refusal,
        )
