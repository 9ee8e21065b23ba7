"""Who comes to the door: what a scene says of a visitor, and that visitor on the stage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from device.messages import Box

Seconds = Annotated[float, Field(ge=0)]

NO_CHIP = "none"
"""Written as a visitor's chip: an own animal that has lost its chip."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What a visitor does with its head for a while, in seconds after it came into view."""

    head: Literal["down", "averted", "blurred"]
    begins: Seconds = 0.0
    ends: Seconds = 1e9


@dataclass(frozen=True, slots=True)
class Slip:
    """A frame, or some in a row, in which a visitor is taken for what it is not."""

    says: Literal["prey", "clean", "own", "stranger"]
    at: Seconds
    """Seconds after it came into view."""
    score: Annotated[float, Field(gt=0, lt=1)] = 0.86
    frames: Annotated[int, Field(ge=1)] = 1


@dataclass(frozen=True, slots=True)
class Visitor:
    """One `[[visitor]]` of a scene."""

    name: str
    """An own animal's name as in the project, or any other for a stranger."""
    arrives: Seconds
    """When it comes into view, or, indoors, sets out for the flap, in seconds of the scene."""
    species: str = "cat"
    starts: Literal["outside", "inside"] = "outside"
    """Where it is before it comes to the flap."""
    carries: bool = False
    """It has prey in its mouth when it arrives."""
    drops: Seconds | None = None
    """Seconds after its arrival at which it lays the prey down."""
    grabs: Seconds | None = None
    """Seconds after its arrival at which it takes prey up (again)."""
    walks: Annotated[float, Field(gt=0)] = 3.0
    """Seconds from coming into view to the flap."""
    patience: Seconds = 60.0
    """Seconds it waits before the flap until it goes away."""
    pushes: bool = True
    """It tries the flap every other second while it waits."""
    passes: Annotated[float, Field(gt=0)] = 1.2
    """Seconds it takes through the flap."""
    sits: Seconds = 0.0
    """Seconds it stays sitting in the tunnel, the flap held open by its tail."""
    turns_back: bool = False
    """It goes back the way it came instead of through, as a hand does that only reaches in."""
    chip: Annotated[str, Field(pattern=r"^(\d{15}|none)?$")] = ""
    """The chip it wears: 15 digits or "none"; empty: an own animal wears that of the project, others none."""
    head: tuple[Habit, ...] = ()
    slips: tuple[Slip, ...] = ()
    """Where the oracle errs about it for certain, besides its errors by chance."""
    beside: Annotated[float, Field(ge=-0.4, le=0.4)] = 0.0
    """How far to the side of the picture's middle it walks, as a ratio of the picture."""


class Phase(StrEnum):
    """Where a visitor is."""

    AWAY = "away"
    COMING = "coming"
    WAITING = "waiting"
    PASSING = "passing"
    INSIDE = "inside"
    GOING = "going"
    GONE = "gone"


FAR_HEIGHT, NEAR_HEIGHT = 0.15, 0.5
FAR_Y, NEAR_Y = 0.3, 0.72


@dataclass(slots=True)
class Actor:
    """A visitor on the stage."""

    visitor: Visitor
    phase: Phase = Phase.AWAY
    near: float = 0.0
    """0 where it comes into view, 1 at the flap."""
    since: float = 0.0
    """When its phase began."""
    next_push: float = 0.0
    indoors: bool = False
    """On which side of the flap it is; in the tunnel, on which it was."""

    def __post_init__(self) -> None:
        self.indoors = self.visitor.starts == "inside"

    def carrying(self, time: float) -> bool:
        """Whether it has prey in its mouth at `time`."""
        visitor, seconds = self.visitor, time - self.visitor.arrives
        moments = [(0.0, visitor.carries), (visitor.drops, False), (visitor.grabs, True)]
        past = [(when, has) for when, has in moments if when is not None and when <= seconds]
        return max(past, key=lambda moment: moment[0])[1] if past else visitor.carries

    def head(self, time: float) -> str | None:
        """What it does with its head at `time`, None while its face is to be seen."""
        seconds = time - self.visitor.arrives
        return next((habit.head for habit in self.visitor.head if habit.begins <= seconds < habit.ends), None)

    @property
    def about(self) -> bool:
        """Whether it moves around before or behind the door."""
        return self.phase in (Phase.COMING, Phase.WAITING, Phase.GOING)

    @property
    def in_view(self) -> bool:
        """Whether the camera, which looks outside, can see it; in the tunnel it cannot."""
        return self.about and not self.indoors

    def box(self) -> Box:
        """Where it is in the picture."""
        height = FAR_HEIGHT + (NEAR_HEIGHT - FAR_HEIGHT) * self.near
        x, y = 0.5 + self.visitor.beside, FAR_Y + (NEAR_Y - FAR_Y) * self.near
        return Box.from_corners(x - height / 2, y - height / 2, x + height / 2, y + height / 2)
