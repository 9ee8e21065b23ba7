"""Tells an evaluation: the table for people, advice, figures, and JSON as Amazon Rekognition reports it.

The JSON has the shape of Custom Labels' training results summary (docs.aws.amazon.com/rekognition,
"Reference: Training results summary file"), so that programs written for it read ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from device.learn import figures
from device.learn.evaluate import Evaluation
from device.learn.proof import sides
from device.learn.thresholds import Promise

NAMED = 10
"""Advice names at most so many visits."""


def event_table(evaluation: Evaluation) -> list[tuple[str, str]]:
    """What happened at the door: (what, "k of n (at most x %)") for each row."""
    rows = [(each.what, each.in_words()) for each in evaluation.rates]
    if evaluation.rates:
        seconds = evaluation.median_unlock
        told = "never" if seconds is None else f"{seconds:.1f} s of usable sight"
        rows.append(("median time to unlock", told))
    return rows


def promise_lines(evaluation: Evaluation, promises: Mapping[str, Promise]) -> list[str]:
    """What is promised in each light, or how much is missing."""
    side = sides(evaluation.task, evaluation.labels)
    if side is None:
        return []
    return [f"{light}: {each.in_words(side.kind)}" for light, each in promises.items()]


def label_table(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """Label, precision, recall, F1, assumed threshold and number of pictures, the best F1 first."""
    ordered = sorted(evaluation.curves, key=lambda each: -each.f1)
    return [
        (
            each.label,
            f"{each.precision:.3f}",
            f"{each.recall:.3f}",
            f"{each.f1:.3f}",
            f"{each.threshold:.3f}",
            str(each.testing),
        )
        for each in ordered
    ]


def advice(evaluation: Evaluation, promises: Mapping[str, Promise]) -> Iterator[str]:
    """What would improve the head, with the visits behind each error."""
    for rate in evaluation.rates:
        if rate.k:
            more = f" and {rate.k - NAMED} more" if rate.k > NAMED else ""
            yield f"{rate.what}: look at {', '.join(rate.visits[:NAMED])}{more}; are they labelled right?"
    side = sides(evaluation.task, evaluation.labels)
    for light, each in promises.items():
        if side is not None and not each.guaranteed:
            yield f"label {each.missing} more {side.kind} in {light} light before anything is promised there"
    for curve in evaluation.curves:
        if 0 < curve.testing < 20:
            yield f"only {curve.testing} pictures of {curve.label!r} were judged: its figures say little"


def rekognition(evaluation: Evaluation, ended: datetime, version: str) -> dict[str, Any]:
    """An EvaluationSummary; confusion values are shares of the true label's pictures."""
    totals = {each.label: each.testing for each in evaluation.curves}
    judged = [each for each in evaluation.curves if each.testing]
    count = max(len(judged), 1)
    return {
        "Version": 1,
        "EvaluationDetails": {
            "EvaluationEndTimestamp": ended.isoformat(),
            "Labels": list(evaluation.labels),
            "NumberOfTestingImages": evaluation.testing,
            "NumberOfTrainingImages": evaluation.training,
            "ProjectVersionArn": f"latchlens:{evaluation.task}/{version}",
        },
        "AggregatedEvaluationResults": {
            "ConfusionMatrix": [
                {"GroundTruthLabel": true, "PredictedLabel": said, "Value": each / totals[true]}
                for (true, said), each in evaluation.confusion.items()
            ],
            "F1Score": sum(each.f1 for each in judged) / count,
            "Precision": sum(each.precision for each in judged) / count,
            "Recall": sum(each.recall for each in judged) / count,
        },
        "LabelEvaluationResults": [
            {
                "Label": each.label,
                "Metrics": {
                    "F1Score": each.f1,
                    "Precision": each.precision,
                    "Recall": each.recall,
                    "Threshold": each.threshold,
                },
                "NumberOfTestingImages": each.testing,
            }
            for each in sorted(evaluation.curves, key=lambda each: -each.f1)
        ],
    }


def precision_recall(evaluation: Evaluation) -> str:
    """The precision-recall curves as SVG, the assumed thresholds marked."""
    curves = [
        figures.Curve(
            each.label, tuple(point[:2] for point in each.points), mark=(each.recall, each.precision)
        )
        for each in evaluation.curves
        if each.testing
    ]
    return figures.curves_svg(f"Precision and recall: {evaluation.task}", curves, "recall", "precision")
