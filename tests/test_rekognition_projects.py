"""The lab of Custom Labels by an unmodified boto3: a project, datasets, a head taught, started and asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device.web.caller import Scope
from simulator.doorstep import Visitor
from tests.recordings import doorstep
from tests.rekognition_home import jpeg

PATIENCE_S = 240.0
COATS = ("black", "ginger")
PICTURES = 12


def settled(describe: Callable[[], str]) -> str:
    """A status once it is not in progress any more."""
    until = time.monotonic() + PATIENCE_S
    while (status := describe()).endswith("IN_PROGRESS"):
        assert time.monotonic() < until
        time.sleep(0.5)
    return status


def line(name: str, label: str, attribute: str = "coat") -> dict[str, Any]:
    said = {"type": "groundtruth/image-classification", "class-name": label, "confidence": 1}
    about = {"human-annotated": "yes", "creation-date": "2026-01-01T00:00:00", "job-name": "lab"}
    return {"source-ref": f"s3://door/{name}", attribute: 1, f"{attribute}-metadata": {**said, **about}}


@pytest.fixture(scope="module")
def manifest(buckets: Path) -> list[dict[str, Any]]:
    """Pictures of two cats in the bucket, with their manifest."""
    lines = []
    for coat in COATS:
        images = doorstep(Visitor(coat, arrives=-1.0, waits=PICTURES), PICTURES / 2)
        (buckets / "door" / coat).mkdir(exist_ok=True)
        for number in range(PICTURES):
            name = f"{coat}/{number:02}.jpg"
            (buckets / "door" / name).write_bytes(jpeg(images[6 + 2 * number]))
            lines.append(line(name, coat))
    text = "".join(json.dumps(each) + "\n" for each in lines)
    (buckets / "door" / "train.manifest").write_text(text, encoding="utf-8")
    return lines


SOURCE = {"GroundTruthManifest": {"S3Object": {"Bucket": "door", "Name": "train.manifest"}}}
OUTPUT = {"S3Bucket": "door", "S3KeyPrefix": "out/"}


def test_the_lab_of_custom_labels_runs_from_begin_to_end(ask, buckets, manifest):
    client = ask()

    def dataset(arn: str) -> dict[str, Any]:
        return client.describe_dataset(DatasetArn=arn)["DatasetDescription"]

    project = client.create_project(ProjectName="coats")["ProjectArn"]
    train = client.create_dataset(ProjectArn=project, DatasetType="TRAIN", DatasetSource=SOURCE)["DatasetArn"]
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.update_dataset_entries(DatasetArn=train, Changes={"GroundTruth": b"{}"})
    assert settled(lambda: dataset(train)["Status"]) == "CREATE_COMPLETE"
    stats = {"LabeledEntries": 24, "TotalEntries": 24, "TotalLabels": 2, "ErrorEntries": 0}
    assert dataset(train)["DatasetStats"] == stats
    labels = client.list_dataset_labels(DatasetArn=train)["DatasetLabelDescriptions"]
    assert [(each["LabelName"], each["LabelStats"]["EntryCount"]) for each in labels] == [
        ("black", PICTURES),
        ("ginger", PICTURES),
    ]
    pages = client.get_paginator("list_dataset_entries").paginate(DatasetArn=train, MaxResults=10)
    assert [json.loads(each) for page in pages for each in page["DatasetEntries"]] == manifest
    only = client.list_dataset_entries(DatasetArn=train, ContainsLabels=["black"], SourceRefContains="/03")
    assert [json.loads(each)["source-ref"] for each in only["DatasetEntries"]] == ["s3://door/black/03.jpg"]

    test = client.create_dataset(ProjectArn=project, DatasetType="TEST")["DatasetArn"]
    client.distribute_dataset_entries(Datasets=[{"Arn": train}, {"Arn": test}])
    counts = [dataset(arn)["DatasetStats"]["TotalEntries"] for arn in (train, test)]
    assert counts == [20, 4]

    version = client.create_project_version(
        ProjectArn=project, VersionName="v1", OutputConfig=OUTPUT, VersionDescription="the lab's"
    )["ProjectVersionArn"]

    def described() -> dict[str, Any]:
        (found,) = client.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"]
        return found

    assert settled(lambda: described()["Status"]) == "TRAINING_COMPLETED", described()["StatusMessage"]
    found = described()
    assert found["EvaluationResult"]["F1Score"] > 0.8 and found["VersionDescription"] == "the lab's"
    place = found["EvaluationResult"]["Summary"]["S3Object"]
    summary = json.loads((buckets / place["Bucket"] / place["Name"]).read_text())
    assert summary["EvaluationDetails"]["NumberOfTestingImages"] == 4
    assert summary["EvaluationDetails"]["ProjectVersionArn"] == version

    picture = {"S3Object": {"Bucket": "door", "Name": "ginger/11.jpg"}}
    with pytest.raises(client.exceptions.ResourceNotReadyException):
        client.detect_custom_labels(ProjectVersionArn=version, Image=picture)
    client.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    client.get_waiter("project_version_running").wait(ProjectArn=project, VersionNames=["v1"])
    sure = client.detect_custom_labels(ProjectVersionArn=version, Image=picture, MinConfidence=70)
    assert [each["Name"] for each in sure["CustomLabels"]] == ["ginger"]
    assumed = client.detect_custom_labels(ProjectVersionArn=version, Image=picture)["CustomLabels"]
    assert assumed[0]["Name"] == "ginger"

    with pytest.raises(client.exceptions.ResourceInUseException):
        client.delete_project(ProjectArn=project)
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.delete_project_version(ProjectVersionArn=version)
    client.stop_project_version(ProjectVersionArn=version)
    assert described()["Status"] == "STOPPED"
    client.delete_project_version(ProjectVersionArn=version)
    for arn in (train, test):
        client.delete_dataset(DatasetArn=arn)
    client.delete_project(ProjectArn=project)
    assert "coats" not in str(client.describe_projects()["ProjectDescriptions"])


def test_lines_that_are_wrong_stay_with_their_fault_and_can_be_mended(ask, buckets, manifest):
    client = ask()
    project = client.create_project(ProjectName="mended")["ProjectArn"]
    wrong = [
        line("nobody.jpg", "black"),
        line("words.jpg", "black"),
        {**manifest[0], **line("black/00.jpg", "x", "b")},
    ]
    dataset = client.create_dataset(ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]

    def update(*lines: dict[str, Any]) -> None:
        text = "\n".join(json.dumps(each) for each in lines)
        client.update_dataset_entries(DatasetArn=dataset, Changes={"GroundTruth": text.encode()})
        described = lambda: client.describe_dataset(DatasetArn=dataset)["DatasetDescription"]  # noqa: E731
        assert settled(lambda: described()["Status"]) == "UPDATE_COMPLETE"

    update(*wrong)
    found = client.list_dataset_entries(DatasetArn=dataset, HasErrors=True)["DatasetEntries"]
    faults = [json.loads(each)["cl-metadata"]["errors"][0] for each in found]
    assert ["nobody.jpg" in faults[0], "words.jpg" in faults[1], "several labels" in faults[2]] == [True] * 3
    (buckets / "door" / "nobody.jpg").write_bytes(jpeg(np.full((240, 320, 3), 90, np.uint8)))
    update({"source-ref": "s3://door/nobody.jpg"})
    found = client.list_dataset_entries(DatasetArn=dataset, HasErrors=False)["DatasetEntries"]
    assert [json.loads(each) for each in found] == [wrong[0]]

    client.update_dataset_entries(DatasetArn=dataset, Changes={"GroundTruth": b"no json"})
    until = time.monotonic() + PATIENCE_S
    while (now := client.describe_dataset(DatasetArn=dataset)["DatasetDescription"])[
        "Status"
    ] != "UPDATE_FAILED":
        assert time.monotonic() < until
        time.sleep(0.5)
    assert "line 1" in now["StatusMessage"] and now["DatasetStats"]["TotalEntries"] == 3


def test_a_project_that_teaches_nothing_fails_to_train_and_says_why(ask):
    client = ask()
    project = client.create_project(ProjectName="empty")["ProjectArn"]
    with pytest.raises(client.exceptions.ResourceNotReadyException, match="no TRAIN dataset"):
        client.create_project_version(ProjectArn=project, VersionName="v1", OutputConfig=OUTPUT)
    client.create_dataset(ProjectArn=project, DatasetType="TRAIN")
    for bucket, prefix in (("nowhere", ""), ("door", "../../up")):
        with pytest.raises(client.exceptions.ClientError):
            client.create_project_version(
                ProjectArn=project,
                VersionName="v1",
                OutputConfig={"S3Bucket": bucket, "S3KeyPrefix": prefix},
            )
    version = client.create_project_version(ProjectArn=project, VersionName="v1", OutputConfig=OUTPUT)

    def described() -> dict[str, Any]:
        return client.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"][0]

    assert settled(lambda: described()["Status"]) == "TRAINING_FAILED"
    assert "at least two different ones are needed" in described()["StatusMessage"]
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.start_project_version(ProjectVersionArn=version["ProjectVersionArn"], MinInferenceUnits=1)


def test_projects_are_counted_named_once_and_made_by_those_who_may_act(ask):
    client, reader = ask(), ask(Scope.READ)
    client.create_project(ProjectName="twice")
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.create_project(ProjectName="Twice")
    for name in ("..", ".hidden", "a/b", ""):
        with pytest.raises(client.exceptions.InvalidParameterException):
            client.create_project(ProjectName=name)
    with pytest.raises(reader.exceptions.AccessDeniedException):
        reader.create_project(ProjectName="mine")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.create_dataset(ProjectArn="arn:latchlens:rekognition:home:0:project/x/1", DatasetType="TRAIN")


def test_nothing_of_a_project_reaches_what_the_door_uses(aws):
    folder = aws[0].folder
    assert not (folder / "models").exists() or not any((folder / "models").glob("*coats*"))
    assert {each.name for each in folder.iterdir()} & {"dataset", "evaluations"} == set()
