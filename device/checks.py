"""What `latchlens check` looks at: each part is built as the device would build it, and asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from device.act import pins
from device.act.link import look
from device.building.eyes import build_sight
from device.building.folder import state_folder
from device.building.guard import build_guard
from device.clock import SystemClock
from device.config import Project, WebSettings, read_project
from device.errors import HardwareError, LatchlensError, PictureError, StoreError
from device.interfaces import EndOfVideo
from device.messages import BoltState
from device.see import sight
from device.tell import database, rounds
from device.tell.health import Found
from device.tell.machine import Machine
from device.tell.quota import free_bytes
from device.tell.store import Store
from device.tell.webhook import address
from device.web.listening import listening, refuse_bad_certificate
from device.web.passwords import Passwords

MACHINE = Machine()
"""The computer whose power, warmth and network are asked for."""
FIRST_FRAME_S = 5.0
"""How long a camera may take to deliver its first frame."""


Check = Callable[[Project, Path], str]
"""Looks at one part, given the state directory; says how it is, or raises LatchlensError."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the check."""

    part: str
    text: str
    fault: bool = False


def run_checks(path: Path, state: Path | None, guarded: Path | None = None) -> Iterator[Result]:
    """Check one part after the other; what depends on a faulty one is left out.

    `guarded` is where a guard that is a process of its own listens: it has the pins, and is asked.
    """
    try:
        project = read_project(path)
    except LatchlensError as error:
        yield Result("project", str(error), fault=True)
        return
    yield Result(
        "project", f"{path}: {len(project.policy.rules)} rules, {len(project.policy.animals)} animals"
    )
    folder = state_folder(project, state)
    checks: dict[str, Check] = {
        "store": _store,
        "disk": _disk,
        "models": _models,
        **({"pins": _pins} if guarded is None else {"guard": partial(_guard, guarded)}),
        "camera": _camera,
        "clock": _clock,
        "power": _power,
        "temperature": _temperature,
        "network": _network,
        "webhooks": _webhooks,
        "broker": _broker,
        "web": _web,
    }
    yield from results(checks, project, folder)


def results(checks: Mapping[str, Check], project: Project, folder: Path) -> Iterator[Result]:
    """What each check says of its part, one after the other, whatever becomes of those before."""
    for part, check in checks.items():
        try:
            yield Result(part, check(project, folder))
        except LatchlensError as error:
            yield Result(part, str(error), fault=True)


def _store(project: Project, folder: Path) -> str:
    """What is kept must be sound and writable; where nothing is, a trial beside the place is taken away."""
    del project
    if (folder / database.NAME).exists():
        _refuse_damaged(folder)
        Store(folder).close()
        if aside := database.damaged(folder):
            names = ", ".join(each.name for each in aside)
            return f"{folder}: the database is sound; a damaged one was set aside before: {names}"
        return f"{folder}: the database is sound"
    place = _existing(folder)
    try:
        with TemporaryDirectory(prefix=".latchlens-check-", dir=place) as trial:
            Store(Path(trial)).close()
    except OSError as error:
        reason = error if isinstance(error, StoreError) else error.strerror
        raise StoreError(f"{folder}: nothing can be kept there: {reason}; choose another --state") from None
    return f"{folder}: empty, and can be written"


def _refuse_damaged(folder: Path) -> None:
    """Looks without touching: opening to write would set a damaged database aside."""
    with closing(database.open_to_read(folder)) as connection:
        fault = database.check(connection)
    if fault:
        raise StoreError(f"{folder}: the database is damaged: {fault}; the next start sets it aside")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


def _disk(project: Project, folder: Path) -> str:
    free, floor = free_bytes(_existing(folder)) / 1e6, project.section("store").free_mb
    if free < floor:
        raise StoreError(f"{free:.0f} MB are free, [store] free_mb wants {floor:g}; make room")
    return f"{free:.0f} MB are free"


def _models(project: Project, folder: Path) -> str:
    seen = build_sight(project, folder)
    return ", ".join(seen.hashes)


def _pins(project: Project, folder: Path) -> str:
    del folder
    guard = build_guard(project.wiring, pins.factory(project.section("pins").kind))
    guard.stop()
    return f"{project.bolt.kind}, {len(project.inputs)} inputs, {len(project.outputs)} outputs"


def _guard(guarded: Path, project: Project, folder: Path) -> str:
    del folder
    report, clock = look(guarded), SystemClock()
    if report.fault:
        raise HardwareError(f"the guard goes on with an earlier project file: {report.fault}")
    if report.wiring != project.wiring.digest:
        raise HardwareError(
            "the guard was started with other pins than the project file says; "
            "`sudo systemctl restart latchlens-guard`"
        )
    if report.inputs.bolt is BoltState.JAMMED:
        raise HardwareError("the bolt is jammed: it is not where it was driven; look what blocks it")
    rests, hours = "at rest" if report.resting else "not at rest", (clock.now() - report.since) / 3600
    dropped = sum(report.dropped.values())
    refused = f"; {dropped} messages were not obeyed" if dropped else ""
    return f"answers since {hours:.1f} h; the bolt is {report.inputs.bolt}, {rests}{refused}"


def _camera(project: Project, folder: Path) -> str:
    del folder
    camera = project.camera.build(SystemClock())
    try:
        frame = camera.next(FIRST_FRAME_S)
    except EndOfVideo:
        raise PictureError("[camera] start and end leave no picture of the recording; change them") from None
    finally:
        camera.close()
    if frame is None:
        raise HardwareError(
            f"{project.camera.kind} gave no picture within {FIRST_FRAME_S:g} s; look at its cable"
        )
    if blind := sight.build(project.section("blind")).check(frame, frame.time):
        raise HardwareError(f"{project.camera.kind}: its picture is {blind}; look at the lens and the light")
    height, width, _ = frame.image.shape
    return f"{project.camera.kind}: {width} x {height}"


def _webhooks(project: Project, folder: Path) -> str:
    del folder
    for settings in project.webhooks:
        address(settings)
    return (
        ", ".join(f"{each.name} by {each.style}" for each in project.webhooks) or "none: no telephone is told"
    )


def _clock(project: Project, folder: Path) -> str:
    del project, folder
    wall = SystemClock().wall()
    return "not set yet: rules with a window wait, or do what clock_unset says" if wall is None else "set"


def _power(project: Project, folder: Path) -> str:
    del project, folder
    return _sound(rounds.power(MACHINE))


def _temperature(project: Project, folder: Path) -> str:
    del project, folder
    return _sound(rounds.warmth(MACHINE))


def _network(project: Project, folder: Path) -> str:
    """The door needs none, so that it is no fault to have none."""
    del project, folder
    return rounds.network(MACHINE).text


def _sound(found: Found) -> str:
    if found.fault is not None:
        raise HardwareError(f"{found.text}; {found.fix}")
    return found.text


def _web(project: Project, folder: Path) -> str:
    settings: WebSettings = project.section("web")
    if not settings.enabled:
        return "switched off by [web] enabled"
    refuse_bad_certificate(settings)
    with closing(listening(settings)):
        at = f"{settings.host} port {settings.port or 'any'} is free"
    roles = Passwords(folder).roles()
    return f"{at}; {'a' if roles else 'no'} password is set{'' if roles else ': run `latchlens password`'}"


def _broker(project: Project, folder: Path) -> str:
    del folder
    settings = project.section("mqtt")
    if not settings.host:
        return "none: [mqtt] host names no broker"
    from device.tell.mqtt import try_broker  # noqa: PLC0415 - nobody else needs the library

    return str(try_broker(settings, project.name))
