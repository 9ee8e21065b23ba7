"""An unmodified boto3 against the device: the SDK is the client, real models answer over a real socket."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import botocore.exceptions
import cv2
import numpy as np
import pytest
from botocore.config import Config

from device.see.card import Backbone, Training, load_card
from device.see.head_writer import save_head
from device.shipped import model_folder
from device.web.application import build
from device.web.caller import Scope
from simulator.doorstep import Visitor
from tests.recordings import doorstep
from tests.rekognition_home import CLOCK, HASTY, code_of, grey, jpeg
from tests.served import site

LAB = Path(__file__).resolve().parents[1] / "docs" / "lab.py"


@pytest.fixture(scope="module")
def cat(recordings) -> bytes:
    """A rendered cat at the doorstep."""
    return sorted(Path(recordings.pictures).iterdir())[10].read_bytes()


def test_a_cat_in_a_picture_is_labelled_and_boxed(ask, cat):
    found = ask().detect_labels(Image={"Bytes": cat}, MinConfidence=30)
    (label,) = [each for each in found["Labels"] if each["Name"] == "Cat"]
    assert {each["Name"] for each in label["Parents"]} == {"Animal", "Mammal", "Pet"}
    (instance,) = label["Instances"]
    assert set(instance["BoundingBox"]) == {"Left", "Top", "Width", "Height"}
    assert 30 <= instance["Confidence"] <= 100
    assert "ssd" in found["LabelModelVersion"]


def test_labels_are_filtered_and_counted_as_asked(ask, cat):
    client = ask()

    def names(**asked: object) -> list[str]:
        found = client.detect_labels(Image={"Bytes": cat}, MinConfidence=30, **asked)
        return [label["Name"] for label in found["Labels"]]

    def only(**filters: list[str]) -> list[str]:
        return names(Settings={"GeneralLabels": filters})

    everything = names()
    assert "Cat" in everything and len(everything) == 4
    assert names(MaxLabels=2) == everything[:2] and names(MaxLabels=0) == []
    assert only(LabelInclusionFilters=["Cat"]) == ["Cat"]
    assert "Cat" not in only(LabelExclusionFilters=["Cat"])
    assert only(LabelCategoryInclusionFilters=["Animals and Pets"]) == everything
    assert only(LabelCategoryExclusionFilters=["Animals and Pets"]) == []


def test_a_picture_tells_its_colours_and_how_well_it_is_seen(ask, cat):
    client = ask()
    half = grey()
    half[:, :160] = (0, 0, 220)
    found = client.detect_labels(Image={"Bytes": jpeg(half)}, Features=["IMAGE_PROPERTIES"])
    assert "Labels" not in found or found["Labels"] == []
    properties = found["ImageProperties"]
    first, second = properties["DominantColors"][:2]
    assert {first["SimplifiedColor"], second["SimplifiedColor"]} == {"red", "grey"}
    assert abs(first["PixelPercent"] - 50) < 3 and first["HexCode"].startswith("#")
    assert "Foreground" not in properties and properties["Background"]["Quality"] == properties["Quality"]
    both = ["GENERAL_LABELS", "IMAGE_PROPERTIES"]
    limit = {"ImageProperties": {"MaxDominantColors": 2}}
    seen = client.detect_labels(Image={"Bytes": cat}, MinConfidence=30, Features=both, Settings=limit)
    assert seen["Labels"] and len(seen["ImageProperties"]["Foreground"]["DominantColors"]) <= 2
    dark = client.detect_labels(Image={"Bytes": jpeg(half // 4)}, Features=["IMAGE_PROPERTIES"])
    assert dark["ImageProperties"]["Quality"]["Brightness"] < properties["Quality"]["Brightness"] / 2


def test_a_stored_picture_is_found_by_bucket_and_name_and_nothing_outside(ask, cat, buckets):
    (buckets / "door" / "cat.jpg").write_bytes(cat)
    client = ask(config=HASTY)

    def look(bucket: str, name: str) -> list[str]:
        found = client.detect_labels(Image={"S3Object": {"Bucket": bucket, "Name": name}}, MinConfidence=30)
        return [label["Name"] for label in found["Labels"]]

    assert "Cat" in look("door", "cat.jpg")
    outside = (
        str(buckets / "secret.jpg"),
        "../secret.jpg",
        "way-out.jpg",
        "nobody.jpg",
        "a\x00b",
        ".",
        "x" * 999,
    )
    for bucket, name in (*(("door", name) for name in outside), ("...", "secret.jpg"), ("..", "secret.jpg")):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            look(bucket, name)
        assert code_of(refused) in ("InvalidS3ObjectException", "InvalidParameterException"), name
    with pytest.raises(client.exceptions.InvalidImageFormatException, match="not a picture"):
        look("door", "words.jpg")


def test_the_lab_of_collections_runs_from_begin_to_end(ask, recordings):
    """Create, index, list, search by another picture, read Similarity, delete."""
    client = ask()
    assert client.create_collection(CollectionId="household")["StatusCode"] == 200
    tabby = [path.read_bytes() for path in sorted(recordings.pictures.iterdir())[8:13]]
    black = [path.read_bytes() for path in sorted(recordings.stranger.iterdir())[1:4]]
    for name, shown in (("chelsea", tabby[:3]), ("tom", black[:2])):
        for picture in shown:
            answer = client.index_faces(
                CollectionId="household",
                Image={"Bytes": picture},
                ExternalImageId=name,
                QualityFilter="NONE",
                MaxFaces=1,
            )
            (record,) = answer["FaceRecords"]
            assert record["Face"]["ExternalImageId"] == name
    described = client.describe_collection(CollectionId="household")
    assert (described["FaceCount"], described["UserCount"]) == (5, 2)
    assert abs(described["CreationTimestamp"].timestamp() - time.time()) < 100
    pages = client.get_paginator("list_faces").paginate(
        CollectionId="household", PaginationConfig={"PageSize": 2}
    )
    listed = [face for page in pages for face in page["Faces"]]
    assert [face["ExternalImageId"] for face in listed] == ["chelsea"] * 3 + ["tom"] * 2
    found = client.search_faces_by_image(
        CollectionId="household", Image={"Bytes": tabby[4]}, FaceMatchThreshold=0
    )
    assert found["FaceMatches"][0]["Face"]["ExternalImageId"] == "chelsea"
    alike = [match["Similarity"] for match in found["FaceMatches"]]
    assert alike == sorted(alike, reverse=True) and 0 <= alike[-1] <= alike[0] <= 100
    again = client.search_faces(CollectionId="household", FaceId=listed[0]["FaceId"], FaceMatchThreshold=0)
    others = {match["Face"]["FaceId"] for match in again["FaceMatches"]}
    assert listed[0]["FaceId"] not in others and {listed[1]["FaceId"], listed[2]["FaceId"]} <= others
    stranger = "00000000-0000-0000-0000-000000000000"
    gone = client.delete_faces(CollectionId="household", FaceIds=[listed[0]["FaceId"], stranger])
    assert gone["DeletedFaces"] == [listed[0]["FaceId"]]
    assert gone["UnsuccessfulFaceDeletions"] == [{"FaceId": stranger, "Reasons": ["FACE_NOT_FOUND"]}]
    assert client.list_collections()["CollectionIds"] == ["household"]
    assert client.delete_collection(CollectionId="household")["StatusCode"] == 200
    assert client.list_collections()["CollectionIds"] == []


def test_two_pictures_of_one_cat_are_compared(ask, recordings):
    client = ask()
    first, second = (path.read_bytes() for path in sorted(recordings.pictures.iterdir())[9:11])
    answer = client.compare_faces(
        SourceImage={"Bytes": first}, TargetImage={"Bytes": second}, SimilarityThreshold=0
    )
    (match,) = answer["FaceMatches"]
    assert 0 <= match["Similarity"] <= 100 and answer["UnmatchedFaces"] == []
    assert answer["SourceImageFace"]["Confidence"] > 0
    none = client.compare_faces(
        SourceImage={"Bytes": first}, TargetImage={"Bytes": second}, SimilarityThreshold=100
    )
    assert none["FaceMatches"] == [] and len(none["UnmatchedFaces"]) == 1


def test_a_taught_head_is_asked_as_custom_labels(ask, aws, cat):
    """The one in use and the one before, which was taught on another backbone and cannot be asked."""
    made, _ = aws
    backbone = load_card(model_folder("efficientnet-lite0")).sha256
    for sha256 in ("0" * 64, backbone):
        teach(made.folder / "models", sha256)
    client = ask()
    heads = client.describe_projects()["ProjectDescriptions"]
    names = [each["ProjectArn"].split("/")[1] for each in heads]
    assert sorted(names) == ["household", "starter-species"]
    assert client.describe_projects(ProjectNames=["household"])["ProjectDescriptions"] == [
        heads[names.index("household")]
    ]
    pages = client.get_paginator("describe_project_versions").paginate(
        ProjectArn=heads[names.index("household")]["ProjectArn"], PaginationConfig={"PageSize": 1}
    )
    foreign, good = (each for page in pages for each in page["ProjectVersionDescriptions"])
    assert (good["Status"], foreign["Status"]) == ("RUNNING", "FAILED")
    found = client.detect_custom_labels(
        ProjectVersionArn=good["ProjectVersionArn"], Image={"Bytes": cat}, MinConfidence=70
    )
    (label,) = found["CustomLabels"]
    assert label["Name"] == "mimi" and label["Confidence"] > 70
    assert 0 < label["Geometry"]["BoundingBox"]["Width"] < 1
    everything = client.detect_custom_labels(
        ProjectVersionArn=good["ProjectVersionArn"], Image={"Bytes": cat}, MinConfidence=0
    )
    assert [each["Name"] for each in everything["CustomLabels"]] == ["mimi", "stranger"]
    kinds = client.exceptions
    for kind, arn in (
        (kinds.ResourceNotReadyException, foreign["ProjectVersionArn"]),
        (kinds.ResourceNotFoundException, good["ProjectVersionArn"].replace("household", "nobody")),
        (
            kinds.ResourceNotFoundException,
            good["ProjectVersionArn"].replace("household", "../models/household"),
        ),
    ):
        with pytest.raises(kind):
            client.detect_custom_labels(ProjectVersionArn=arn, Image={"Bytes": cat})
    with pytest.raises(kinds.ResourceNotFoundException):
        client.describe_project_versions(ProjectArn=good["ProjectVersionArn"])


def teach(models: Path, backbone: str) -> None:
    """A head that takes everyone for mimi."""
    save_head(
        models,
        "household",
        "who",
        ("mimi", "stranger"),
        np.zeros((1280, 2), np.float32),
        np.array([3, 0], np.float32),
        Backbone("efficientnet-lite0/1", backbone),
        Training("two cats", "none", {"mimi": 3, "stranger": 3}, {"mimi": 1.0, "stranger": 1.0}),
    )


def test_errors_are_raised_as_the_classes_of_the_sdk(ask, cat):
    client = ask()
    kinds = client.exceptions
    face = "00000000-0000-0000-0000-000000000000"
    wide = cv2.imencode(".png", np.zeros((7000, 7000), np.uint8))[1].tobytes()
    client.create_collection(CollectionId="taken")
    for kind, call in (
        (kinds.ResourceAlreadyExistsException, lambda: client.create_collection(CollectionId="taken")),
        (kinds.ResourceNotFoundException, lambda: client.describe_collection(CollectionId="nobody")),
        (kinds.ResourceNotFoundException, lambda: client.delete_collection(CollectionId="..")),
        (kinds.InvalidParameterException, lambda: client.create_collection(CollectionId="a/b")),
        (kinds.InvalidParameterException, lambda: client.create_collection(CollectionId="x" * 255)),
        (kinds.InvalidParameterException, lambda: client.search_faces(CollectionId="taken", FaceId=face)),
        (kinds.InvalidParameterException, lambda: client.detect_labels(Image={})),
        (kinds.InvalidParameterException, lambda: client.detect_labels(Image={"Bytes": cat}, MaxLabels=-1)),
        (
            kinds.InvalidParameterException,
            lambda: client.detect_labels(Image={"Bytes": cat}, Features=["TEXT"]),
        ),
        (
            kinds.InvalidParameterException,
            lambda: client.search_faces_by_image(CollectionId="taken", Image={"Bytes": jpeg(grey())}),
        ),
        (kinds.InvalidImageFormatException, lambda: client.detect_labels(Image={"Bytes": b"no picture"})),
        (kinds.InvalidImageFormatException, lambda: client.detect_labels(Image={"Bytes": cat[:2000]})),
        (kinds.ImageTooLargeException, lambda: client.detect_labels(Image={"Bytes": bytes(6_000_000)})),
        (kinds.ImageTooLargeException, lambda: client.detect_labels(Image={"Bytes": bytes(16_000_000)})),
        (kinds.ImageTooLargeException, lambda: client.detect_labels(Image={"Bytes": wide})),
        (
            kinds.InvalidPaginationTokenException,
            lambda: client.list_faces(CollectionId="taken", NextToken="guess"),
        ),
    ):
        with pytest.raises(kind) as refused:
            call()
        status = refused.value.response["ResponseMetadata"]["HTTPStatusCode"]
        assert 400 <= status < 500 and refused.value.response["Error"]["Message"]
    client.delete_collection(CollectionId="taken")


def test_an_operation_that_is_not_answered_says_so(ask):
    with pytest.raises(botocore.exceptions.ClientError, match="is not answered here") as refused:
        ask().list_stream_processors()
    assert code_of(refused) == "UnknownOperationException"


def test_a_key_that_may_only_look_changes_no_collection(ask):
    client = ask(Scope.READ)
    assert client.list_collections()["CollectionIds"] == []
    with pytest.raises(client.exceptions.AccessDeniedException, match='needs the scope "act"'):
        client.create_collection(CollectionId="mine")


def test_a_wrong_secret_an_unknown_key_and_a_revoked_one_are_refused(ask, aws):
    made, _ = aws
    for code, changes in (
        ("InvalidSignatureException", {"aws_secret_access_key": "guess"}),
        ("UnrecognizedClientException", {"aws_access_key_id": "LATCHLENSABCDEFGHIJK"}),
        ("UnrecognizedClientException", {"aws_session_token": "temporary"}),
    ):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            ask(config=HASTY, **changes).list_collections()
        assert code_of(refused) == code
    client = ask(config=HASTY)
    client.list_collections()
    made.access.keys.revoke(made.access.keys.all()[-1].name)
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        client.list_collections()
    assert code_of(refused) == "UnrecognizedClientException"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_request_of_another_time_is_refused(ask, monkeypatch, minutes):
    client = ask(config=HASTY)
    monkeypatch.setattr(CLOCK, "shift", 60.0 * minutes)
    with pytest.raises(botocore.exceptions.ClientError, match="Signature expired") as refused:
        client.list_collections()
    assert code_of(refused) == "InvalidSignatureException"


def test_the_same_call_twice_in_a_second_is_answered_twice(ask):
    """Its signature is the same: the device has the SDK sign anew, and the caller notices nothing."""
    client = ask()
    for _ in range(3):
        assert client.list_collections()["CollectionIds"] == []


def test_whoever_asks_too_often_is_throttled_and_others_are_not(ask):
    hasty, other = ask(config=HASTY), ask(config=HASTY)
    with pytest.raises(hasty.exceptions.ThrottlingException, match="times a second"):
        for number in range(30):
            _absent(hasty, number)
    assert other.list_collections()["CollectionIds"] == []


def _absent(client, number: int) -> None:
    """Ask for a collection that is not there: each time another request."""
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_collection(CollectionId=f"absent-{number}")


def test_ten_at_a_time_are_answered_or_throttled_and_never_fail(ask, cat):
    clients = [ask(config=HASTY) for _ in range(10)]

    def look(client) -> str:
        try:
            return str(len(client.detect_labels(Image={"Bytes": cat})["Labels"]))
        except client.exceptions.ThrottlingException:
            return "throttled"

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(look, clients))
    assert any(answer.isdigit() for answer in answers)


def test_the_address_is_closed_unless_the_owner_opens_it(tmp_path):
    shut = site(tmp_path)
    answer = shut.stranger().post("/rekognition", content=b"{}")
    assert (answer.status_code, shut.app.state.rekognition) == (401, None)
    assert build(shut.appliance, shut.access).state.rekognition is None


def test_the_lab_runs_with_an_unmodified_sdk_and_finds_three_animals(aws, buckets, tmp_path):
    """`docs/lab.py` as a person runs it: a process of its own, its key in the environment."""
    made, server = aws
    for coat in ("black", "ginger", "tabby"):
        (tmp_path / "pictures" / coat).mkdir(parents=True)
        images = doorstep(Visitor(coat, arrives=-1.0, waits=6.0), seconds=6.0)
        for number in range(7, 29, 2):
            cv2.imwrite(str(tmp_path / "pictures" / coat / f"{number:02}.jpg"), images[number])
    key = made.access.keys.create("lab", Scope.ACT)
    known = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    ran = subprocess.run(
        [
            sys.executable,
            LAB,
            f"{server.address}/rekognition",
            tmp_path / "pictures",
            "--save",
            tmp_path / "boxes",
            "--bucket",
            buckets / "door",
        ],
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Cat " in ran.stdout and ran.stdout.count("10 pictures") == 3
    assert "3 of 3 found by their name\n" in ran.stdout
    assert "TRAINING_COMPLETED" in ran.stdout and ran.stdout.count("precision") == 3
    asked = ran.stdout.splitlines()[-3:]
    assert [line.split(": ")[1].split()[0] for line in asked] == ["black", "ginger", "tabby"]
    print(ran.stdout)
    assert (tmp_path / "boxes" / "labels.jpg").stat().st_size > 1000


def test_a_fault_of_the_device_is_told_as_such_and_its_cause_stands_in_the_log(ask, aws, caplog):
    made, _ = aws
    (made.folder / "galleries").mkdir(exist_ok=True)
    (made.folder / "galleries" / "spoilt.json").write_text("{")
    client = ask(config=Config(retries={"mode": "standard", "total_max_attempts": 2}))
    with pytest.raises(client.exceptions.InternalServerError, match="its log says why"):
        client.describe_collection(CollectionId="spoilt")
    assert "spoilt.json: is damaged" in caplog.text
    (made.folder / "galleries" / "spoilt.json").unlink()
