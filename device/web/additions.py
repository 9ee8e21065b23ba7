"""What somebody else may add to the page: one more page with its routes, files and texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter

from device.web.caller import Scope


@dataclass(frozen=True, slots=True)
class Addition:
    """A page that is not the device's own; the folder has `pages`, `static` and `texts` like this package."""

    name: str
    """Of the page: its path, its template, its module, its texts."""
    router: APIRouter
    folder: Path
    notice: str = ""
    """The key of a text that every page shows above its content, with a way to this one; "": none."""
    scope: Scope = Scope.READ
    """Who finds it in the navigation; its routes say for themselves who may call them."""
