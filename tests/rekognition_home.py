"""A device that answers the AWS SDK over a real socket: fixtures for tests, and what they ask with."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
import botocore.exceptions
import cv2
import numpy as np
import pytest
from botocore.config import Config

from device.config import WebSettings
from device.web.caller import Scope
from device.web.server import WebServer
from tests.served import Site, site

PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 6}, parameter_validation=False)
HASTY = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
"""The device must stand what the SDK would have refused to send."""


@dataclass(slots=True)
class Clock:
    """The real time, and some more."""

    shift: float = 0.0

    def now(self) -> float:
        return time.monotonic()

    def wall(self) -> float | None:
        return time.time() + self.shift


CLOCK = Clock()


@pytest.fixture(scope="module")
def buckets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configured folder, with one bucket."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "door").mkdir()
    (folder / "secret.jpg").write_bytes(jpeg(grey()))
    (folder / "door" / "way-out.jpg").symlink_to(folder / "secret.jpg")
    (folder / "door" / "words.jpg").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, buckets: Path) -> Iterator[tuple[Site, WebServer]]:
    """A device that answers the SDK, by the real time."""
    before = set(threading.enumerate())
    made = site(tmp_path_factory.mktemp("home"))
    web = replace(
        WebSettings(), port=0, rekognition=True, rekognition_pictures=str(buckets), rekognition_faces=True
    )
    project = made.appliance.project
    project = replace(project, sections={**project.sections, "web": web})
    server = WebServer(web, replace(made.appliance, project=project, clock=CLOCK), made.access)
    server.start()
    yield made, server
    server.stop()
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert not any(name.startswith("rekognition") for name in left)


@pytest.fixture
def ask(aws, request):
    """Makes clients of the SDK, each with a key of its own."""
    made, server = aws

    def client(scope: Scope = Scope.ACT, config: Config = PATIENT, **changes: str):
        key = made.access.keys.create(f"{request.node.name[:40]}-{len(made.access.keys.all())}", scope)
        given = {"aws_access_key_id": key.id, "aws_secret_access_key": key.secret, **changes}
        address = f"{server.address}/rekognition"
        return boto3.client("rekognition", endpoint_url=address, region_name="home", config=config, **given)

    return client


def grey(height: int = 240, width: int = 320) -> np.ndarray:
    return np.full((height, width, 3), 90, np.uint8)


def jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


def code_of(refused: pytest.ExceptionInfo[botocore.exceptions.ClientError]) -> str:
    return refused.value.response["Error"]["Code"]
