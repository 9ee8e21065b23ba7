"""Compares what check.py printed here and on other machines: the answer about a picture must be the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from device.messages import Box
from tests.hardware.report import Report

SURE = 2.0
"""Of 100: processors round int8 inference differently."""
ALIKE = 0.98
"""The least cosine of two embeddings of one picture, as of device/self_test.py."""
OVERLAP = 0.9


def names_of(answer: Mapping[str, Any]) -> dict[str, float]:
    return {label["Name"]: label["Confidence"] for label in answer["labels"]}


def boxes_of(answer: Mapping[str, Any]) -> list[Box]:
    found = (each["BoundingBox"] for label in answer["labels"] for each in label["Instances"])
    return [Box(each["Left"], each["Top"], each["Width"], each["Height"]) for each in found]


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    shared = max(width, 0) * max(height, 0)
    return shared / (one.width * one.height + other.width * other.height - shared)


def compare(report: Report, name: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> None:
    """A check for each thing that could differ."""
    with report.check(f"{name}: every part of the wheel imports") as measured:
        assert there["modules"] == here["modules"], f"{there['modules']} modules, here {here['modules']}"
        libraries = ", ".join(f"{library} {version}" for library, version in there["versions"].items())
        measured.append(
            f"{there['modules']} modules, Python {there['python']} on {there['machine']}; {libraries}"
        )
    with report.check(f"{name}: the picture shows the same, and as surely") as measured:
        mine, other = names_of(here), names_of(there)
        assert "Cat" in mine, "the picture of a cat shows no cat here: the comparison proves nothing"
        assert set(mine) == set(other), f"{sorted(other)}, here {sorted(mine)}"
        measured.append(f"cat {other['Cat']:.2f} %, here {mine['Cat']:.2f} %")
        assert max(abs(mine[each] - other[each]) for each in mine) < SURE, f"{other}, here {mine}"
    with report.check(f"{name}: boxes in the same places") as measured:
        pairs = list(zip(boxes_of(here), boxes_of(there), strict=True))
        assert pairs, "there is no box"
        least = min(overlap(*pair) for pair in pairs)
        measured.append(f"{len(pairs)} boxes, overlap at least {least:.3f}")
        assert least > OVERLAP
    with report.check(f"{name}: the backbone's embeddings point the same way") as measured:
        cosines = [float(np.dot(here[each], there[each])) for each in ("golden", "picture")]
        measured.append(f"cosine {min(cosines):.4f} at least")
        assert min(cosines) > ALIKE


def main(here: Path, others: list[Path]) -> int:
    """`others` are files named after the system that printed them."""
    report = Report()
    known = json.loads(here.read_text(encoding="utf-8"))
    for other in others:
        with report.check(f"{other.stem}: the wheel runs at all"):
            text = other.read_text(encoding="utf-8")
            assert text.strip(), "it ended without an answer; see above"
        if text.strip():
            compare(report, other.stem, known, json.loads(text))
    return report.end()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]]))
