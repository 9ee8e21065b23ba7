"""Boxes as in COCO: one JSON document with images, annotations and categories (cocodataset.org)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from device.errors import DatasetError
from device.learn.dataset import Collection, LabelledBox, Picture
from device.learn.formats import reading
from device.learn.formats.reading import SLACK_PX, Table, without

OURS = "latchlens"
"""The key of an image under which a document of ours keeps labels, visit, time and light."""


def read_coco(path: Path) -> Collection:
    """The pictures of a COCO document, in its order, with their boxes.

    Raises:
        DatasetError: naming the key, or ids that are there twice or lead nowhere.
    """
    document = reading.table_of(reading.text_of(path), f"{path}:")
    where = f"{path}:"
    images = _by_id(reading.rows(document, "images", where))
    categories = _by_id(reading.rows(document, "categories", where))
    names = {key: reading.text(each, "name", place) for key, (place, each) in categories.items()}
    boxes: dict[int, list[LabelledBox]] = {key: [] for key in images}
    for place, each in _by_id(reading.rows(document, "annotations", where)).values():
        image = reading.whole(each, "image_id", place)
        if image not in images:
            raise DatasetError(f"{place} image_id {image} is not among the images; delete the annotation")
        size_px = reading.size(images[image][1], images[image][0])
        boxes[image].append(_box(each, place, names, size_px))
    pictures = [_picture(each, place, boxes[key]) for key, (place, each) in images.items()]
    if not pictures:
        raise DatasetError(f"{path}: images is empty; there is nothing to import")
    foreign = without(document, "images", "annotations")
    return Collection(reading.refuse_twice(pictures, str(path)), foreign)


def coco_document(collection: Collection) -> dict[str, Any]:
    """A COCO document; ids that pictures and boxes had before stay theirs.

    Raises:
        DatasetError: the size of a picture in pixels is not known.
    """
    categories = _categories(collection)
    numbers = {each["name"]: each["id"] for each in categories}
    image_ids = _ids(each.foreign.get("id") for each in collection.pictures)
    boxes = [
        (image, box) for image, each in zip(image_ids, collection.pictures, strict=True) for box in each.boxes
    ]
    box_ids = _ids(box.foreign.get("id") for _, box in boxes)
    sizes = dict(zip(image_ids, map(reading.known_size, collection.pictures), strict=True))
    return {
        **collection.foreign,
        "images": [_image(each, image) for each, image in zip(collection.pictures, image_ids, strict=True)],
        "annotations": [
            _annotation(box, number, image, numbers[box.label], sizes[image])
            for number, (image, box) in zip(box_ids, boxes, strict=True)
        ],
        "categories": categories,
    }


def coco_text(collection: Collection) -> str:
    """The document as text; errors as in `coco_document`."""
    return json.dumps(coco_document(collection), ensure_ascii=False, indent=1) + "\n"


def _by_id(found: Iterable[tuple[str, Table]]) -> dict[int, tuple[str, Table]]:
    known: dict[int, tuple[str, Table]] = {}
    for place, each in found:
        number = reading.whole(each, "id", place)
        if number in known:
            raise DatasetError(f"{place} id {number} is there twice; {known[number][0]} has it too")
        known[number] = (place, each)
    return known


def _box(each: Table, place: str, names: Mapping[int, str], size_px: tuple[int, int]) -> LabelledBox:
    category = reading.whole(each, "category_id", place)
    if category not in names:
        raise DatasetError(f"{place} category_id {category} is not among the categories; add it there")
    edges = each.get("bbox")
    if not isinstance(edges, list) or len(edges) != 4:
        raise reading.wrong(f"{place} bbox", edges, "left, top, width and height in pixels")
    values = [reading.number({"bbox": edge}, "bbox", place) for edge in edges]
    ours = reading.table(each.get(OURS, {}), f"{place} {OURS}")
    return LabelledBox(
        reading.box_in(values, size_px, f"{place} bbox", SLACK_PX),
        names[category],
        reading.number(ours, "confidence", place) if "confidence" in ours else 1.0,
        reading.text(ours, "task", place) if "task" in ours else "bounding-box",
        without(each, "image_id", "category_id", "bbox", OURS),
    )


def _picture(each: Table, place: str, boxes: list[LabelledBox]) -> Picture:
    ours = reading.table(each.get(OURS, {}), f"{place} {OURS}")
    labels = reading.table(ours.get("labels", {}), f"{place} {OURS} labels")
    return Picture(
        source=reading.text(each, "file_name", place),
        labels={task: reading.text(labels, task, f"{place} {OURS} labels") for task in labels},
        boxes=tuple(boxes),
        size_px=reading.size(each, place),
        wall=reading.number(ours, "time", f"{place} {OURS}") if "time" in ours else None,
        visit=reading.text(ours, "visit", f"{place} {OURS}") if "visit" in ours else None,
        infrared=ours.get("infrared") is True,
        foreign=without(each, "file_name", "width", "height", OURS),
    )


def _categories(collection: Collection) -> list[dict[str, Any]]:
    """The categories there were before, and new ones for boxes of other names."""
    before = [dict(each) for each in collection.foreign.get("categories", [])]
    known = {each["name"] for each in before}
    new = sorted({box.label for each in collection.pictures for box in each.boxes} - known)
    free = 1 + max((each["id"] for each in before), default=0)
    return before + [{"id": free + number, "name": name} for number, name in enumerate(new)]


def _ids(wanted: Iterable[object]) -> list[int]:
    """The wanted numbers where they are numbers and free, else new ones above all of them."""
    asked = list(wanted)
    free = 1 + max((each for each in asked if isinstance(each, int)), default=0)
    given: dict[int, None] = {}
    for each in asked:
        if isinstance(each, int) and each not in given:
            given[each] = None
        else:
            given[free] = None
            free += 1
    return list(given)


def _image(picture: Picture, number: int) -> dict[str, Any]:
    width, height = reading.known_size(picture)
    said = {**picture.foreign, "id": number, "file_name": picture.source, "width": width, "height": height}
    ours = {
        "labels": dict(picture.labels) or None,
        "visit": picture.visit,
        "time": picture.wall,
        "infrared": picture.infrared or None,
    }
    return said | _told(ours)


def _annotation(
    box: LabelledBox, number: int, image: int, category: int, size_px: tuple[int, int]
) -> dict[str, Any]:
    width, height = size_px
    edges = [
        round(value, 2)
        for value in (
            box.box.left * width,
            box.box.top * height,
            box.box.width * width,
            box.box.height * height,
        )
    ]
    said = {"iscrowd": 0, "area": round(edges[2] * edges[3], 2), **box.foreign}
    given = {"id": number, "image_id": image, "category_id": category, "bbox": edges}
    ours = {
        "confidence": None if box.confidence == 1.0 else box.confidence,
        "task": None if box.task == "bounding-box" else box.task,
    }
    return said | given | _told(ours)


def _told(ours: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in ours.items() if value is not None}
    return {OURS: told} if told else {}
