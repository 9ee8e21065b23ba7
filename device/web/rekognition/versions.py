"""Projects and their versions, asked by the AWS SDK: begun, taught, started, stopped, deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from device.web.rekognition.datasets import TRAIN, TRAINING, described, refuse_busy
from device.web.rekognition.faults import (
    IN_USE,
    INVALID_PARAMETER,
    LIMIT,
    NOT_FOUND,
    NOT_READY,
    RequestError,
)
from device.web.rekognition.projects import Project, VersionAbout
from device.web.rekognition.shapes_projects import (
    CreateProject,
    CreateProjectVersion,
    DeleteProject,
    OfVersion,
    StartProjectVersion,
)
from device.web.rekognition.studio import Studio

Json = dict[str, Any]

MOST_PROJECTS, MOST_VERSIONS = 25, 50
"""Of projects, and of the versions of each."""


def create_project(studio: Studio, asked: CreateProject) -> Json:
    """Begin an empty project."""
    names = studio.projects.names()
    if asked.project_name.lower() in {name.lower() for name in names}:
        raise RequestError(IN_USE, f"there is a project {asked.project_name} already")
    if len(names) >= MOST_PROJECTS:
        raise RequestError(LIMIT, f"there may be {MOST_PROJECTS} projects; delete one first")
    project = Project(asked.project_name, studio.wall() or 0.0)
    studio.projects.write(project)
    return {"ProjectArn": project.arn}


def delete_project(studio: Studio, asked: DeleteProject) -> Json:
    """Delete a project with its datasets; one that has versions is kept."""
    project = studio.projects.by_arn(asked.project_arn)
    refuse_busy(studio, project)
    if project.versions:
        raise RequestError(IN_USE, f"{project.name} has versions; delete them first")
    studio.projects.delete(project)
    return {"Status": "DELETING"}


def create(studio: Studio, asked: CreateProjectVersion) -> Json:
    """Teach a head from the datasets of a project; done by a job."""
    project = studio.projects.by_arn(asked.project_arn)
    if asked.version_name in project.versions:
        raise RequestError(IN_USE, f"{project.name} has a version {asked.version_name} already")
    if len(project.versions) >= MOST_VERSIONS:
        raise RequestError(LIMIT, f"a project may have {MOST_VERSIONS} versions; delete one first")
    refuse_busy(studio, project)
    if TRAIN not in project.datasets:
        raise RequestError(NOT_READY, f"{project.name} has no TRAIN dataset; create it first")
    output = asked.output_config
    try:
        studio.pictures.inside(output.s3_bucket, f"{output.s3_key_prefix}.")
    except ValueError as error:
        raise RequestError(INVALID_PARAMETER, f"OutputConfig: {error}") from None
    wanted = {"project": project.name, "version": asked.version_name}
    created = studio.wall() or 0.0
    about = VersionAbout(created, "", output.s3_bucket, output.s3_key_prefix, asked.version_description or "")
    arn = replace(project, versions={asked.version_name: about}).arn_of_version(asked.version_name)
    place = {"arn": arn, "bucket": about.bucket, "prefix": about.prefix}
    job = studio.jobs.begin(TRAINING, {**wanted, **place})
    about = replace(about, job=job.id)
    studio.projects.write(replace(project, versions={**project.versions, asked.version_name: about}))
    return {"ProjectVersionArn": arn}


def start(studio: Studio, asked: StartProjectVersion) -> Json:
    """Let a version be asked from now on; it costs nothing here."""
    project, version = _known(studio, asked.project_version_arn)
    now = status(studio, project, version)
    if now not in ("TRAINING_COMPLETED", "STOPPED"):
        raise RequestError(IN_USE, f"the version is {now}; only one that is trained can be started")
    _set(studio, project, version, True)
    return {"Status": "STARTING"}


def stop(studio: Studio, asked: OfVersion) -> Json:
    """Let a version be asked no more."""
    project, version = _known(studio, asked.project_version_arn)
    if (now := status(studio, project, version)) != "RUNNING":
        raise RequestError(IN_USE, f"the version is {now}; only one that runs can be stopped")
    _set(studio, project, version, False)
    return {"Status": "STOPPING"}


def delete(studio: Studio, asked: OfVersion) -> Json:
    """Delete a version that does not run."""
    project, version = _known(studio, asked.project_version_arn)
    if (now := status(studio, project, version)) in ("RUNNING", "TRAINING_IN_PROGRESS"):
        raise RequestError(IN_USE, f"the version is {now}; stop it, or wait")
    job = studio.jobs.find(project.versions[version].job)
    studio.projects.delete_version(project, version)
    if job is not None:
        studio.jobs.forget(job)
    return {"Status": "DELETING"}


def status(studio: Studio, project: Project, version: str) -> str:
    """How a version stands, in Amazon's words."""
    about = project.versions[version]
    job = studio.jobs.find(about.job)
    if job is None or job.status == "FAILED":
        return "TRAINING_FAILED"
    if job.open:
        return "TRAINING_IN_PROGRESS"
    if about.started is None:
        return "TRAINING_COMPLETED"
    return "RUNNING" if about.started else "STOPPED"


def project_described(studio: Studio, project: Project) -> Json:
    """A project with its datasets."""
    return {
        "ProjectArn": project.arn,
        "CreationTimestamp": project.created,
        "Status": "CREATED",
        "Feature": "CUSTOM_LABELS",
        "Datasets": [described(studio, project, which) for which in project.datasets],
    }


def version_described(studio: Studio, project: Project, version: str) -> Json:
    """A version with what it is worth."""
    about = project.versions[version]
    found: Json = {
        "ProjectVersionArn": project.arn_of_version(version),
        "CreationTimestamp": about.created,
        "Status": status(studio, project, version),
        "OutputConfig": {"S3Bucket": about.bucket, "S3KeyPrefix": about.prefix},
        "Feature": "CUSTOM_LABELS",
    }
    if about.description:
        found["VersionDescription"] = about.description
    job = studio.jobs.find(about.job)
    if job is None or job.open:
        return found
    found["StatusMessage"] = job.message or "taught on this device; moves no bolt"
    if job.ended is not None:
        found["TrainingEndTimestamp"] = job.ended
        found["BillableTrainingTimeInSeconds"] = 0
    if job.status == "SUCCEEDED":
        worth = studio.jobs.result(job)
        found["BaseModelVersion"] = worth["backbone"]
        found["EvaluationResult"] = {"F1Score": worth["f1"], "Summary": {"S3Object": worth["summary"]}}
    return found


def thresholds(studio: Studio, project: Project, version: str) -> dict[str, float]:
    """The assumed threshold of each label, 0..100, of a version that runs."""
    if (now := status(studio, project, version)) != "RUNNING":
        raise RequestError(NOT_READY, f"the version is {now}; start_project_version lets it be asked")
    job = studio.jobs.find(project.versions[version].job)
    assert job is not None
    found: dict[str, float] = studio.jobs.result(job)["thresholds"]
    return found


def _set(studio: Studio, project: Project, version: str, started: bool) -> None:
    about = replace(project.versions[version], started=started)
    studio.projects.write(replace(project, versions={**project.versions, version: about}))


def _known(studio: Studio, arn: str) -> tuple[Project, str]:
    found = studio.projects.of_version(arn)
    if found is None:
        raise RequestError(NOT_FOUND, f"there is no project version {arn[:200]} that can be changed here")
    return found
