"""Projects on the disk: what the AWS SDK teaches here lies apart from all that the door uses.

A project is a folder: `project.json` says what datasets and versions it has, `entries.jsonl` holds the
pictures of both datasets with their embeddings, `versions/NAME` the head of each version. Only a job writes
entries while one is open that does; all else is written here, in the thread that answers.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from device.errors import StoreError
from device.tell.atomic import write_whole
from device.web.rekognition.faults import NOT_FOUND, RequestError

Json = dict[str, Any]
Set = Literal["TRAIN", "TEST"]

ACCOUNT = "arn:latchlens:rekognition:home:000000000000:project"
"""In the form of Amazon's, of a partition of its own; there are no accounts."""
HEAD = "head"
"""What the head of a version is called in its folder."""
PROJECT_FILE, ENTRIES_FILE = "project.json", "entries.jsonl"


@dataclass(frozen=True, slots=True)
class DatasetAbout:
    """One of the two datasets of a project."""

    created: float
    updated: float
    job: str = ""
    """The job that fills it, or did so last; empty if none ever did."""
    filled: bool = False
    """Whether it was filled before that job."""


@dataclass(frozen=True, slots=True)
class VersionAbout:
    """One version of a project."""

    created: float
    job: str
    """The job that teaches it."""
    bucket: str
    prefix: str
    description: str = ""
    started: bool | None = None
    """Whether it may be asked; None: it never was started."""


@dataclass(frozen=True, slots=True)
class Project:
    """One project as it stands."""

    name: str
    created: float
    datasets: Mapping[str, DatasetAbout] = field(default_factory=dict)
    versions: Mapping[str, VersionAbout] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"{ACCOUNT}/{self.name}/{stamp(self.created)}"

    def arn_of_dataset(self, which: str) -> str:
        return f"{ACCOUNT}/{self.name}/dataset/{which.lower()}/{stamp(self.datasets[which].created)}"

    def arn_of_version(self, version: str) -> str:
        return f"{ACCOUNT}/{self.name}/version/{version}/{stamp(self.versions[version].created)}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a manifest, with its picture as it was embedded."""

    set: str
    line: Mapping[str, Any]
    id: str = ""
    """Of the picture by its content."""
    label: str = ""
    """What a head learns of it; empty: nobody said."""
    labels: tuple[str, ...] = ()
    """All that the line names, with those of boxes."""
    boxes: int = 0
    visit: str = ""
    wall: float | None = None
    infrared: bool = False
    codes: str = ""
    """The embedding in 8 bits, in base64."""
    fault: str = ""
    """Why it teaches nothing."""

    @property
    def source(self) -> str:
        return str(self.line["source-ref"])


class Projects:
    """All projects in a folder; for one thread, besides the one job that is being done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        return sorted(path.parent.name for path in self.folder.glob(f"*/{PROJECT_FILE}"))

    def all(self) -> list[Project]:
        return [self.read(name) for name in self.names()]

    def read(self, name: str) -> Project:
        """A project by its name; raises StoreError if its file is damaged."""
        path = self.place(name) / PROJECT_FILE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return Project(
                found["name"],
                found["created"],
                {which: DatasetAbout(**about) for which, about in found["datasets"].items()},
                {version: VersionAbout(**about) for version, about in found["versions"].items()},
            )
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreError(f"{path} is damaged ({error}); delete its folder, and make it again") from None

    def write(self, project: Project) -> None:
        write_whole(self.place(project.name) / PROJECT_FILE, json.dumps(asdict(project)).encode())

    def delete(self, project: Project) -> None:
        """Take a project off the disk; its file goes first, so that no half of it is left standing."""
        (self.place(project.name) / PROJECT_FILE).unlink(missing_ok=True)
        shutil.rmtree(self.place(project.name), ignore_errors=True)

    def delete_version(self, project: Project, version: str) -> None:
        kept = {name: about for name, about in project.versions.items() if name != version}
        self.write(replace(project, versions=kept))
        shutil.rmtree(self.version(project.name, version), ignore_errors=True)

    def entries(self, name: str) -> list[Entry]:
        """The entries of both datasets in their order; raises StoreError if the file is damaged."""
        path = self.place(name) / ENTRIES_FILE
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            rows = [json.loads(line) for line in lines]
            return [Entry(**{**row, "labels": tuple(row["labels"])}) for row in rows]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreError(f"{path} is damaged ({error}); make the dataset again") from None

    def write_entries(self, name: str, entries: list[Entry]) -> None:
        text = "".join(json.dumps(asdict(each)) + "\n" for each in entries)
        write_whole(self.place(name) / ENTRIES_FILE, text.encode())

    def place(self, name: str) -> Path:
        return self.folder / name

    def version(self, name: str, version: str) -> Path:
        """Where the head of a version lies."""
        return self.place(name) / "versions" / version

    def by_arn(self, arn: str) -> Project:
        """The project that an ARN names; raises RequestError if there is none."""
        found = next((project for project in self.all() if project.arn == arn), None)
        if found is None:
            raise RequestError(NOT_FOUND, f"there is no project {arn[:200]}")
        return found

    def dataset(self, arn: str) -> tuple[Project, str]:
        """The project and the set that an ARN names; raises RequestError if there is none."""
        for project in self.all():
            for which in project.datasets:
                if project.arn_of_dataset(which) == arn:
                    return project, which
        raise RequestError(NOT_FOUND, f"there is no dataset {arn[:200]}")

    def of_version(self, arn: str) -> tuple[Project, str] | None:
        """The project and the version that an ARN names, None if there is none."""
        for project in self.all():
            for version in project.versions:
                if project.arn_of_version(version) == arn:
                    return project, version
        return None


def stamp(created: float) -> int:
    """Milliseconds, as the end of an ARN."""
    return round(created * 1000)
