"""Augmented manifests of SageMaker Ground Truth, as Rekognition Custom Labels reads and writes them.

One JSON object a line and a picture: "source-ref", then pairs of an attribute and its "-metadata". A pair
with the type "groundtruth/image-classification" is one label ("class-name"; the attribute's own value says
nothing), several pairs are several labels. "groundtruth/object-detection" is boxes. Everything else is kept.
Formats: docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-create-manifest-file.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from device.errors import DatasetError
from device.learn.dataset import Collection, LabelledBox, Picture
from device.learn.formats import reading
from device.learn.formats.reading import SLACK_PX, Table, without

CLASSIFICATION = "groundtruth/image-classification"
DETECTION = "groundtruth/object-detection"
META = "-metadata"
OURS = "latchlens"
"""The key under which a manifest of ours also keeps visit, time and light."""


def read_manifest(path: Path) -> Collection:
    """The pictures of a manifest, in its order; blank lines are passed over.

    Raises:
        DatasetError: naming the line and the key, or a picture that is there twice.
    """
    lines = enumerate(reading.text_of(path).splitlines(), 1)
    found = [picture_of(reading.table_of(line, where), where) for where, line in _places(path, lines)]
    if not found:
        raise DatasetError(f"{path} is empty; a manifest has a JSON object on each line")
    return Collection(reading.refuse_twice(found, str(path)))


def manifest_lines(collection: Collection, made: str) -> Iterator[str]:
    """The lines of a manifest, each with its end.

    Args:
        made: ISO time of labelling for those labels that do not say their own.

    Raises:
        DatasetError: a picture has boxes and its size in pixels is not known.
    """
    names = sorted({box.label for each in collection.pictures for box in each.boxes})
    numbers = {name: number for number, name in enumerate(names)}
    for each in collection.pictures:
        yield json.dumps(_line(each, numbers, made), ensure_ascii=False) + "\n"


def _places(path: Path, lines: Iterable[tuple[int, str]]) -> Iterator[tuple[str, str]]:
    for number, line in lines:
        if line.strip():
            yield f"{path}, line {number}:", line


def picture_of(line: Table, where: str) -> Picture:
    """The picture that one line describes; raises DatasetError, which begins with `where`."""
    source = reading.text(line, "source-ref", where)
    labels: dict[str, str] = {}
    boxes: list[LabelledBox] = []
    foreign: dict[str, Any] = without(line, "source-ref", OURS)
    size_px: tuple[int, int] | None = None
    for key, attribute in _attributes(line, where):
        metadata = reading.table(line[key], f"{where} {key}")
        kind = reading.text(metadata, "type", f"{where} {key}")
        if kind == CLASSIFICATION:
            labels[attribute] = reading.text(metadata, "class-name", f"{where} {key}")
            foreign[key] = without(metadata, "class-name")
        elif kind == DETECTION:
            drawn = reading.table(line[attribute], f"{where} {attribute}")
            size_px = _size(drawn, f"{where} {attribute}")
            boxes += _boxes(attribute, drawn, metadata, size_px, where)
            foreign[attribute] = without(drawn, "annotations")
            foreign[key] = without(metadata, "objects", "class-map")
    ours = reading.table(line.get(OURS, {}), f"{where} {OURS}")
    return Picture(
        source=source,
        labels=labels,
        boxes=tuple(boxes),
        size_px=size_px,
        wall=reading.number(ours, "time", f"{where} {OURS}") if "time" in ours else None,
        visit=reading.text(ours, "visit", f"{where} {OURS}") if "visit" in ours else None,
        infrared=ours.get("infrared") is True,
        foreign=foreign,
    )


def _attributes(line: Table, where: str) -> Iterator[tuple[str, str]]:
    """Each metadata key with the attribute that it describes."""
    for key in line:
        attribute = key.removesuffix(META)
        if attribute != key:
            if attribute not in line:
                raise reading.wrong(f"{where} {attribute}", None, f"there, since {key} is")
            yield key, attribute


def _size(drawn: Table, where: str) -> tuple[int, int]:
    sizes = reading.rows(drawn, "image_size", where)
    if len(sizes) != 1:
        raise DatasetError(f"{where} image_size has {len(sizes)} entries; it must have one")
    return reading.size(sizes[0][1], sizes[0][0])


def _boxes(
    attribute: str, drawn: Table, metadata: Table, size_px: tuple[int, int], where: str
) -> Iterator[LabelledBox]:
    about = f"{where} {attribute}{META}"
    names = reading.table(metadata.get("class-map"), f"{about} class-map")
    annotations = reading.rows(drawn, "annotations", f"{where} {attribute}")
    objects = reading.rows(metadata, "objects", about)
    if len(objects) != len(annotations):
        raise DatasetError(
            f"{about} objects has {len(objects)} entries for {len(annotations)} annotations; "
            "there must be one for each box"
        )
    for (place, each), (of_object, said) in zip(annotations, objects, strict=True):
        number = str(reading.whole(each, "class_id", place))
        if number not in names:
            raise DatasetError(f"{place} class_id {number} is not in class-map; add it there")
        edges = [reading.number(each, edge, place) for edge in ("left", "top", "width", "height")]
        yield LabelledBox(
            reading.box_in(edges, size_px, place, SLACK_PX),
            reading.text(names, number, f"{about} class-map"),
            reading.number(said, "confidence", of_object) if "confidence" in said else 1.0,
            attribute,
            {
                "annotation": without(each, "class_id", "left", "top", "width", "height"),
                "object": without(said, "confidence"),
            },
        )


def _line(picture: Picture, numbers: Mapping[str, int], made: str) -> dict[str, Any]:
    line: dict[str, Any] = {"source-ref": picture.source, **picture.foreign}
    for task, label in picture.labels.items():
        line.setdefault(task, 1)
        line[task + META] = {
            **_said(task, CLASSIFICATION, made),
            "confidence": 1,
            **line.get(task + META, {}),
            "class-name": label,
        }
    for task in _drawn(picture):
        boxes = [box for box in picture.boxes if box.task == task]
        line[task] = {
            **line.get(task, {}),
            "image_size": [_size_said(picture, line.get(task, {}))],
            "annotations": [_annotation(box, numbers, picture) for box in boxes],
        }
        line[task + META] = {
            **_said(task, DETECTION, made),
            **line.get(task + META, {}),
            "objects": [{"confidence": box.confidence, **box.foreign.get("object", {})} for box in boxes],
            "class-map": {str(numbers[name]): name for name in sorted({box.label for box in boxes})},
        }
    ours = {
        "visit": picture.visit,
        "time": picture.wall,
        "infrared": picture.infrared or None,
    }
    if told := {key: value for key, value in ours.items() if value is not None}:
        line[OURS] = told
    return line


def _drawn(picture: Picture) -> list[str]:
    """The attributes that hold boxes, those that were looked at and found empty too."""
    empty = [
        key.removesuffix(META)
        for key, value in picture.foreign.items()
        if key.endswith(META) and isinstance(value, Mapping) and value.get("type") == DETECTION
    ]
    return list(dict.fromkeys([*(box.task for box in picture.boxes), *empty]))


def _said(task: str, kind: str, made: str) -> dict[str, Any]:
    return {"type": kind, "human-annotated": "yes", "creation-date": made, "job-name": f"latchlens/{task}"}


def _size_said(picture: Picture, before: Mapping[str, Any]) -> dict[str, Any]:
    width, height = reading.known_size(picture)
    kept = before.get("image_size") or [{"depth": 3}]
    return {**kept[0], "width": width, "height": height}


def _annotation(box: LabelledBox, numbers: Mapping[str, int], picture: Picture) -> dict[str, Any]:
    left, top, width, height = reading.edges_px(box.box, reading.known_size(picture))
    return {
        **box.foreign.get("annotation", {}),
        "class_id": numbers[box.label],
        "left": left,
        "top": top,
        "width": width,
        "height": height,
    }
