"""A lab of Amazon Rekognition with an unmodified boto3, against the device: no picture leaves the house.

    python docs/lab.py http://flap.local:8080/rekognition PICTURES [--save FOLDER]

PICTURES has a folder for each animal, called by its name, with two pictures or more. All but the last of each
are indexed, the last one is searched. It needs a key of `latchlens keys create NAME --scope act`, where boto3
looks for one: ~/.aws/credentials and AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

from __future__ import annotations

import argparse
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


def main() -> None:
    parser = argparse.ArgumentParser(description="A lab of Amazon Rekognition, against the device.")
    parser.add_argument("endpoint", help="such as http://flap.local:8080/rekognition")
    parser.add_argument("pictures", type=Path, help="a folder with a folder for each animal")
    parser.add_argument("--save", type=Path, help="a folder for the picture with boxes")
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


if __name__ == "__main__":
    main()
