"""Stored films, asked by an unmodified boto3: jobs done aside that survive a restart and are announced."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from device.aside import Done
from device.errors import DatasetError
from device.tell.records import Records
from device.web.caller import Scope
from device.web.rekognition import films
from device.web.rekognition.faults import RequestError
from device.web.rekognition.jobs import MOST_TRIES, MOST_WAITING, Job, Jobs

FILM = {"S3Object": {"Bucket": "door", "Name": "film.avi"}}
PATIENCE_S = 120.0


def finished(get: Callable[..., dict[str, Any]], job: str, **asked: object) -> dict[str, Any]:
    """The answer once the job has ended."""
    until = time.monotonic() + PATIENCE_S
    while (answer := get(JobId=job, **asked))["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < until
        time.sleep(0.5)
    return answer


@pytest.fixture(scope="module", autouse=True)
def film(buckets: Path, recordings) -> None:
    shutil.copy(recordings.film, buckets / "door" / "film.avi")
    shutil.copy(recordings.cut_film, buckets / "door" / "cut.avi")


def test_a_film_is_looked_at_and_its_labels_come_by_time_by_name_and_in_segments(ask):
    client = ask()
    job = client.start_label_detection(
        Video=FILM,
        MinConfidence=30,
        JobTag="night",
        NotificationChannel={
            "SNSTopicArn": "arn:aws:sns:home:000000000000:a",
            "RoleArn": "arn:aws:iam::0:role/a",
        },
    )["JobId"]
    found = finished(client.get_label_detection, job)
    assert (found["JobStatus"], found["JobTag"], found["Video"]) == ("SUCCEEDED", "night", FILM)
    assert found["VideoMetadata"]["FrameWidth"] == 640 and found["VideoMetadata"]["Format"] == "AVI"
    times = [row["Timestamp"] for row in found["Labels"]]
    assert times == sorted(times) and "Cat" in {row["Label"]["Name"] for row in found["Labels"]}
    by_name = client.get_label_detection(JobId=job, SortBy="NAME")["Labels"]
    names = [row["Label"]["Name"] for row in by_name]
    assert names == sorted(names) and len(by_name) == len(times)
    segments = client.get_label_detection(JobId=job, AggregateBy="SEGMENTS")["Labels"]
    (cat,) = [row for row in segments if row["Label"]["Name"] == "Cat"]
    assert cat["DurationMillis"] == cat["EndTimestampMillis"] - cat["StartTimestampMillis"] > 1000

    pages, token = [], {}
    while True:
        page = client.get_label_detection(JobId=job, MaxResults=3, **token)
        assert len(page["Labels"]) <= 3
        pages += page["Labels"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert pages == found["Labels"]
    with pytest.raises(client.exceptions.InvalidPaginationTokenException):
        client.get_label_detection(JobId=job, NextToken="99999")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_person_tracking(JobId=job)


def test_the_animals_of_a_film_are_followed_and_the_end_is_told_as_an_event(ask, aws):
    client = ask()
    job = client.start_person_tracking(Video=FILM)["JobId"]
    found = finished(client.get_person_tracking, job)
    rows = found["Persons"]
    assert {row["Person"]["Index"] for row in rows} == {1} and len(rows) > 5
    assert all(set(row["Person"]["BoundingBox"]) == {"Left", "Top", "Width", "Height"} for row in rows)
    until = time.monotonic() + PATIENCE_S
    with Records(aws[0].folder) as records:
        while not (told := [each for each in records.events(50) if job in each.text]):
            assert time.monotonic() < until
            time.sleep(0.2)
    assert told[0].kind == "job-ended" and "SUCCEEDED: paths of door/film.avi" in told[0].text


def test_a_film_that_is_damaged_fails_with_its_reason(ask):
    client = ask()
    job = client.start_label_detection(Video={"S3Object": {"Bucket": "door", "Name": "cut.avi"}})["JobId"]
    found = finished(client.get_label_detection, job)
    assert found["JobStatus"] == "FAILED" and "cut.avi" in found["StatusMessage"]
    assert "Labels" not in found or found["Labels"] == []


def test_the_same_token_is_the_same_job_and_never_another(ask):
    client = ask()
    first = client.start_person_tracking(Video=FILM, ClientRequestToken="once")["JobId"]
    again = client.start_person_tracking(Video=FILM, ClientRequestToken="once")["JobId"]
    assert first == again
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.start_label_detection(Video=FILM, ClientRequestToken="once")
    finished(client.get_person_tracking, first)


def test_no_film_outside_the_folder_and_none_for_a_key_that_only_looks(ask):
    client, reader = ask(), ask(Scope.READ)
    for name in ("nobody.avi", "../secret.jpg", "way-out.jpg"):
        with pytest.raises(client.exceptions.InvalidS3ObjectException):
            client.start_label_detection(Video={"S3Object": {"Bucket": "door", "Name": name}})
    with pytest.raises(reader.exceptions.AccessDeniedException):
        reader.start_label_detection(Video=FILM)


def noted(setting: Path, job: Job, place: Path, done: Done) -> str:  # noqa: ARG001
    """Work that leaves a line for each time that it was begun, then does what the job asks."""
    with (setting / "begun").open("a", encoding="utf-8") as file:
        file.write(f"{job.id}\n")
    if job.asked["does"] == "fail":
        raise DatasetError("the film is empty")
    if job.asked["does"] == "hang":
        time.sleep(PATIENCE_S)
    place.write_text("{}", encoding="utf-8")
    return ""


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Callable[[], Jobs]]:
    """Begins the device's jobs anew, over what the disk holds."""
    made: list[Jobs] = []

    def begin() -> Jobs:
        made.append(Jobs(tmp_path / "jobs", noted, tmp_path, lambda: 1.8e9))
        return made[-1]

    yield begin
    for each in made:
        each.close()


def begun(folder: Path) -> list[str]:
    path = folder / "begun"
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_job_that_the_end_of_the_device_cut_short_is_begun_anew(jobs, tmp_path):
    first = jobs()
    job = first.begin("films", {"does": "hang"})
    wait_for(lambda: len(begun(tmp_path)) == 1)
    first.close()
    assert first.find(job.id).open
    jobs()
    wait_for(lambda: len(begun(tmp_path)) == 2)


def test_a_job_that_is_cut_short_again_and_again_is_given_up(jobs, tmp_path):
    for number in range(MOST_TRIES):
        device = jobs()
        if number == 0:
            job = device.begin("films", {"does": "hang"})
        wait_for(lambda number=number: len(begun(tmp_path)) == number + 1)
        device.close()
    last = jobs()
    wait_for(lambda: not last.find(job.id).open)
    assert last.find(job.id).status == "FAILED" and "given up" in last.find(job.id).message
    assert len(begun(tmp_path)) == MOST_TRIES


def test_jobs_wait_in_their_order_and_not_without_bound(jobs, tmp_path):
    device = jobs()
    failing, fine = device.begin("films", {"does": "fail"}), device.begin("films", {"does": "well"})
    wait_for(lambda: not device.find(fine.id).open)
    assert begun(tmp_path) == [failing.id, fine.id]
    assert device.find(failing.id).message == "the film is empty" and device.result(fine) == {}
    for _ in range(MOST_WAITING):
        device.begin("films", {"does": "hang"})
    with pytest.raises(RequestError, match="jobs wait already"):
        device.begin("films", {"does": "hang"})


def test_a_damaged_job_is_passed_over(jobs, tmp_path):
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "x.json").write_text("{", encoding="utf-8")
    (tmp_path / "jobs" / "y.json").write_text('{"id": 3}', encoding="utf-8")
    assert jobs().all() == []


def test_segments_end_where_a_look_found_nothing():
    def row(at: int, sure: float = 50.0) -> dict[str, Any]:
        return {"Timestamp": at, "Label": {"Name": "Cat", "Confidence": sure, "Instances": [1]}}

    found = films._segments([row(0), row(500, 90.0), row(1500), row(2000)])
    assert [(each["StartTimestampMillis"], each["EndTimestampMillis"]) for each in found] == [
        (0, 500),
        (1500, 2000),
    ]
    assert found[0]["Label"] == {"Name": "Cat", "Confidence": 90.0, "Instances": []}
