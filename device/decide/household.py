"""Whom the door is for, and what counts as a usable view of them: the project file's choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from device.errors import ConfigError
from device.messages import Box, Heading, Observation, Sighting

Ratio = Annotated[float, Field(ge=0, le=1)]

TAKEN = frozenset({"own", "stranger", "other species", "person", "unknown", "anyone"})
"""Words of the rules, the lockouts and the head "who": an animal of that name would open for others."""


@dataclass(frozen=True, slots=True)
class Animal:
    """One `[[animal]]` of the household."""

    name: Annotated[str, Field(min_length=1, pattern=r"^[^/\\]+$")]
    species: str = "cat"
    chip: Annotated[str, Field(pattern=r"^(\d{15})?$")] = ""
    """The 15 digits of its microchip, empty if it has none."""
    lives_here: bool = True
    """It is missed when it is not seen for long; a friend's animal on a visit is not."""

    def __post_init__(self) -> None:
        if self.name in TAKEN:
            raise ConfigError(f"name = {self.name!r} means something else in rules; choose another name")


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """`[view]`: which frames may count as evidence."""

    zone: tuple[Ratio, Ratio, Ratio, Ratio] = (0.0, 0.0, 1.0, 1.0)
    """Left, top, width, height of the part of the picture in which the animal's centre must lie."""
    min_sharpness: Annotated[float, Field(ge=0)] = 20.0
    """Least variance of the Laplacian."""
    min_brightness: Ratio = 0.04
    max_brightness: Ratio = 0.97
    min_height: Ratio = 0.08
    """Least height of the animal as a ratio of the picture."""

    def unusable(self, observation: Observation, sighting: Sighting) -> str | None:
        """Why this view proves nothing, or None if it may count."""
        track, view = sighting.track, sighting.view
        checks = (
            (observation.blind is not None, f"the camera is blind ({observation.blind})"),
            (not track.seen, "not seen in this frame"),
            (not self.in_zone(track.box), "outside the zone"),
            (track.heading is Heading.OUT, "walking away"),
            # A measure that is no number fails each of these.
            (not view.height >= self.min_height, "too far away"),
            (not view.brightness >= self.min_brightness, "too dark"),
            (not view.brightness <= self.max_brightness, "too bright"),
            (not view.sharpness >= self.min_sharpness, "blurred"),
        )
        return next((why for bad, why in checks if bad), None)

    def in_zone(self, box: Box) -> bool:
        """Whether the centre of `box` lies in the zone."""
        (x, y), (left, top, width, height) = box.centre, self.zone
        return left <= x <= left + width and top <= y <= top + height


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """`[identity]`: what proves who an animal is."""

    proof: Literal["sight", "chip", "either", "both"] = "sight"
    chip_seconds: Annotated[float, Field(gt=0)] = 10.0
    """For how long a chip that was read counts as standing at the door."""
    unfamiliar: Annotated[float, Field(ge=0)] = 1.0
    """A view unlike every example counts at least this log ratio against being an own animal."""
