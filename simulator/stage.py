"""The stage of a scene: world and guard live in steps of 20 ms, the loop looks at the camera's rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from device.act.local import PERIOD_S, LocalGuard
from device.decide.policy import STILL_READ
from device.interfaces import EndOfVideo
from device.messages import BoltState, Decision, Frame, Observation, Pixels, Settings
from simulator.faults import CameraFault, CameraFaultKind, DeviceFault, in_force
from simulator.idle import Idle, shown_at
from simulator.mechanics import IronBolt
from simulator.owner import CHOSEN, Owner
from simulator.pins import House
from simulator.play import Watch
from simulator.post import Broker
from simulator.record import OPENING, Record
from simulator.recording import RecordingClock
from simulator.scene import Scene
from simulator.sensors import Antenna, Motion
from simulator.shutter import Shutter
from simulator.supervision import BOOT_S, LOAD_S, RESTART_S, WATCHDOG_S, Killed
from simulator.world import World


class Stage:
    """Implements interfaces.Camera over a world, and lets that world and the guard live meanwhile."""

    def __init__(
        self,
        scene: Scene,
        world: World,
        picture: Callable[[], Pixels],
        rate: float,
        seed: int,
        chosen: Settings = CHOSEN,
    ) -> None:
        self.clock = RecordingClock(scene.starts)
        """The device's; it begins anew with every power cut."""
        self.booted = 0.0
        """The second of the scene at which the device's clock began."""
        self.world = world
        self.record = Record(happenings=world.happenings, tripped=[tap.at for tap in scene.taps])
        self.blind: str | None = None
        self.audience: Watch | None = None
        self.scene, self.rate = scene, rate
        self.chosen = chosen
        """What the owner has set."""
        self._shutter = Shutter(scene, rate, picture, self.clock)
        self.idle: Idle | None = None
        """Finds what may be left out; None: nothing is."""
        self._latest: tuple[Observation, Decision] | None = None
        self._guard: LocalGuard | None = None
        self._house: House | None = None
        self._bolt: IronBolt | None = None
        self._motion = {name: Motion(scene.sensors) for name in ("inside", "outside")}
        self._struck_down: list[DeviceFault] = []
        self._dark_until = 0.0
        self.broker = Broker()
        self.owner = Owner(scene.taps, world)
        self.antenna = Antenna(scene.sensors, np.random.default_rng([seed, 2]))

    def furnish(self, guard: LocalGuard, house: House, bolt: IronBolt) -> None:
        """Give the stage the door of a process that starts; the bolt stays where it was."""
        self._guard, self._house = guard, house
        if self._bolt is None:
            self._bolt = bolt
        self._bolt.wire(bolt)
        house.set("door", not self.world.flap.contact_open)
        self.record.powered_limit = bolt.limit_s

    def let_go(self) -> None:
        """The process is gone: nobody steps the guard any more."""
        self._guard = self._house = self.idle = self._latest = None

    def device_fault(self, what: str) -> DeviceFault | None:
        """The fault of the device of that kind that is in force now."""
        now = in_force(self.scene.device_faults, self.world.time)
        return next((fault for fault in now if fault.what == what), None)

    def break_camera(self, what: CameraFaultKind, seconds: float) -> None:
        """Let the camera fail from now on, for some seconds."""
        now = self.world.time
        self._shutter.faults.append(CameraFault(what, now, now + seconds))

    def camera_fault(self) -> str | None:
        """What is wrong with the camera now."""
        return next((fault.what for fault in in_force(self._shutter.faults, self.world.time)), None)

    def next(self, timeout: float) -> Frame | None:
        """The frame that comes within `timeout`, None if none does; raises EndOfVideo after the scene."""
        if self.device_fault("exceptions"):
            self._pass_time(self.world.time + 1 / self.rate)
            raise RuntimeError("the scene lets every pass fail")
        self._hang()
        self._leap()
        due = self._shutter.due(self.world.time)
        if due > self.world.time + timeout + PERIOD_S:
            self._pass_time(min(self.world.time + timeout, self.scene.seconds))
            return None
        self._pass_time(due)
        if due >= self.scene.seconds:
            raise EndOfVideo
        return self._shutter.take(due)

    def _hang(self) -> None:
        """If it is time to hang, do so until the watchdog ends it."""
        fault = self.device_fault("hang")
        if fault is None or fault in self._struck_down:
            return
        self._struck_down.append(fault)
        self.died()
        self._pass_time(self.world.time + WATCHDOG_S)
        raise Killed(fault)

    def close(self) -> None:
        """Nothing to give back."""

    def think(self) -> None:
        """Pass the time that a slow inference takes."""
        if slow := self.device_fault("slow inference"):
            self._pass_time(self.world.time + slow.seconds)

    def watch(self, frame: Frame, observation: Observation, decision: Decision) -> None:
        """Remember how the door stands when the bolt moves next, or nothing does; the audience looks on."""
        self.blind = observation.blind
        self._latest = observation, decision
        if self.audience is not None:
            self.audience(frame, observation, decision)

    def _leap(self) -> None:
        """Go on with a later frame if nothing happens before it; the time up to shortly before it is over."""
        latest, self._latest = self._latest, None
        if self.idle is None or latest is None:
            return
        following = self.idle.following(self._shutter.number - 1, *latest)
        if following > self._shutter.number:
            self._shutter.number = following
            before = shown_at(following, self.rate) - 2 * PERIOD_S
            self.world.advance(before - self.world.time, bolt_open=False)
            self.clock.time = round(self.world.time - self.booted, 6)

    def load(self) -> None:
        """Pass the time that a process which is not the first takes to load its models."""
        if self.record.deaths:
            self._pass_time(self.world.time + LOAD_S)
        self._shutter.skip_what_is_over(self.world.time)

    def _strike_down(self, fault: DeviceFault) -> None:
        self._struck_down.append(fault)
        if fault.what == "power cut":
            self._dark_until = fault.ends
        else:
            self.died()
        raise Killed(fault)

    def died(self) -> None:
        """The process has ended, or is as good as dead; the supervisor starts another."""
        self.record.deaths.append(self.world.time)

    def revived(self) -> None:
        """The loop has turned."""
        if len(self.record.revivals) < len(self.record.deaths):
            self.record.revivals += [self.world.time] * (len(self.record.deaths) - len(self.record.revivals))

    def pace(self) -> float:
        """Let the world go on for 20 ms while a guard that stops steps by itself; the device's time then."""
        self._advance()
        return self.clock.time

    def wait_for_the_supervisor(self) -> bool:
        """Let the world go on until the next process starts; false if the scene ends before."""
        self.let_go()
        if self.world.time < self._dark_until:
            self._stay_dark()
        self._pass_time(self.world.time + RESTART_S)
        return self.world.time < self.scene.seconds

    def _stay_dark(self) -> None:
        """Nothing has power until the cut ends; then the computer boots, and its clock begins anew."""
        assert self._bolt is not None
        self._bolt.driven = lambda: None
        self._pass_time(self._dark_until)
        self.died()
        self.booted = self.world.time
        self.clock.starts = None  # a computer without a battery does not know what time it is
        self._pass_time(self.world.time + BOOT_S - RESTART_S)

    def _pass_time(self, until: float) -> None:
        while self.world.time + PERIOD_S / 2 < min(until, self.scene.seconds + PERIOD_S):
            self._tick()

    def _tick(self) -> None:
        """One step of 20 ms, of the world and of the guard, if there is a process."""
        self._advance()
        if self._guard is None:
            return
        before = self._guard.inputs().bolt
        self._note(before, self._guard.step(self.clock.time).bolt)
        for fault in in_force(self.scene.device_faults, self.world.time):
            if fault.what in ("power cut", "killed") and fault not in self._struck_down:
                self._strike_down(fault)

    def _advance(self) -> None:
        assert self._bolt is not None
        self.clock.unset = self.device_fault("clock unset") is not None
        self._bolt.jammed = self.device_fault("bolt jammed") is not None
        self.world.flap.propped = self.device_fault("door held open") is not None
        if self._house is not None:
            self._house.jammed = self._bolt.jammed
        was_open = self.world.flap.contact_open
        self.world.advance(PERIOD_S, self._bolt.open)
        self.clock.time = round(self.world.time - self.booted, 6)
        is_open = self.world.flap.contact_open
        if was_open and not is_open:
            self.record.flap_closed.append(self.world.time)
        if self._house is not None:
            if is_open is not was_open:
                self._house.set("door", not is_open)
            self._feel(self._house)
        self._turn(self._bolt)

    def _feel(self, house: House) -> None:
        """Let the sensors feel what moves, and buttons be pressed."""
        now = self.world.time
        for name, motion in self._motion.items():
            if name in house.inputs:
                indoors = name == "inside"
                moving = any(actor.about and actor.indoors is indoors for actor in self.world.present)
                self._set(house, name, motion.feel(now, moving))
        for press in self.scene.presses:
            self._set(house, press.input, press.at <= now < press.at + press.seconds)
        if self.scene.project.chip is not None:
            self.antenna.feel(now, self.world.present)

    def _set(self, house: House, name: str, on: bool) -> None:
        house.set(name, on)
        if on and name != "outside":
            self.record.tripped.append(self.world.time)

    def _turn(self, bolt: IronBolt) -> None:
        """Let the bolt move as it is driven."""
        if bolt.advance(PERIOD_S, self.world.flap.ajar):
            self.record.moved.append(self.world.time)
        if bolt.struck and self.world.body_in_flap:
            self.record.bolted_on_a_body.append(self.world.time)
        self.record.longest_powered = bolt.longest_s

    def _note(self, before: BoltState, now: BoltState) -> None:
        if before is now:
            return
        self.record.bolt.append((self.world.time, now))
        if now in OPENING and before not in OPENING and self.blind is not None:
            read = self._read_by_a_rule()
            (self.record.opened_blind if read is None else self.record.tripped).append(
                read or self.world.time
            )

    def _read_by_a_rule(self) -> float | None:
        """When the chip was read for which a rule of the project opens to a blind camera, if just now."""
        policy = self.scene.project.policy
        named = {name for rule in policy.rules for name in rule.by_chip}
        chips = {
            each.chip for each in policy.animals if each.chip and not named.isdisjoint(("own", each.name))
        }
        since = self.world.time - STILL_READ - 1 / self.rate
        reads = [time for time, chip in self.antenna.reads if chip in chips and time >= since]
        return max(reads, default=None)
