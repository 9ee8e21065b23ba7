"""Nobody gets an answer without a good signature, and nothing that is asked makes the device fail.

The signatures are botocore's, not ours.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.session import get_session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from device.config import WebSettings
from device.web.application import build
from device.web.caller import Scope
from device.web.keys import AccessKey
from device.web.rekognition.body import BODY_BYTES
from device.web.rekognition.faults import RequestError
from device.web.rekognition.jobs import Jobs
from device.web.rekognition.operations import OPERATIONS, operation
from device.web.rekognition.patience import Limits, Once
from device.web.rekognition.studio import Studio
from device.web.rekognition.work import work
from tests.served import HOME, Site, site

MODEL = get_session().get_service_model("rekognition")
ADDRESS = f"{HOME}/rekognition/"
LISTING = "RekognitionService.ListCollections"


@pytest.fixture
def home(tmp_path) -> Site:
    """A device that answers the SDK; its clock is set right, and stands."""
    made = site(tmp_path)
    made.clock.time = time.time() - 1_800_000_000.0
    web = replace(WebSettings(), rekognition=True)
    project = replace(made.appliance.project, sections={**made.appliance.project.sections, "web": web})
    made.appliance = replace(made.appliance, project=project)
    made.app = build(made.appliance, made.access)
    return made


@pytest.fixture
def key(home) -> AccessKey:
    return home.access.keys.create("notebook", Scope.ACT)


def signed(
    key: AccessKey, body: bytes = b"{}", service: str = "rekognition", **headers: str
) -> dict[str, str]:
    """The headers of a request, as botocore signs it."""
    sent = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": LISTING, **headers}
    request = AWSRequest("POST", ADDRESS, headers=sent, data=body)
    SigV4Auth(Credentials(key.id, key.secret), service, "home").add_auth(request)
    return dict(request.headers.items())


def code(answer) -> str:
    """The error's code; an answer that is no error has none."""
    assert answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    return answer.json().get("__type", "")


def test_a_signed_request_is_answered(home, key):
    answer = home.stranger().post(ADDRESS, content=b"{}", headers=signed(key))
    assert (answer.status_code, answer.json()) == (200, {"CollectionIds": [], "FaceModelVersions": []})
    assert answer.headers["x-amzn-requestid"] and answer.headers["cache-control"] == "no-store"


def test_nothing_else_proves_who_asks(home):
    for client in (home.stranger(), home.program(Scope.ADMIN)):
        answer = client.post("/rekognition", content=b"{}", headers={"X-Amz-Target": LISTING})
        assert (answer.status_code, code(answer)) == (400, "MissingAuthenticationTokenException")


def test_a_key_opens_nothing_but_this_address(home, key):
    assert home.stranger().post("/api/v1/panic", headers=signed(key)).status_code == 401
    assert home.button.pressed == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"X-Amz-Target": "RekognitionService.DeleteCollection"},
        {"Content-Type": "text/plain"},
        {"Host": "localhost"},
        {"X-Amz-Date": "20200101T000000Z"},
        {"X-Amz-Date": "yesterday"},
        {"X-Amz-Date": "99999999T999999Z"},
        {"X-Amz-Unsigned": "1"},
        {"Authorization": "AWS4-HMAC-SHA256 nonsense"},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/b/c/d, SignedHeaders=, Signature="},
        {"Authorization": ""},
    ],
    ids=str,
)
def test_a_request_changed_on_its_way_is_refused(home, key, changed):
    answer = home.stranger().post(ADDRESS, content=b"{}", headers={**signed(key), **changed})
    assert answer.status_code == 400
    assert "Signature" in code(answer) or "Token" in code(answer)


def test_another_body_path_query_or_method_is_refused(home, key):
    client = home.stranger()
    headers = signed(key)
    assert (
        code(client.post(ADDRESS, content=b'{"MaxResults": 1}', headers=headers))
        == "InvalidSignatureException"
    )
    assert code(client.post("/rekognition", content=b"{}", headers=headers)) == "InvalidSignatureException"
    assert code(client.post(f"{ADDRESS}?x=1", content=b"{}", headers=headers)) == "UnknownOperationException"
    assert code(client.put(ADDRESS, content=b"{}", headers=headers)) == "UnknownOperationException"
    assert code(client.post(ADDRESS, content=b"{}", headers=headers)) == ""


@pytest.mark.parametrize("left_out", ["host", "x-amz-date", "x-amz-target", "content-type"])
def test_what_decides_must_be_signed(home, key, left_out):
    """A header that nobody signed could be changed by anybody."""
    headers = signed(key)
    names = headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    fewer = ";".join(name for name in names.split(";") if name != left_out)
    headers["Authorization"] = headers["Authorization"].replace(names, fewer)
    answer = home.stranger().post(ADDRESS, content=b"{}", headers=headers)
    assert code(answer) == "IncompleteSignatureException" and left_out in answer.json()["Message"]


def test_a_header_sent_twice_is_refused(home, key):
    headers = [*signed(key).items(), ("X-Amz-Target", "RekognitionService.DeleteCollection")]
    answer = home.stranger().post(ADDRESS, content=b"{}", headers=headers)
    assert code(answer) == "IncompleteSignatureException"


def test_what_a_proxy_adds_twice_does_no_harm(home, key):
    headers = [*signed(key).items(), ("Via", "1.1 one"), ("Via", "1.1 two")]
    assert code(home.stranger().post(ADDRESS, content=b"{}", headers=headers)) == ""


def test_who_repeats_the_requests_of_others_uses_up_no_allowance(home, key):
    client, headers = home.stranger(), signed(key)
    client.post(ADDRESS, content=b"{}", headers=headers)
    for _ in range(40):
        assert "answered before" in client.post(ADDRESS, content=b"{}", headers=headers).json()["Message"]
    assert (
        code(client.post(ADDRESS, content=b'{"MaxResults": 1}', headers=signed(key, b'{"MaxResults": 1}')))
        == ""
    )


def test_a_signature_for_another_service_is_refused(home, key):
    answer = home.stranger().post(ADDRESS, content=b"{}", headers=signed(key, service="s3"))
    assert code(answer) == "InvalidSignatureException"


def test_a_request_replayed_is_refused_as_long_as_its_date_is_good(home, key):
    headers = signed(key)
    client = home.stranger()
    assert code(client.post(ADDRESS, content=b"{}", headers=headers)) == ""
    for later in (0, 100, 190):
        home.clock.time += later
        answer = client.post(ADDRESS, content=b"{}", headers=headers)
        assert code(answer) == "ThrottlingException" and int(answer.headers["x-amz-retry-after"]) >= 1000
    home.clock.time += 20
    assert code(client.post(ADDRESS, content=b"{}", headers=headers)) == "InvalidSignatureException"


def test_no_signature_is_judged_while_the_clock_is_not_set(home, key):
    home.appliance = replace(home.appliance, clock=Unset())
    client = TestClient(build(home.appliance, home.access), HOME)
    answer = client.post(ADDRESS, content=b"{}", headers=signed(key))
    assert (answer.status_code, answer.json()["__type"]) == (503, "InternalServerError")


class Unset:
    """The clock of a Pi that has just started and found no time server."""

    def now(self) -> float:
        return 1.0

    def wall(self) -> None:
        return None


def test_a_body_too_large_is_refused_announced_or_not(home, key):
    def in_parts():
        for _ in range(BODY_BYTES // 1_000_000 + 1):
            yield bytes(1_000_000)

    client = home.stranger()
    for content in (bytes(BODY_BYTES + 1), in_parts()):
        answer = client.post(ADDRESS, content=content, headers=signed(key))
        assert (answer.status_code, code(answer)) == (413, "ImageTooLargeException")


def test_an_operation_unknown_to_anybody_is_refused(home, key):
    for target in ("RekognitionService.Guess", "ListCollections", "", "RekognitionService.__init__"):
        answer = home.stranger().post(ADDRESS, content=b"{}", headers=signed(key, **{"X-Amz-Target": target}))
        assert code(answer) == "UnknownOperationException", target


def test_an_allowance_fills_up_again():
    limits = Limits(rate=2.0, burst=3.0)
    for _ in range(3):
        limits.take("a", 10.0)
    with pytest.raises(RequestError) as refused:
        limits.take("a", 10.0)
    assert refused.value.retry_s == 0.5
    limits.take("b", 10.0)
    limits.take("a", 10.5)


def test_signatures_are_forgotten_once_they_are_too_old_to_be_sent():
    once = Once()
    once.keep("a", 0.0)
    for waits in (1, 2):
        with pytest.raises(RequestError) as refused:
            once.refuse_again("a", 600.0)
        assert refused.value.retry_s == waits
    once.refuse_again("a", 601.0)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
SPECIES = "arn:latchlens:rekognition:home:000000000000:project/starter-species/1"
CAT = "a picture of a cat"
"""Stands for a real one until it is sent."""
FACE = "01234567-89ab-cdef-0123-456789abcdef"


def like(shape: Shape) -> st.SearchStrategy:
    """Values as the service model describes them, and now and then something else."""
    if shape.type_name == "structure":
        assert isinstance(shape, StructureShape)
        members = {name: like(member) for name, member in shape.members.items()}
        needed = {name: members.pop(name) for name in shape.required_members}
        return st.fixed_dictionaries(needed, optional=members)
    if isinstance(shape, ListShape):
        return st.lists(like(shape.member), max_size=3)
    plain = {
        "integer": st.integers(-1, 5000),
        "float": st.floats(-1, 101),
        "boolean": st.booleans(),
        "blob": st.sampled_from(["", "AAAA", "/9j/", "no base64!", CAT, CAT, CAT]),
    }
    texts = [
        *getattr(shape, "enum", []),
        SPECIES,
        f"{SPECIES[:-2]}/version/1/1",
        "household",
        "..",
        FACE,
        "x" * 300,
        "a\x00",
    ]
    return st.one_of(plain.get(shape.type_name, st.sampled_from(texts)), ANYTHING)


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> Studio:
    made = site(tmp_path_factory.mktemp("studio"))
    jobs = Jobs(made.folder / "jobs", work, None, lambda: 1.8e9)
    found = Studio(made.appliance.project, made.folder, lambda: 1.8e9, jobs)
    operation("RekognitionService.CreateProject")(found, b'{"ProjectName": "home"}')
    operation("RekognitionService.CreateCollection")(found, b'{"CollectionId": "household"}')
    return found


@pytest.fixture(scope="module")
def cat(recordings) -> str:
    """A rendered cat, in base64."""
    return base64.b64encode(recordings.picture.read_bytes()).decode()


@pytest.mark.parametrize("name", OPERATIONS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_asked_the_answer_is_of_the_shape_that_the_sdk_knows(studio, cat, name, data):
    asked = json.dumps(data.draw(like(MODEL.operation_model(name).input_shape)))
    try:
        answer = OPERATIONS[name](studio, asked.replace(CAT, cat).encode())
    except RequestError as refused:
        assert 400 <= refused.status < 500 and refused.message
    else:
        fits(json.loads(json.dumps(answer)), MODEL.operation_model(name).output_shape)


@given(body=st.binary(max_size=60) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_nonsense_is_refused_whatever_it_is(studio, body):
    for name in set(OPERATIONS) - {"ListCollections", "DescribeProjects"}:  # which needs to be told nothing
        with pytest.raises(RequestError):
            OPERATIONS[name](studio, body)


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"MaxResults": 1e999}', b'{"MaxResults": ' + b"9" * 10_000 + b"}"]
)
def test_a_body_made_to_exhaust_the_reader_is_refused(studio, body):
    with pytest.raises(RequestError):
        OPERATIONS["ListCollections"](studio, body)


def fits(value: object, shape: Shape, where: str = "answer") -> None:
    """Assert that a value of JSON is of a shape of the service model."""
    if isinstance(shape, StructureShape):
        assert isinstance(value, dict), where
        assert set(value) <= set(shape.members), where
        assert set(shape.required_members) <= set(value), where
        for name, inner in value.items():
            fits(inner, shape.members[name], f"{where}.{name}")
    elif isinstance(shape, ListShape):
        assert isinstance(value, list), where
        for inner in value:
            fits(inner, shape.member, f"{where}[]")
    else:
        assert not isinstance(shape, MapShape), where
        kinds = {"string": str, "boolean": bool, "integer": int, "long": int}
        assert isinstance(value, kinds.get(shape.type_name, (int, float))), where
