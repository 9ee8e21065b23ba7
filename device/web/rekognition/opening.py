"""Puts together what answers the AWS SDK, if the owner turned it on."""

from __future__ import annotations

import logging

from device.errors import LatchlensError
from device.messages import Event
from device.web.access import Access
from device.web.appliance import Appliance
from device.web.rekognition import films
from device.web.rekognition.door import Service
from device.web.rekognition.jobs import Job, Jobs
from device.web.rekognition.studio import FOLDER, Studio
from device.web.rekognition.work import Setting, work
from device.web.rekognition.worker import Worker
from device.web.writing import Writing

log = logging.getLogger(__name__)

JOB_ENDED = "job-ended"
"""The kind of the event that tells it."""


def open_service(appliance: Appliance, access: Access, writing: Writing) -> Service:
    """What answers; it loads nothing before it is asked, but goes on with jobs that were cut short."""
    pictures = appliance.project.section("web").rekognition_pictures
    setting = Setting(appliance.folder, appliance.project.name, appliance.project.text, pictures)

    def ended(job: Job) -> None:
        try:
            writing.tell(_told(job, appliance))
        except LatchlensError as error:
            log.error("%s", error)

    wall = appliance.clock.wall
    jobs = Jobs(appliance.folder / FOLDER / "jobs", work, setting, wall, ended)
    return Service(
        access.keys, appliance.clock, Worker(Studio(appliance.project, appliance.folder, wall, jobs))
    )


def _told(job: Job, appliance: Appliance) -> Event:
    """The end of a job, as Amazon would announce it by SNS: for whom waits at the broker."""
    about = _of_film(job) if job.kind in films.KINDS else f"{job.kind} of project {job.asked.get('project')}"
    tag = f", tag {job.asked['JobTag']}" if "JobTag" in job.asked else ""
    text = f"job {job.id}{tag} has {job.status}: {about}"
    severity = "warning" if job.status == "FAILED" else "info"
    clock = appliance.clock
    return Event(clock.now(), clock.wall(), JOB_ENDED, text, severity)


def _of_film(job: Job) -> str:
    film = job.asked["Video"]["S3Object"]
    return f"{job.kind} of {film['Bucket']}/{film['Name']}"
