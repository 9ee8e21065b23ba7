"""Packs the face detector: python models/build/face.py [--photos DIR] [--model DIR].

BlazeFace for short range, as MediaPipe's wheel carries it; its weights are half-precision floats already
(0.2 MB), so there is nothing to convert. Measured on the 100 faces and 100 others of scikit-image's
`lfw_subset`, 25 x 25 pixels each, and on photos of animals, which have no face of a person.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from packages import pypi_file
from packing import pack
from skimage import data

from device.config import parse_project
from device.messages import Pixels
from device.portraits import Portraitist
from device.see.blazeface import TASK, FaceDetector
from device.see.pictures import read_picture
from device.see.tflite import TfliteModel
from device.web.rekognition.people import faces_of

MODEL = Path(__file__).resolve().parents[1] / "blazeface-short" / "1"
PACKAGE = "mediapipe==0.10.21"
MEMBER = "mediapipe/modules/face_detection/face_detection_short_range.tflite"
SHA256 = "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"
SIDE_PX = 200
DEMO = Path(__file__).resolve().parents[2] / "firmware-config" / "projects" / "demo.toml"


def of(folder: Path) -> FaceDetector:
    return FaceDetector(TfliteModel(folder, TASK, threads=1))


def patches() -> tuple[list[Pixels], list[Pixels]]:
    """Faces and others, enlarged in the middle of a grey picture."""
    made = []
    for patch in data.lfw_subset():
        grey = cv2.resize((patch * 255).astype(np.uint8), (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(grey, *[SIDE_PX // 2] * 4, cv2.BORDER_REPLICATE)
        made.append(np.asarray(cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR), np.uint8))
    return made[:100], made[100:]


def measure(folder: Path, photos: Path | None) -> dict[str, str]:
    """What the card says was measured: with persons found as the device finds them."""
    detector, look = of(folder), Portraitist.of(parse_project(DEMO.read_text(encoding="utf-8")), None)

    def seen(image: Pixels) -> bool:
        return bool(faces_of(image, look.living(image), detector))

    faces, others = patches()
    found, wrong = sum(map(seen, faces)), sum(map(seen, others))
    figures = {
        "faces of lfw_subset, 25 px enlarged": f"found in {found} of {len(faces)}",
        "others of lfw_subset": f"called a face in {wrong} of {len(others)}",
    }
    if photos is not None:
        paths = sorted(photos.rglob("*.jpg"))
        called = [path.name for path in paths if seen(read_picture(path))]
        alone = sum(bool(detector.detect(read_picture(path))) for path in paths)
        print("look at these, some show people:", *called)
        figures["photos of animals, some with people"] = (
            f"a face in {len(called)} of {len(paths)}; without the persons' boxes in {alone}"
        )
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, help="a folder of photos of animals without persons")
    parser.add_argument("--model", type=Path, default=MODEL, help="the folder to write")
    asked = parser.parse_args()
    model = pypi_file(PACKAGE, MEMBER, SHA256)
    described = {
        "task": TASK,
        "licence": "Apache-2.0",
        "origin": f"PyPI {PACKAGE}, {MEMBER}: BlazeFace short range, unchanged",
        "colour": "RGB",
        "mean": 127.5,
        "std": 127.5,
        "meanings": ("centre, size and six points against the anchors", "scores as logits"),
    }
    pack(asked.model, model, **described)
    pack(asked.model, model, **described, measured=measure(asked.model, asked.photos))
    print((asked.model / "card.toml").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
