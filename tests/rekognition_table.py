"""The table of docs/rekognition.md from botocore's service model: `python -m tests.rekognition_table`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from botocore.model import OperationModel, StructureShape
from botocore.session import get_session
from pydantic import TypeAdapter

from device.web.rekognition.operations import OPERATIONS, Operation

PAGE = Path(__file__).resolve().parents[1] / "docs" / "rekognition.md"
BEGIN, END = "<!-- operations -->\n", "<!-- end of operations -->\n"

HOW: Mapping[str, str] = {
    "CompareFaces": "of animals",
    "DescribeProjects": "projects made here, and the door's heads",
    "DescribeProjectVersions": "those of the door's heads run without being started",
    "CreateDataset": "pictures lie in the configured folder",
    "CreateProject": "apart from all that the door uses",
    "CreateProjectVersion": "a head on the shipped backbone",
    "DetectCustomLabels": "of each animal, or of the whole picture; also of the door's own heads",
    "DetectFaces": "only with `[web] rekognition_faces = true`; nobody is recognised",
    "DistributeDatasetEntries": "whole visits, the newest",
    "GetLabelDetection": "two looks a second",
    "GetPersonTracking": "of animals, five looks a second",
    "StartLabelDetection": "the end is told over MQTT, as an event",
    "StartPersonTracking": "of animals; the end is told over MQTT, as an event",
    "DetectLabels": "the species that the device knows, and persons",
    "IndexFaces": "of animals",
    "SearchFaces": "Similarity is a calibrated probability",
    "SearchFacesByImage": "Similarity is a calibrated probability",
}
WITHIN: Mapping[str, str] = {
    "DetectCustomLabels": "for the door's heads 50 is assumed without `MinConfidence`",
    "DetectFaces": "`Attributes` can only be `DEFAULT`; without `Pitch` and `Yaw`",
    "GetLabelDetection": "without `Codec` and `FrameRate`",
    "GetPersonTracking": "persons are not followed",
    "IndexFaces": "needs `ExternalImageId`, the animal's name; `DetectionAttributes` can only be `DEFAULT`",
}
"""What is refused of a value that is taken, or missing from the answer."""
CUSTOM_LABELS = "projects stay on the device: nothing is copied or shared"
VIDEO = "films are looked at for labels and animals"
HUMANS = "people are blurred here, not recognised"
WHY: Mapping[str, str] = {
    "Celebrit": HUMANS,
    "FaceLiveness": HUMANS,
    "FaceDetection": HUMANS,
    "FaceSearch": HUMANS,
    "ProtectiveEquipment": HUMANS,
    "User": "an animal's pictures are one by their `ExternalImageId`",
    "AssociateFaces": "an animal's pictures are one by their `ExternalImageId`",
    "DisassociateFaces": "an animal's pictures are one by their `ExternalImageId`",
    "StreamProcessor": "the loop itself is the stream's processor",
    "Project": CUSTOM_LABELS,
    "Dataset": CUSTOM_LABELS,
    "CustomLabels": CUSTOM_LABELS,
    "Moderation": "no model for it",
    "Text": "no model for it",
    "MediaAnalysis": "no jobs on stored pictures",
    "SegmentDetection": VIDEO,
    "TagsForResource": "nothing here carries tags",
    "agResource": "nothing here carries tags",
}
"""Why an operation is not answered, by a part of its name; the first that is in it counts."""


def rows() -> Iterator[str]:
    """The table, line by line: every operation that the SDK knows."""
    yield "| operation | answered | how, or why not |"
    yield "|---|---|---|"
    model = get_session().get_service_model("rekognition")
    for name in model.operation_names:
        if name in OPERATIONS:
            yield _answered(OPERATIONS[name], model.operation_model(name))
        else:
            reason = next(reason for part, reason in WHY.items() if part in name)
            yield f"| `{name}` | no | {reason} |"


def _answered(found: Operation, model: OperationModel) -> str:
    """A row of an operation; a value that the device does not take makes it one answered in part."""
    assert isinstance(model.input_shape, StructureShape)
    taken = set(TypeAdapter(found.shape).json_schema()["properties"])
    refused = [f"`{each}`" for each in model.input_shape.members if each not in taken]
    without = [f"without {', '.join(refused)}"] if refused else []
    limits = [*without, *([WITHIN[model.name]] if model.name in WITHIN else [])]
    words = "; ".join([*([HOW[model.name]] if model.name in HOW else []), *limits])
    return f"| `{model.name}` | {'in part' if limits else 'yes'} | {words} |"


def page(text: str) -> str:
    """The page with its table made anew."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + "\n".join(rows()) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
