"""What the API answers: visits in pages, one visit, pictures, state, commands, figures, faults."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier, Thread

import anyio
import cv2
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from device.messages import (
    Box,
    Decision,
    Detection,
    Event,
    Heading,
    Inputs,
    Lease,
    MeterReading,
    Observation,
    Outcome,
    Settings,
    Visit,
    VisitKind,
    VisitPhase,
)
from device.tell.snapshots import picture_path
from device.tell.store import Store
from device.web.caller import Scope
from device.web.live import VIEWERS, LivePicture, LiveStream
from device.web.problems import MEDIA_TYPE
from tests.making import sighting
from tests.served import Site, ended, site

V1 = "/api/v1"


@pytest.fixture
def home(tmp_path) -> Site:
    return site(tmp_path)


def keep(home: Site, *visits: Visit, **more: object) -> None:
    store = Store(home.folder)
    store.add(visits, **more)  # type: ignore[arg-type]
    store.close()


def ids(answer: dict) -> list[int]:
    return [int(visit["id"].partition("-")[2]) for visit in answer["visits"]]


def test_visits_come_in_pages_that_miss_none_though_new_ones_come_meanwhile(home):
    keep(home, *map(ended, range(1, 8)))
    program = home.program()
    first = program.get(f"{V1}/visits?limit=3").json()
    keep(home, ended(8))
    second = program.get(f"{V1}/visits?limit=3&cursor={first['next']}").json()
    third = program.get(f"{V1}/visits?limit=3&cursor={second['next']}").json()
    assert [ids(page) for page in (first, second, third)] == [[7, 6, 5], [4, 3, 2], [1]]
    assert third["next"] is None


def test_visits_are_filtered_by_animal_outcome_kind_and_time(home):
    keep(
        home,
        ended(1),
        ended(2, who="tom"),
        ended(3, who=None, species="other animal", outcome=Outcome.KEEP_LOCKED, kind=VisitKind.DENY),
        ended(4, kind=VisitKind.PEEK),
        ended(5, started_wall=None),
    )
    began = datetime.fromtimestamp(1_800_000_000 + 2 * 3600, UTC)
    for query, expected in (
        ("animal=mimi", [5, 4, 1]),
        ("animal=nobody", []),
        ("species=other animal", [3]),
        ("outcome=keep locked", [3]),
        ("kind=PEEK", [4]),
        ("kind=TRANSIT&animal=tom", [2]),
        (f"since={began.isoformat().replace('+', '%2B')}", [4, 3, 2]),
        (f"until={began:%Y-%m-%dT%H:%M:%S}", [1]),
    ):
        assert ids(home.program().get(f"{V1}/visits?{query}").json()) == expected, query


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "cursor=x", "cursor=-1", "outcome=maybe", "since=today", "cursor=1e99"]
)
def test_a_question_that_makes_no_sense_is_a_problem_that_names_the_parameter(home, query):
    answer = home.program().get(f"{V1}/visits?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == MEDIA_TYPE
    document = answer.json()
    assert document["status"] == 422
    assert document["errors"][0]["where"] == f"query.{query.partition('=')[0]}"


def test_one_visit_comes_with_its_evidence_events_and_pictures(home):
    visit = ended(1)
    told = Event(5.0, None, "lockout", "mimi stays out for 5 min", visit=visit.id)
    keep(home, visit, events=[told], evidence={visit.id: [sighting(time=1.0), sighting(time=2.0)]})
    path = picture_path(home.folder / "pictures", visit, 1)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xd8 a picture")
    program = home.program()
    story = program.get(f"{V1}/visits/{visit.id}").json()
    assert story["visit"]["id"] == visit.id
    assert [each["track"]["time"] for each in story["sightings"]] == [1.0, 2.0]
    assert [each["text"] for each in story["events"]] == [told.text]
    (address,) = story["snapshots"]
    picture = program.get(address)
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content == b"\xff\xd8 a picture"
    assert program.get(address[:-1] + "2").status_code == 404


@pytest.mark.parametrize(
    "path", ["visits/none", "visits/none/snapshots/1", "visits/%00/snapshots/1", "nothing"]
)
def test_what_is_not_there_is_a_problem(home, path):
    answer = home.program().get(f"{V1}/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, MEDIA_TYPE)


def test_a_wrong_method_is_a_problem_that_names_the_right_one(home):
    answer = home.program().delete(f"{V1}/state")
    assert (answer.status_code, answer.headers["content-type"]) == (405, MEDIA_TYPE)
    assert answer.headers["allow"] == "GET"


def test_a_store_that_is_gone_is_a_problem_and_comes_back(home):
    keep(home, ended(1))
    program = home.program()
    assert ids(program.get(f"{V1}/visits").json()) == [1]
    for path in home.folder.glob("latchlens.sqlite*"):
        path.unlink()
    answer = program.get(f"{V1}/visits")
    assert (answer.status_code, answer.headers["content-type"]) == (503, MEDIA_TYPE)
    keep(home, ended(2))
    assert ids(program.get(f"{V1}/visits").json()) == [2]


def test_before_the_first_pass_the_state_says_to_come_back(home):
    answer = home.program().get(f"{V1}/state")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_the_state_tells_reason_bolt_meters_boxes_and_counts_lockouts_down(home):
    waiting = MeterReading("prey", 2.7, 4.0, -4.0, 3, None)
    visit = replace(
        ended(1), phase=VisitPhase.UPDATE, kind=None, evidence=(waiting,), reason="waiting: mouth not seen"
    )
    decision = Decision(
        home.clock.time,
        Outcome.UNDECIDED,
        "own",
        "waiting: mouth not seen; needed 4.0, reached 2.7",
        lease=Lease(home.clock.time, 5.0, "own"),
        visits=(visit,),
        lockouts={"tom": 120.0},
    )
    home.look(decision)
    home.clock.time += 2.0
    state = home.program().get(f"{V1}/state").json()
    assert state["reason"] == "waiting: mouth not seen; needed 4.0, reached 2.7"
    assert (state["bolt"], state["mode"], state["enforce"]) == ("LOCKED", "normal", True)
    assert state["open_for_s"] == pytest.approx(3.0)
    assert state["lockouts"] == [{"who": "tom", "remaining_s": pytest.approx(118.0)}]
    assert state["visits"][0]["meters"][0]["needed"] == 4.0
    assert state["picture"]["age_s"] == pytest.approx(2.0)
    assert state["boxes"][0]["label"] == "cat"


def test_a_number_without_end_is_still_json(home):
    endless = MeterReading("own", 1.0, float("inf"), float("-inf"), 3, None)
    visit = replace(ended(1), phase=VisitPhase.UPDATE, kind=None, evidence=(endless,))
    home.look(Decision(home.clock.time, Outcome.UNDECIDED, "", "", visits=(visit,)))
    answer = home.program().get(f"{V1}/state")
    state = json.loads(answer.text, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))
    assert state["visits"][0]["meters"][0]["needed"] is None


def test_an_ended_visit_is_no_longer_present(home):
    open_visit = replace(ended(1), phase=VisitPhase.NEW, kind=None)
    home.look(Decision(1.0, Outcome.UNDECIDED, "", "", visits=(open_visit,)))
    home.look()
    assert len(home.program().get(f"{V1}/state").json()["visits"]) == 1
    home.look(Decision(2.0, Outcome.UNDECIDED, "", "", visits=(ended(1),)))
    assert home.program().get(f"{V1}/state").json()["visits"] == []


def test_mode_and_enforcing_are_set_as_the_command_line_sets_them(home):
    program = home.program(Scope.ADMIN)
    assert program.put(f"{V1}/mode", json={"mode": "out-only"}).status_code == 202
    assert program.put(f"{V1}/enforce", json={"enforce": True}).status_code == 202
    found = home.appliance.owner.current()  # type: ignore[attr-defined]
    assert found == Settings("out-only", enforce=True)  # type: ignore[arg-type]
    assert program.put(f"{V1}/mode", json={"mode": "ajar"}).status_code == 422
    assert program.put(f"{V1}/enforce", json={"enforce": "perhaps"}).status_code == 422


def test_requests_carry_the_name_of_who_asked(home):
    program = home.program(Scope.ACT)
    assert program.post(f"{V1}/let-in").json() == {"asked": "let in", "by": "act-program"}
    (request,) = home.requests.take()
    assert (request.kind, request.by) == ("let in", "act-program")


def test_the_live_picture_is_the_newest_frame_with_persons_hidden(home):
    assert home.program().get(f"{V1}/live/frame").status_code == 503
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    frame = home.look(image=noise)
    person = Detection(Box(0.25, 0.25, 0.5, 0.5), "person", 0.9)
    seen = Observation(frame.time, None, Inputs(frame.time), Settings(), looked=True, persons=(person,))
    home.latest.publish(replace(frame, number=99), seen, Decision(frame.time, Outcome.UNDECIDED, "", ""))
    answer = home.program().get(f"{V1}/live/frame")
    assert answer.headers["content-type"] == "image/jpeg"
    shown = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape == (480, 640, 3)
    middle, corner = shown[200:280, 270:370], shown[:60, :60]
    assert middle.std() < corner.std() / 3


def test_a_person_who_stands_still_stays_hidden_while_the_detector_rests(home):
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    person = Detection(Box(0.25, 0.25, 0.5, 0.5), "person", 0.9)
    frame = home.look(image=noise)
    for number, changes in enumerate(({"looked": True, "persons": (person,)}, {"looked": False})):
        seen = Observation(frame.time, None, Inputs(frame.time), Settings(), **changes)  # type: ignore[arg-type]
        home.latest.publish(replace(frame, number=number), seen, Decision(1.0, Outcome.UNDECIDED, "", ""))
    jpeg = home.program().get(f"{V1}/live/frame").content
    shown = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown[200:280, 270:370].std() < shown[:60, :60].std() / 3


def test_two_who_set_at_once_do_not_undo_each_other(home):
    program, ready = home.program(Scope.ADMIN), Barrier(2)

    def put(path: str, body: dict) -> None:
        ready.wait()
        assert program.put(f"{V1}/{path}", json=body).status_code == 202

    for mode in ("locked", "out-only", "normal", "in-only"):
        home.appliance.owner.set_enforce(False)
        asked = [Thread(target=put, args=("mode", {"mode": mode}))]
        asked += [Thread(target=put, args=("enforce", {"enforce": True}))]
        for each in asked:
            each.start()
        for each in asked:
            each.join()
        assert home.appliance.owner.current() == Settings(mode, enforce=True)  # type: ignore[arg-type,attr-defined]


def test_a_frame_is_encoded_once_for_all_who_watch(home):
    shown = []
    picture = LivePicture(home.latest, lambda image, seen: shown.append(seen) or image)
    home.look()
    assert picture.jpeg() is picture.jpeg()
    assert len(shown) == 1
    home.clock.time += 0.1
    home.look()
    assert picture.jpeg(old_s=60.0)
    assert len(shown) == 1, "those who watch at the same time share a picture"
    picture.jpeg()
    assert len(shown) == 2


def test_three_may_watch_and_the_fourth_is_told_so(home):
    """Viewers hold their places until they leave, however they do."""
    home.look()
    picture = LivePicture(home.latest, home.appliance.redact)
    told: list[list[dict]] = [[] for _ in range(VIEWERS + 1)]
    leave = anyio.Event()

    async def watch(viewer: int) -> None:
        async def receive() -> dict:
            await leave.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict) -> None:
            told[viewer].append(message)

        await LiveStream(picture, lambda: True)({"type": "http", "method": "GET"}, receive, send)

    async def all_watch() -> None:
        async with anyio.create_task_group() as viewers:
            for viewer in range(VIEWERS):
                viewers.start_soon(watch, viewer)
            while not all(len(each) > 1 for each in told[:VIEWERS]):
                await anyio.sleep(0.01)
            assert picture.viewers.watching == VIEWERS
            await watch(VIEWERS)
            leave.set()

    anyio.run(all_watch)
    assert [each[0]["status"] for each in told] == [200] * VIEWERS + [503]
    assert all(b"image/jpeg" in each[1]["body"] for each in told[:VIEWERS])
    assert picture.viewers.watching == 0


def test_a_stream_ends_when_its_session_does(home):
    home.look()
    picture = LivePicture(home.latest, home.appliance.redact)
    welcome = [True, False]

    async def parts() -> int:
        return len([part async for part in picture.parts(lambda: welcome.pop(0))])

    assert anyio.run(parts) == 1


def test_health_tells_strangers_only_whether_the_door_is_watched(home):
    stranger = home.stranger()
    assert stranger.get("/healthz").json() == {"status": "ok"}
    assert stranger.get("/readyz").status_code == 503
    home.look()
    ready = stranger.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    home.clock.time += 6.0
    stale = stranger.get("/readyz")
    assert (stale.status_code, stale.json()["camera"]) == (503, False)
    assert stale.json()["frame_age_s"] == pytest.approx(6.0)


def test_figures_are_in_the_form_of_prometheus(home):
    home.look()
    home.look(Decision(1.0, Outcome.UNLOCK, "own", "", visits=(ended(1),)))
    text = home.program().get("/metrics").text
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["latchlens_frames_total",] == 2
    assert found["latchlens_decisions_total", "unlock"] == 1
    assert found["latchlens_visits_total", "TRANSIT"] == 1
    assert found["latchlens_frame_age_seconds",] == 0
    assert found["latchlens_decision_latency_seconds", "0.95"] == 0
    assert ("latchlens_processor_celsius",) not in found  # nothing measures it here


def test_models_are_listed_with_what_is_in_use(home):
    found = home.program().get(f"{V1}/models").json()
    names = {model["name"] for model in found["models"]}
    assert {"ssd-mobilenet-v2-oid", "efficientnet-lite0"} <= names
    assert not any(model["in_use"] for model in found["models"])  # none has that hash
    assert found["damaged"] == []


def test_the_interface_describes_itself_and_how_to_prove_who_asks(home):
    document = home.program().get(f"{V1}/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert f"{V1}/visits" in document["paths"]
    assert set(document["components"]["securitySchemes"]) == {"token", "session"}


def test_headings_and_outcomes_are_told_by_their_names(home):
    keep(home, ended(1, direction=Heading.OUT))
    (visit,) = home.program().get(f"{V1}/visits").json()["visits"]
    assert (visit["direction"], visit["outcome"], visit["kind"]) == ("out", "unlock", "TRANSIT")
