"""What people say of a visit: labels with their history, and boxes drawn on its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Path
from pydantic import Field

from device.decide.subject import STRANGER
from device.errors import DatasetError
from device.learn.album import Said
from device.learn.album_reader import AlbumReader
from device.learn.dataset import LabelledBox
from device.learn.formats.reading import box_in
from device.learn.saying import holding, statements, undoing
from device.learn.stills import keep_still, still_of
from device.learn.vocabulary import FIXED, WHO, box_labels, require_box_label
from device.messages import Visit
from device.tell.snapshots import PICTURES, picture_path
from device.web.appliance import Appliance
from device.web.dependencies import Served, Written
from device.web.permission import READS, Actor, only
from device.web.problems import Problem
from device.web.routes.visits import ABSENT, Id, found_visit

router = APIRouter(prefix="/api/v1", tags=["labels"], dependencies=only(READS))

MOST_BOXES = 100
"""On one picture; nobody draws so many."""
EDGE = 1e-6
"""By so much a box may leave its picture: what a page reckons from pixels is not exact."""

Name = Annotated[str, Field(max_length=64)]
Number = Annotated[int, Path(ge=1, le=PICTURES, description="1 is the best.")]
Ratio = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What may be said, for whoever offers a choice."""

    labels: dict[str, tuple[str, ...]]
    """Of a visit, by task."""
    boxes: tuple[str, ...]
    """What may be boxed in a picture."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What is said of one visit."""

    visit: str
    labels: dict[str, str]
    """What holds, by task: "decision", "who", "prey", "species", "view"."""
    history: tuple[Said, ...]
    """Everything that was ever said, the latest last."""
    undo: dict[str, str | None]
    """Say this to make good again what held before this request; empty if it changed nothing."""


@dataclass(frozen=True, slots=True)
class LabelsWanted:
    """What somebody says of a visit."""

    labels: Annotated[dict[Name, Name | None], Field(min_length=1, max_length=10)]
    """By task, as {"decision": "wrong", "who": "mimi"}; null takes back what was said."""


@dataclass(frozen=True, slots=True)
class BoxOfPicture:
    """A box around something, in ratios 0..1 of the picture."""

    left: Ratio
    top: Ratio
    width: Ratio
    height: Ratio
    label: Name


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of one picture."""

    boxes: tuple[BoxOfPicture, ...]
    by: str | None
    """Who drew them last; null if nobody did."""
    wall: float | None


@dataclass(frozen=True, slots=True)
class BoxesWanted:
    """All boxes that the picture shall have; none delete those that are there."""

    boxes: Annotated[list[BoxOfPicture], Field(max_length=MOST_BOXES)]


@router.get("/vocabulary")
def vocabulary(served: Served) -> Vocabulary:
    """What may be said of a visit, and what may be boxed in a picture."""
    animals = _animals(served)
    return Vocabulary({**FIXED, WHO: (*animals, STRANGER)}, box_labels(animals))


@router.get("/visits/{id}/labels", responses=ABSENT)
def labels(served: Served, id: Id) -> Labels:  # noqa: A002 - the name of the parameter in the address
    """What was said of a visit, by whom and when."""
    return _labels(served, found_visit(served, id))


@router.post("/visits/{id}/labels", responses=ABSENT)
def say(
    served: Served,
    written: Written,
    caller: Actor,
    id: Id,  # noqa: A002
    wanted: Annotated[LabelsWanted, Body()],
) -> Labels:
    """Say that the door did right or wrong, who it was, whether it carried prey; or take something back."""
    visit = found_visit(served, id)
    with AlbumReader(served.folder) as reader, written.album() as album:
        before, has_views = reader.history("visit", id), bool(reader.of_visit(id))
        said = statements(
            *("visit", id, wanted.labels, _animals(served)),
            *(caller.name, served.clock.wall(), visit, before),
        )
        album.say(said)
        if not has_views and picture_path(served.folder / "pictures", visit, 1).is_file():
            keep_still(served.folder, album, visit, 1)
    return _labels(served, visit, undoing(holding(before), said, visit))


@router.get("/visits/{id}/snapshots/{number}/boxes", responses=ABSENT)
def boxes(served: Served, id: Id, number: Number) -> Boxes:  # noqa: A002
    """The boxes that were drawn on a picture of a visit."""
    return _boxes(served, found_visit(served, id), number)


@router.put("/visits/{id}/snapshots/{number}/boxes", responses=ABSENT)
def draw(
    served: Served,
    written: Written,
    caller: Actor,
    id: Id,  # noqa: A002
    number: Number,
    wanted: Annotated[BoxesWanted, Body()],
) -> Boxes:
    """Draw the boxes of a picture; those before stay in its history, and `dataset export` hands these on."""
    visit = found_visit(served, id)
    drawn = [_drawn(each, place, served) for place, each in enumerate(wanted.boxes)]
    with written.album() as album:
        try:
            still = keep_still(served.folder, album, visit, number)
        except DatasetError as error:
            raise Problem(404, str(error)) from None
        album.draw(still.id, drawn, caller.name, served.clock.wall())
    return _boxes(served, visit, number)


def _animals(served: Appliance) -> list[str]:
    return [animal.name for animal in served.project.policy.animals]


def _labels(served: Appliance, visit: Visit, undo: dict[str, str | None] | None = None) -> Labels:
    with AlbumReader(served.folder) as reader:
        history = reader.history("visit", visit.id)
    return Labels(visit.id, holding(history), tuple(history), undo or {})


def _boxes(served: Appliance, visit: Visit, number: int) -> Boxes:
    with AlbumReader(served.folder) as reader:
        drawn, by, wall = reader.drawn(still_of(visit, number).id)
    return Boxes(
        tuple(
            BoxOfPicture(each.box.left, each.box.top, each.box.width, each.box.height, each.label)
            for each in drawn
        ),
        by,
        wall,
    )


def _drawn(given: BoxOfPicture, place: int, served: Appliance) -> LabelledBox:
    require_box_label(given.label, _animals(served))
    edges = given.left, given.top, given.width, given.height
    return LabelledBox(box_in(edges, (1, 1), f"boxes[{place}]", EDGE), given.label)
