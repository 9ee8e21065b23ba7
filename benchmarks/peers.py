"""What else one would follow animals with, each in an environment of its own that is made once and kept.

They pin numpy and OpenCV as they like; nothing of that may touch the device's environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any

from benchmarks.sequences import Moment
from device.messages import Box

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "latchlens" / "peers"
PATIENCE_S = 1200
DONE = "installed"

Settings = Mapping[str, Any]


class AbsentError(Exception):
    """A peer cannot be installed here; the words say why."""


@dataclass(frozen=True, slots=True)
class Told:
    """Of every frame the boxes by track, and how long each took."""

    boxes: tuple[dict[int, Box], ...]
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Peer:
    """A package, its usual settings, and others to choose the best from.

    What they mean is said by peer_tracks.py.
    """

    name: str
    package: str
    usual: Settings
    others: tuple[Settings, ...]

    def begin(self) -> Running:
        """Its process, waiting for sequences.

        Raises:
            AbsentError: it cannot be installed.
        """
        return Running(self, _python(self))


class Running:
    """A peer's process, which follows one sequence after the other."""

    def __init__(self, peer: Peer, python: Path) -> None:
        script = Path(__file__).with_name("peer_tracks.py")
        self._process = subprocess.Popen(
            [str(python), str(script), peer.name], stdin=PIPE, stdout=PIPE, text=True, bufsize=1
        )
        self.peer = peer

    def follow(self, moments: Sequence[Moment], rate: float, settings: Settings) -> Told:
        """What it makes of a sequence."""
        frames = [
            [[box.left, box.top, box.right, box.bottom, score] for box, score in moment.found]
            for moment in moments
        ]
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"rate": rate, "settings": settings, "frames": frames}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        boxes = tuple(
            {track: Box.from_corners(*corners) for track, *corners in frame} for frame in answer["tracks"]
        )
        return Told(boxes, tuple(answer["seconds"]))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def installed(peer: Peer) -> bool:
    """Whether its environment is there already."""
    return (_folder(peer) / DONE).exists()


def _folder(peer: Peer) -> Path:
    return CACHE / f"{peer.package.replace('==', '-')}-py{sys.version_info.major}{sys.version_info.minor}"


def _python(peer: Peer) -> Path:
    """The interpreter of an environment that has the peer; made if there is none yet."""
    folder = _folder(peer)
    python = folder / "bin" / "python"
    if installed(peer):
        return python
    print(f"installing {peer.package} in {folder}", file=sys.stderr)
    try:
        venv.create(folder, clear=True, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run(
            [*command, peer.package], check=True, timeout=PATIENCE_S, capture_output=True, text=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise AbsentError(f"{peer.package} cannot be installed: {said.strip().splitlines()[-1]}") from None
    (folder / DONE).touch()
    return python


NORFAIR = Peer(
    "norfair",
    "norfair==2.3.0",
    {"distance": "iou", "threshold": 0.7},
    tuple(
        {"distance": distance, "threshold": threshold, "lost_s": lost, "delay": delay}
        for distance, thresholds in (("iou", (0.7, 0.9, 0.98)), ("euclidean", (0.1, 0.2)))
        for threshold in thresholds
        for lost in (1.0, 2.0)
        for delay in (1, 2)
    ),
)
"""Usual: what its examples begin with for boxes."""

BYTETRACK = Peer(
    "bytetrack",
    "supervision==0.26.1",
    {},
    tuple(
        {"match": match, "lost_s": lost, "least": least, "delay": delay}
        for match in (0.8, 0.9, 0.98)
        for lost in (1.0, 2.0)
        for least in (0.25, 0.35)
        for delay in (1, 2)
    ),
)
PEERS = (NORFAIR, BYTETRACK)
