"""DetectFaces, asked by the AWS SDK: where faces are, never whose; only if the owner allows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from device.labels import bounding_box
from device.messages import Box, Detection, Pixels
from device.see import crops
from device.see.blazeface import Face, FaceDetector
from device.see.species import PERSON
from device.web.rekognition.faults import ACCESS_DENIED, RequestError
from device.web.rekognition.shapes import DetectFaces
from device.web.rekognition.studio import Studio

Json = dict[str, Any]

LANDMARKS = {"eyeLeft": "right_eye", "eyeRight": "left_eye", "nose": "nose"}
"""Amazon's left is that of whoever looks at the picture, ours the person's own."""
SHARP = 500.0
"""Variance of the Laplacian that counts as wholly sharp."""


def detect(studio: Studio, asked: DetectFaces) -> Json:
    """The faces of a picture, the surest first."""
    if not studio.project.section("web").rekognition_faces:
        raise RequestError(ACCESS_DENIED, "the owner has not allowed it: [web] rekognition_faces = true does")
    image = studio.pictures.read(asked.image)
    found = faces_of(image, studio.look.living(image), studio.faces)
    return {"FaceDetails": [_described(image, face) for face in found]}


def faces_of(image: Pixels, living: Sequence[Detection], detector: FaceDetector) -> list[Face]:
    """Faces of persons alone: the model takes two in five photos of animals for one, too."""
    persons = [each for each in living if each.label == PERSON]
    animals = [each for each in living if each.label != PERSON]
    found = detector.detect(image, [each.box for each in persons])
    return [
        face for face in found if (sure := _best(face.box, persons)) > 0 and sure >= _best(face.box, animals)
    ]


def _best(box: Box, among: Sequence[Detection]) -> float:
    """The score of the surest that has the middle of the box, 0 if none has."""
    x, y = box.centre
    return max(
        (
            each.score
            for each in among
            if each.box.left <= x <= each.box.right and each.box.top <= y <= each.box.bottom
        ),
        default=0.0,
    )


def _described(image: Pixels, face: Face) -> Json:
    height, width, _ = image.shape
    view = crops.view(image, face.box)
    points = {name: getattr(face, ours) for name, ours in LANDMARKS.items()}
    return {
        "BoundingBox": bounding_box(face.box),
        "Confidence": round(100 * face.score, 4),
        "Landmarks": [{"Type": name, "X": round(x, 6), "Y": round(y, 6)} for name, (x, y) in points.items()],
        "Pose": {"Roll": round(face.roll_deg(width, height), 2)},
        "Quality": {
            "Brightness": round(100 * view.brightness, 4),
            "Sharpness": round(min(view.sharpness / SHARP, 1.0) * 100, 4),
        },
    }
