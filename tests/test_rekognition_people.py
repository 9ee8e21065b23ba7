"""Faces of people: found only where the owner allows it, in persons alone, and nobody is recognised."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from skimage import data

from device.see import blazeface
from device.see.verify import verify_model
from device.shipped import model_folder
from device.web.rekognition.faults import RequestError
from device.web.rekognition.operations import OPERATIONS
from device.web.rekognition.studio import Studio
from tests.rekognition_home import jpeg
from tests.served import site


@pytest.fixture(scope="module")
def person() -> bytes:
    """A portrait that scikit-image ships."""
    return jpeg(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR))


def test_a_face_is_found_with_its_points_and_no_name(ask, person):
    (face,) = ask().detect_faces(Image={"Bytes": person})["FaceDetails"]
    box = face["BoundingBox"]
    assert 0.3 < box["Left"] < 0.5 and 0.1 < box["Top"] < 0.3 and face["Confidence"] > 80
    points = {each["Type"]: (each["X"], each["Y"]) for each in face["Landmarks"]}
    assert points["eyeLeft"][0] < points["nose"][0] < points["eyeRight"][0]
    assert points["nose"][1] > max(points["eyeLeft"][1], points["eyeRight"][1])
    assert abs(face["Pose"]["Roll"]) < 20 and 0 < face["Quality"]["Sharpness"] <= 100


def test_a_person_far_away_is_looked_at_closer(person):
    image = cv2.imdecode(np.frombuffer(person, np.uint8), cv2.IMREAD_COLOR)
    small = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA)
    scene = cv2.copyMakeBorder(small, 200, 200, 300, 300, cv2.BORDER_REPLICATE)
    height, width, _ = scene.shape
    detector = blazeface.build()
    where = blazeface.Box(290 / width, 190 / height, 84 / width, 140 / height)
    assert detector.detect(scene) == []
    face = detector.detect(scene, [where])[0]
    x, y = face.box.centre
    assert abs(x * width - 328) < 6 and abs(y * height - 214) < 8


def test_a_cat_has_no_face_of_a_person(ask, recordings):
    assert ask().detect_faces(Image={"Bytes": recordings.picture.read_bytes()})["FaceDetails"] == []


def test_nothing_is_said_of_faces_unless_the_owner_allows_it(tmp_path):
    made = site(tmp_path).appliance
    assert made.project.section("web").rekognition_faces is False
    studio = Studio(made.project, tmp_path, lambda: 1.8e9)
    with pytest.raises(RequestError, match="rekognition_faces") as refused:
        OPERATIONS["DetectFaces"](studio, json.dumps({"Image": {"Bytes": "AAAA"}}).encode())
    assert refused.value.code == "AccessDeniedException"


def test_the_shipped_model_is_what_its_card_says():
    card = verify_model(model_folder(blazeface.MODEL, None))
    assert card.task == blazeface.TASK and card.measured
