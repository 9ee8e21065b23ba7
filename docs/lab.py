"""A lab of Amazon Rekognition with an unmodified boto3, against the device: no picture leaves the house.

    python docs/lab.py http://flap.local:8080/rekognition PICTURES [--save FOLDER] [--bucket FOLDER]

PICTURES has a folder for each animal, called by its name, with two pictures or more. All but the last of each
are indexed, the last one is searched. With --bucket, a bucket of the device (a folder in its
[web] rekognition_pictures, as this machine sees it), a project is taught besides, from a manifest of Ground
Truth; for that each animal needs ten pictures. A key of `latchlens keys create NAME --scope act` must be
where boto3 looks for one: ~/.aws/credentials and AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import cv2

COLLECTION = "lab"
PINK = (147, 20, 255)
"""Blue, green, red."""


def detect_labels(client: Any, picture: Path, save: Path | None) -> None:
    """Say what a picture shows, and draw a box around each instance."""
    found = client.detect_labels(Image={"Bytes": picture.read_bytes()}, MinConfidence=50)
    print(f"Labels of {picture.name}, by {found['LabelModelVersion']}:")
    image = cv2.imread(str(picture))
    height, width = image.shape[:2]
    for label in found["Labels"]:
        print(f"  {label['Name']:8} {label['Confidence']:5.1f} %")
        for instance in label["Instances"]:
            box = instance["BoundingBox"]
            left, top = round(box["Left"] * width), round(box["Top"] * height)
            right, bottom = left + round(box["Width"] * width), top + round(box["Height"] * height)
            cv2.rectangle(image, (left, top), (right, bottom), PINK, 2)
            cv2.putText(image, label["Name"], (left + 4, top + 18), cv2.FONT_HERSHEY_SIMPLEX, 0.6, PINK, 2)
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(save / "labels.jpg"), image)


def index(client: Any, animals: dict[str, list[Path]]) -> None:
    """Put all pictures but the last of each animal into a new collection, and list what it holds."""
    made = client.create_collection(CollectionId=COLLECTION)
    print(f"{made['CollectionArn']}, by {made['FaceModelVersion']}:")
    for name, pictures in animals.items():
        for picture in pictures[:-1]:
            answer = client.index_faces(
                CollectionId=COLLECTION,
                Image={"Bytes": picture.read_bytes()},
                ExternalImageId=name,
                MaxFaces=1,
                QualityFilter="AUTO",
            )
            for refused in answer["UnindexedFaces"]:
                print(f"  {name}/{picture.name} was not indexed: {', '.join(refused['Reasons'])}")
    pages = client.get_paginator("list_faces").paginate(CollectionId=COLLECTION)
    names = [face["ExternalImageId"] for page in pages for face in page["Faces"]]
    for name in animals:
        print(f"  {name:8} {names.count(name)} pictures")


def search(client: Any, animals: dict[str, list[Path]]) -> int:
    """Search the last picture of each animal; how many were found by their name."""
    right = 0
    for name, pictures in animals.items():
        found = client.search_faces_by_image(
            CollectionId=COLLECTION,
            Image={"Bytes": pictures[-1].read_bytes()},
            FaceMatchThreshold=0,
            MaxFaces=1,
        )
        for match in found["FaceMatches"]:
            who = match["Face"]["ExternalImageId"]
            right += who == name
            print(f"  {name}/{pictures[-1].name} is most like {who}: Similarity {match['Similarity']:.1f}")
    return right


def manifest(animals: dict[str, list[Path]], bucket: Path) -> None:
    """Copy the pictures into the bucket, with a manifest of what they show."""
    with (bucket / "lab.manifest").open("w", encoding="utf-8") as lines:
        for name, pictures in animals.items():
            (bucket / name).mkdir(exist_ok=True)
            for picture in pictures:
                shutil.copy(picture, bucket / name / picture.name)
                said = {
                    "source-ref": f"s3://{bucket.name}/{name}/{picture.name}",
                    "animal": 1,
                    "animal-metadata": {
                        "class-name": name,
                        "type": "groundtruth/image-classification",
                        "confidence": 1,
                        "human-annotated": "yes",
                        "creation-date": "2026-01-01T00:00:00",
                        "job-name": "lab",
                    },
                }
                lines.write(json.dumps(said) + "\n")


def settled(describe: Callable[[], str]) -> str:
    """A status, once it is in progress no more."""
    while (status := describe()).endswith("IN_PROGRESS"):
        time.sleep(1)
    return status


def custom_labels(client: Any, animals: dict[str, list[Path]], bucket: Path) -> None:
    """A project from a manifest: train, read precision and recall, start, detect, stop."""
    manifest(animals, bucket)
    project = client.create_project(ProjectName=COLLECTION)["ProjectArn"]
    source = {"GroundTruthManifest": {"S3Object": {"Bucket": bucket.name, "Name": "lab.manifest"}}}
    train, test = (
        client.create_dataset(ProjectArn=project, DatasetType=kind, **given)["DatasetArn"]
        for kind, given in (("TRAIN", {"DatasetSource": source}), ("TEST", {}))
    )
    settled(lambda: client.describe_dataset(DatasetArn=train)["DatasetDescription"]["Status"])
    client.distribute_dataset_entries(Datasets=[{"Arn": train}, {"Arn": test}])
    output = {"S3Bucket": bucket.name, "S3KeyPrefix": "lab/"}
    client.create_project_version(ProjectArn=project, VersionName="v1", OutputConfig=output)

    def version() -> Any:
        return client.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"][0]

    status = settled(lambda: version()["Status"])
    found = version()
    print(f"{found['ProjectVersionArn']}: {status}")
    place = found["EvaluationResult"]["Summary"]["S3Object"]
    for each in json.loads((bucket.parent / place["Bucket"] / place["Name"]).read_text())[
        "LabelEvaluationResults"
    ]:
        figures = each["Metrics"]
        print(f"  {each['Label']:8} precision {figures['Precision']:.2f}, recall {figures['Recall']:.2f}")
    arn = found["ProjectVersionArn"]
    client.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    client.get_waiter("project_version_running").wait(ProjectArn=project, VersionNames=["v1"])
    for name, pictures in animals.items():
        picture = {"S3Object": {"Bucket": bucket.name, "Name": f"{name}/{pictures[-1].name}"}}
        labels = client.detect_custom_labels(ProjectVersionArn=arn, Image=picture, MinConfidence=70)
        said = ", ".join(f"{each['Name']} {each['Confidence']:.1f}" for each in labels["CustomLabels"])
        print(f"  {name}/{pictures[-1].name}: {said or 'nothing'}")
    client.stop_project_version(ProjectVersionArn=arn)
    client.delete_project_version(ProjectVersionArn=arn)
    for each in (train, test):
        client.delete_dataset(DatasetArn=each)
    client.delete_project(ProjectArn=project)


def main() -> None:
    parser = argparse.ArgumentParser(description="A lab of Amazon Rekognition, against the device.")
    parser.add_argument("endpoint", help="such as http://flap.local:8080/rekognition")
    parser.add_argument("pictures", type=Path, help="a folder with a folder for each animal")
    parser.add_argument("--save", type=Path, help="a folder for the picture with boxes")
    parser.add_argument(
        "--bucket", type=Path, help="a folder in [web] rekognition_pictures, to teach a project"
    )
    asked = parser.parse_args()
    animals = {
        folder.name: sorted(folder.iterdir())
        for folder in sorted(asked.pictures.iterdir())
        if folder.is_dir()
    }
    client = boto3.client("rekognition", endpoint_url=asked.endpoint, region_name="home")
    detect_labels(client, next(iter(animals.values()))[0], asked.save)
    index(client, animals)
    try:
        print(f"{search(client, animals)} of {len(animals)} found by their name")
    finally:
        client.delete_collection(CollectionId=COLLECTION)
    if asked.bucket is not None:
        custom_labels(client, animals, asked.bucket)


if __name__ == "__main__":
    main()
