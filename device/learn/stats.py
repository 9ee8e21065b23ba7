"""Counts what there is to learn from, for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from device.learn.dataset import Dataset


def counted(dataset: Dataset, backbones: Mapping[str, int]) -> dict[str, Any]:
    """Views, visits, days, infrared ones, and of each task how many views and visits have which label."""
    tasks = sorted({task for each in dataset.examples for task in each.labels})
    walls = [each.wall for each in dataset.examples if each.wall is not None]
    return {
        "views": len(dataset),
        "visits": len(dataset.visits()),
        "days": len({datetime.fromtimestamp(wall, UTC).date() for wall in walls}),
        "infrared": sum(each.infrared for each in dataset.examples),
        "tasks": {task: _of_task(dataset, task) for task in tasks},
        "remarks": _remarks(dataset, tasks, backbones),
    }


def _of_task(dataset: Dataset, task: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name in sorted({each.labels[task] for each in dataset.examples if task in each.labels}):
        part = dataset.where(lambda each, name=name: each.labels.get(task) == name)  # type: ignore[misc]
        found[name] = {"views": len(part), "visits": len(part.visits())}
    return found


def _remarks(dataset: Dataset, tasks: list[str], backbones: Mapping[str, int]) -> list[str]:
    lone = [task for task in tasks if len(_of_task(dataset, task)) < 2]
    found = [f"{task}: one label only teaches nothing; label some of another kind" for task in lone]
    other = sum(count for backbone, count in backbones.items() if backbone != dataset.backbone)
    if other:
        found.append(f"{other} views were embedded by another model and do not count")
    return found
