"""What it costs the loop when ten programs ask by the AWS SDK: python -m benchmarks.rekognition

The loop never waits for its camera, with and without clients by turns, so that whatever else the machine does
falls on both. The clients are a process of its own that gives way: what they do is not the device's work.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle, islice
from subprocess import PIPE

import cv2

from device import shipped
from device.config import Project, read_project
from device.messages import Frame
from device.web.caller import Scope
from device.web.keys import AccessKeys
from simulator.doorstep import Doorstep, Visitor
from simulator.measured import PROJECT, Measured, real_loop

SEGMENT_S, SEGMENTS, CLIENTS, WARM_UP = 6.0, 8, 10, 20
CLIENT = """
import json, os, sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
import boto3
os.nice(19)
address, picture, count, keys = sys.argv[1], open(sys.argv[2], "rb").read(), Counter(), json.load(sys.stdin)
def ask(key):
    client = boto3.Session().client("rekognition", endpoint_url=address, region_name="home",
                                    aws_access_key_id=key[0], aws_secret_access_key=key[1])
    while True:
        try:
            client.detect_labels(Image={"Bytes": picture})
            print("answered", flush=True)
        except client.exceptions.ThrottlingException:
            print("throttled", flush=True)
with ThreadPoolExecutor(len(keys)) as pool:
    list(pool.map(ask, keys))
"""


def main() -> None:
    """Print the frame rates, and by how much clients lower them."""
    camera = Doorstep([Visitor(arrives=-3.0, waits=100)], seconds=10)
    frames = [frame for frame in islice(iter(lambda: camera.next(0), None), 90) if frame is not None]
    steps, seconds = {True: 0, False: 0}, {True: 0.0, False: 0.0}
    said: list[str] = []
    with real_loop(cycle(frames), page=True, project=_project()) as measured:
        _turn(measured, 2.0)
        for turn in range(SEGMENTS * 2):
            asked = turn % 2 == 1
            with _clients(measured, frames, CLIENTS if asked else 0, said):
                count, passed = _turn(measured, SEGMENT_S)
                steps[asked] += count
                seconds[asked] += passed
    rates = {asked: steps[asked] / seconds[asked] for asked in steps}
    answered = said.count("answered") / seconds[True]
    print(f"frames a second without clients {rates[False]:.1f}, with {CLIENTS} clients {rates[True]:.1f}")
    print(f"loss of frame rate {(1 - rates[True] / rates[False]) * 100:.1f} %, budget 10 %")
    print(f"answered {answered:.1f} a second, given up after retries {said.count('throttled')}")


def _project() -> Project:
    project = read_project(shipped.project(PROJECT))
    web = replace(project.section("web"), rekognition=True, port=0)
    return replace(project, sections={**project.sections, "web": web})


def _turn(measured: Measured, for_s: float) -> tuple[int, float]:
    count, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < for_s:
        measured.loop.step()
        count += 1
    return count, passed


@contextmanager
def _clients(measured: Measured, frames: Sequence[Frame], count: int, said: list[str]) -> Iterator[None]:
    """So many clients, who were answered already, until the block ends; what they said goes to `said`."""
    if not count:
        yield
        return
    store = AccessKeys(measured.folder)
    named = {key.name: key for key in store.all()}
    keys = [named.get(f"c{number}") or store.create(f"c{number}", Scope.READ) for number in range(count)]
    picture = measured.folder / "picture.jpg"
    cv2.imwrite(str(picture), frames[50].image)
    command = [sys.executable, "-c", CLIENT, f"{measured.address}/rekognition", str(picture)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as asking:
        assert asking.stdin and asking.stdout
        asking.stdin.write(json.dumps([(key.id, key.secret) for key in keys]))
        asking.stdin.close()
        asking.stdout.readline()
        yield
        asking.kill()
        said += asking.stdout.read().split()


if __name__ == "__main__":
    main()
