"""Everything that flows between seeing, deciding, acting and telling.

Times named `time` are monotonic seconds (CLOCK_BOOTTIME where the system has it, the clock of
libcamera's SensorTimestamp). Times named `wall` are UTC seconds since 1970, for people and
schedules only, and None while the device's clock has not been set. Boxes are ratios 0..1 of the
picture with the origin at the top left. Scores are 0..1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, GetPydanticSchema

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    """A picture: (height, width, 3) uint8, blue, green, red as OpenCV and picamera2's "RGB888" have it."""

    Luma = NDArray[np.uint8]
    """A picture's brightness: (height, width) uint8."""

    Embedding = NDArray[np.float32]
    """One L2-normalised embedding: (1280,) float32 for the shipped backbone."""
else:  # the guard's process handles no pictures and does without numpy's 15 MB
    Pixels = Luma = Embedding = Any


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the camera, with the small luma plane that the motion gate reads."""

    time: float
    image: Pixels
    luma: Luma
    number: int
    wall: float | None = None
    infrared: bool = False
    dropped: int = 0
    """How many frames the camera delivered since the previous one that nobody took."""


@dataclass(frozen=True, slots=True)
class Box:
    """A bounding box in ratios 0..1 of the picture."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def from_corners(cls, left: float, top: float, right: float, bottom: float) -> Box:
        """The box between two corners, clipped to the picture."""
        left, right = min(max(left, 0.0), 1.0), min(max(right, 0.0), 1.0)
        top, bottom = min(max(top, 0.0), 1.0), min(max(bottom, 0.0), 1.0)
        return cls(left, top, max(right - left, 0.0), max(bottom - top, 0.0))

    def clipped(self) -> Box:
        """The part of the box that lies within the picture."""
        if self.left >= 0 and self.top >= 0 and self.right <= 1 and self.bottom <= 1:
            return self
        return Box.from_corners(self.left, self.top, self.right, self.bottom)

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2

    def intersection(self, other: Box) -> float:
        """The area that both boxes cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0..1."""
        shared = self.intersection(other)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def enlarged(self, factor: float) -> Box:
        """The box grown about its centre by `factor` in width and height, clipped."""
        x, y = self.centre
        half_width, half_height = self.width * factor / 2, self.height * factor / 2
        return Box.from_corners(x - half_width, y - half_height, x + half_width, y + half_height)

    def pixels(self, height_px: int, width_px: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in whole pixels, at least one pixel in each direction."""
        left = min(int(self.left * width_px), width_px - 1)
        top = min(int(self.top * height_px), height_px - 1)
        right = min(max(round(self.right * width_px), left + 1), width_px)
        bottom = min(max(round(self.bottom * height_px), top + 1), height_px)
        return left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Detection:
    """An animal or a person that the detector boxed in one frame."""

    box: Box
    label: str
    score: float


class Heading(StrEnum):
    """Where a tracked animal is going, seen from the house."""

    IN = "in"
    OUT = "out"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Track:
    """One animal followed over frames; `seen` tells whether this very frame had a detection of it."""

    id: int
    time: float
    box: Box
    label: str
    """What the detector calls it, smoothed over the track; the species head may know better."""
    score: float
    heading: Heading
    first_time: float
    frames: int
    """In how many frames it was detected so far."""
    seen: bool


@dataclass(frozen=True, slots=True)
class View:
    """How well one frame shows one animal: what decides whether the frame may count as evidence."""

    sharpness: float
    """Variance of the Laplacian of the crop at 64 x 64 luma pixels."""
    brightness: float
    """Mean luma of the crop, 0..1."""
    height: float
    """Height of the box as a ratio of the picture."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What a meter must exceed to prove something with one head's scores, by day and in infrared light."""

    day: float
    infrared: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One classifier head's opinion of one animal in one frame.

    `task` is what the head was taught: "species", "who" or "prey". `scores` are its class
    probabilities, already divided by the training weights, summing to 1.
    """

    task: str
    scores: Mapping[str, float]
    familiar: bool | None = None
    """False if the embedding lies far from every example the head was taught; None if it cannot tell."""
    needed: Needed | None = None
    """The thresholds that were set together with this head; None: what the project file says holds."""

    @property
    def best(self) -> str:
        return max(self.scores, key=lambda label: self.scores[label])


@dataclass(frozen=True, slots=True)
class Sighting:
    """One tracked animal in one frame with all that was judged of it."""

    track: Track
    view: View
    verdicts: tuple[Verdict, ...] = ()
    embedding: Annotated[
        Embedding | None, Field(exclude=True), GetPydanticSchema(lambda _, schema: schema(Any))
    ] = field(default=None, compare=False, repr=False)
    """What the heads judged, for whoever learns from it. No decision depends on it: no journal keeps it."""

    def verdict(self, task: str) -> Verdict | None:
        return next((verdict for verdict in self.verdicts if verdict.task == task), None)


class Door(StrEnum):
    """The flap as its sensor reports it."""

    CLOSED = "closed"
    OPEN = "open"
    UNKNOWN = "unknown"


class BoltState(StrEnum):
    """The bolt as it is sensed, or, without a sensor, as it was last driven and given time to move."""

    LOCKED = "LOCKED"
    UNLOCKED = "UNLOCKED"
    LOCKING = "LOCKING"
    UNLOCKING = "UNLOCKING"
    JAMMED = "JAMMED"


@dataclass(frozen=True, slots=True)
class ChipRead:
    """One reading of a pet's microchip: the 15 digits of ISO 11784."""

    time: float
    number: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """A snapshot of everything the guard reads, taken at `time`."""

    time: float
    door: Door = Door.UNKNOWN
    bolt: BoltState = BoltState.LOCKED
    motion: Mapping[str, bool] = field(default_factory=dict)
    """Motion sensors by name ("inside", "outside")."""
    buttons: Mapping[str, bool] = field(default_factory=dict)
    """Buttons, switches and alarm contacts by name ("panic", "smoke", "vet", "let_in")."""
    chip: ChipRead | None = None
    """The latest chip read, however old."""
    refusal: str | None = None
    """Why the guard does not do what the lease asks, in plain words; None while it does."""
    temperature_c: float | None = None
    """How warm it is outside, in degrees Celsius; None if nothing measures it."""
    answers: bool = True
    """False: the guard is gone, and known is no more than how the bolt was at `time`; `refusal` says why."""


class Mode(StrEnum):
    """What the owner has set the door to."""

    NORMAL = "normal"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    IN_ONLY = "in-only"
    OUT_ONLY = "out-only"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the owner changes while the device runs; survives restarts."""

    mode: Mode = Mode.NORMAL
    enforce: bool = False
    lost: bool = False
    """The stored settings were lost or damaged after enforcing had begun: entry stays locked."""


class Ask(StrEnum):
    """What the owner may ask of the door from afar."""

    LET_IN = "let in"
    """Let in whoever waits or comes, once and for a bounded while."""
    LOCK = "lock"
    """End every permission, and keep the door locked for those who are at it now."""


@dataclass(frozen=True, slots=True)
class Request:
    """Something that the owner asked for by MQTT, the API or the page."""

    id: str
    kind: Ask
    by: str
    """Whom events name: "Home Assistant", "the page", a program's name."""


class Fault(StrEnum):
    """What may be wrong with the device: the names in `[faults]`; docs/faults.md is their table."""

    CAMERA_GONE = "camera_gone"
    BLIND = "blind"
    MODEL = "model"
    SLOW = "slow"
    BROKER = "broker"
    NETWORK = "network"
    DISK = "disk"
    DATABASE = "database"
    CLOCK = "clock"
    UNDERVOLTAGE = "undervoltage"
    TEMPERATURE = "temperature"
    BOLT = "bolt"
    DOOR_OPEN = "door_open"
    GUARD = "guard"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything one pass of the loop knows: the only input of a decision, written to the journal."""

    time: float
    wall: float | None
    inputs: Inputs
    settings: Settings
    frame: int | None = None
    """Number of the frame, None when the camera delivered none."""
    blind: str | None = None
    """Why the camera proves nothing ("black", "saturated", "frozen", "stale", "gone", "no model"); None if it
    sees."""
    infrared: bool = False
    looked: bool = False
    """The detector ran on this frame (the motion gate was open); otherwise absence proves nothing."""
    sightings: tuple[Sighting, ...] = ()
    persons: tuple[Detection, ...] = ()
    """Every person that the detector boxed in this frame, followed or not: no picture may show them."""
    dropped: int = 0
    """Frames that the camera delivered since the pass before and nobody took."""
    requests: tuple[Request, ...] = ()
    """What the owner asked for since the pass before."""
    faults: tuple[Fault, ...] = ()
    """Those in force that the rest of the observation does not tell of, in the order of their names."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Permission to hold the bolt open until `time + seconds` unless it is renewed."""

    time: float
    seconds: float
    reason: str


class Outcome(StrEnum):
    """What a rule asks for."""

    UNLOCK = "unlock"
    KEEP_LOCKED = "keep locked"
    LOCK_OUT = "lock out"
    UNDECIDED = "undecided"


class VisitKind(StrEnum):
    """How a visit went: only looked, went through, was refused, or got through without permission."""

    PEEK = "PEEK"
    TRANSIT = "TRANSIT"
    DENY = "DENY"
    BREACH = "BREACH"


class VisitPhase(StrEnum):
    NEW = "new"
    UPDATE = "update"
    END = "end"


@dataclass(frozen=True, slots=True)
class MeterReading:
    """One evidence meter as it stands: proof above `needed`, refutation below `refuted`."""

    name: str
    value: float
    needed: float
    refuted: float
    usable_frames: int
    proven: bool | None
    """True proven, False refuted, None undecided or unknown."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One animal's stay before the door."""

    id: str
    started: float
    ended: float
    """Time of the last sighting so far."""
    started_wall: float | None
    tracks: tuple[int, ...]
    species: str
    who: str | None
    """Name of the own animal, "stranger" if proven so, None if undecided."""
    outcome: Outcome
    rule: str
    reason: str
    kind: VisitKind | None
    """None while the visit lasts."""
    direction: Heading
    phase: VisitPhase
    evidence: tuple[MeterReading, ...] = ()
    frames: int = 0
    attempts: int = 1
    unlocked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth telling the owner apart from visits."""

    time: float
    wall: float | None
    kind: str
    text: str
    severity: str = "info"
    """"info", "warning" or "critical"."""
    visit: str | None = None


class Place(StrEnum):
    """On which side of the door an own animal is."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where an own animal is, as far as the door can know."""

    place: Place = Place.UNKNOWN
    seen: float | None = None
    """Time at which it was last proven to stand at the door, None if it never was."""
    seen_wall: float | None = None
    """The same for people; None also if the device's clock was not set then."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one observation."""

    time: float
    outcome: Outcome
    rule: str
    reason: str
    lease: Lease | None = None
    would: bool = False
    """The rules would unlock, but the device is not enforcing."""
    visits: tuple[Visit, ...] = ()
    """Visits that began, changed or ended with this observation."""
    events: tuple[Event, ...] = ()
    lockouts: Mapping[str, float] = field(default_factory=dict)
    """Remaining seconds of each lockout by whom it concerns."""
    whereabouts: Mapping[str, Whereabouts] = field(default_factory=dict)
    """Where each of the household's animals is."""
