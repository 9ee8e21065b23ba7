"""Tells a fault in one line on standard error, the same for every command."""

from __future__ import annotations

from rich.console import Console


def tell_fault(fault: object, console: Console | None = None) -> None:
    """Print `latchlens: ...` as a single line, in red on a terminal."""
    line = " ".join(str(fault).splitlines())
    console = console or Console(stderr=True)
    console.print(f"latchlens: {line}", style="bold red", markup=False, highlight=False, soft_wrap=True)
