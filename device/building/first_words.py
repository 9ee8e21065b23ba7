"""Says at the start how the parts of the device are of which no pass of the loop will tell."""

from __future__ import annotations

from device.building.eyes import Watching
from device.config import Project
from device.messages import Fault
from device.tell.health import Health, State
from device.telling import say_at_the_start


def say_what_holds(project: Project, seen: Watching, fault: str, health: Health) -> None:
    """Keep in `health` how they are; `fault` is what is wrong with the project file, if anything is."""
    _say_models(seen, health)
    say_at_the_start(project, health)
    _say_project(project, fault, health)


def _say_models(seen: Watching, health: Health) -> None:
    """Say with what the device sees, what it was never taught, and that it sees nothing without models."""
    if seen.fault:
        fix = "put it back, or name another in the project file, and start again"
        health.set("model", State.FAULT, seen.fault, fix)
        return
    health.set("model", State.OK, ", ".join(seen.hashes))
    if seen.untaught:
        text = f"never taught: {', '.join(seen.untaught)}; rules that need it wait"
        health.set("heads", State.WARNING, text, "label some visits and train")


def _say_project(project: Project, fault: str, health: Health) -> None:
    """Say by which project file the device goes."""
    if not fault:
        health.set("project", State.OK, project.name)
        return
    fix = "correct the project file and start again"
    health.set("project", State.FAULT, fault, fix, fault=Fault.CONFIGURATION)
