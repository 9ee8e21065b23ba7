"""Looking at stored pictures and videos outside the loop."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from device.clock import SystemClock
from device.config import Project
from device.errors import ConfigError, ModelError, PictureError, StoreError
from device.labels import detect_labels, label_detection
from device.messages import Detection, Pixels
from device.see import embedding, video
from device.see.drawing import draw
from device.see.head import find_heads
from device.see.pictures import is_video, read_picture
from device.see.privacy import blur_persons
from device.see.species import living


@dataclass(frozen=True, slots=True)
class Answer:
    """What one file shows."""

    path: Path
    document: dict[str, Any]
    fault: str | None = None
    """Why the answer is not about the whole file."""

    def lines(self, as_json: bool) -> Iterator[str]:
        """The answer as one line of JSON, or in words."""
        if as_json:
            yield json.dumps({"File": str(self.path), **self.document})
            return
        yield str(self.path)
        for entry in self.document["Labels"]:
            label, when = entry.get("Label", entry), entry.get("Timestamp")
            boxes = f", {len(label['Instances'])} boxed" if label["Instances"] else ""
            at = "" if when is None else f"{when / 1000:8.1f} s"
            yield f"  {at} {label['Name']:10} {label['Confidence']:5.1f} %{boxes}"


class Analyst:
    """Answers for pictures and videos with the models of a project."""

    def __init__(
        self,
        project: Project,
        state: Path | None,
        min_confidence: float = 55.0,
        max_labels: int | None = None,
        every: float = 0.5,
        save: Path | None = None,
    ) -> None:
        """Load the models.

        Raises:
            ModelError: one is missing, damaged or does not fit.
        """
        self._detector = project.detector.build(state)
        self._embedder = embedding.build(project.section("embedding"), state)
        heads = find_heads(project.section("heads"), state, self._embedder.model.card.sha256)
        species = next((head for head in heads if head.task == "species"), None)
        if species is None:
            raise ModelError('no head tells species; set [heads] species = "starter-species"')
        self._head = species
        self._saved: Counter[str] = Counter()
        self._least, self._most, self._every, self._save = min_confidence, max_labels, every, save
        card = self._detector.model.card
        self._version = f"{card.name}/{card.version}+{species.card.name}/{species.card.version}"

    def answer(self, path: Path) -> Answer:
        """What the file at `path` shows.

        Raises:
            PictureError: it cannot be read; the message names the file and the fix.
        """
        document = self._of_video(path) if is_video(path) else self._of_picture(path)
        return Answer(path, {**document, "LabelModelVersion": self._version}, document.get("StatusMessage"))

    def _of_picture(self, path: Path) -> dict[str, Any]:
        image = read_picture(path)
        if self._save is not None and self._save.resolve() == path.parent.resolve():
            raise ConfigError(
                f"--save {self._save} would write over the pictures there; choose another folder"
            )
        return {"Labels": self._labels(image, path.stem, self._look(image))}

    def _of_video(self, path: Path) -> dict[str, Any]:
        camera = video.build(video.Settings(str(path), rate=1 / self._every), SystemClock())
        labels: list[dict[str, Any]] = []
        duration, size = 0.0, (0, 0)
        status = {"JobStatus": "SUCCEEDED"}
        try:
            for frame in video.every_frame(camera):
                name = f"{path.stem}-{round(frame.time * 1000):07}"
                found = self._labels(frame.image, name, self._look(frame.image))
                labels += label_detection(frame.time, found)
                duration, size = frame.time, frame.image.shape[:2]
        except PictureError as error:  # cut short: what came before is answered all the same
            status = {"JobStatus": "FAILED", "StatusMessage": str(error)}
        about = {"DurationMillis": round(duration * 1000), "FrameHeight": size[0], "FrameWidth": size[1]}
        return {**status, "VideoMetadata": about, "Labels": labels}

    def _look(self, image: Pixels) -> Sequence[Detection]:
        return living(image, self._detector, self._embedder, self._head)

    def _labels(self, image: Pixels, name: str, found: Sequence[Detection]) -> list[dict[str, Any]]:
        if self._save is not None:
            sure = [each for each in found if each.score * 100 >= self._least]
            self._saved[name] += 1
            again = f"-{self._saved[name]}" if self._saved[name] > 1 else ""
            _write(self._save, f"{name}{again}", draw(blur_persons(image, found), sure))
        return detect_labels(found, self._least, self._most)


def _write(folder: Path, name: str, image: Pixels) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be made: {error.strerror}; choose another --save") from None
    if not cv2.imwrite(str(folder / f"{name}.jpg"), image):
        raise StoreError(f"{folder}: pictures cannot be written there; choose another --save")
