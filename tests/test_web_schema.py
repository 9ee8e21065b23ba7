"""Whatever is asked of the API, by its description or against it: no server error, no surprising answer."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi import checks

from device.messages import Event
from device.tell.snapshots import picture_path
from device.tell.store import Store
from device.web.caller import Scope
from tests.making import sighting
from tests.served import Site, ended, site

EXAMPLES = 10
"""Of each operation, besides those that lie at the boundaries of its description."""
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A device in the midst of its life, so that there is something to be found."""
    made = site(tmp_path_factory.mktemp("served"))
    visits = [ended(number) for number in range(1, 6)]
    store = Store(made.folder)
    told = Event(5.0, None, "lockout", "mimi stays out for 5 min", visit=visits[0].id)
    store.add(visits, [told], {visits[0].id: [sighting(time=1.0)]})
    store.close()
    path = picture_path(made.folder / "pictures", visits[0], 1)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xd8 a picture")
    made.look()
    return made


RIGHT, WRONG = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
STEADY = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", [RIGHT, WRONG], ids=lambda mode: mode.name.lower())
def test_no_question_leads_to_a_server_error(home, mode):
    token = {"Authorization": f"Bearer {home.access.tokens.create(mode.name, Scope.ADMIN)}"}
    described = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", home.app, headers={**token, "Host": "127.0.0.1"}
    )
    asked = []
    for found in described.exclude(path="/api/v1/live/stream").get_all_operations():  # that does not end
        operation = found.ok()
        if mode is WRONG and not (operation.query or operation.path_parameters or operation.body):
            continue  # there is nothing in it that could be wrong

        @given(case=operation.as_strategy(generation_mode=mode))
        @STEADY
        def ask(case: schemathesis.Case) -> None:
            answer = case.call(headers={**token, "Host": "127.0.0.1"})
            asked.append((case.operation.label, answer.status_code))
            case.validate_response(answer, checks=CHECKS)

        ask()
    assert len({label for label, _ in asked}) >= (18 if mode is RIGHT else 6)
    assert len(asked) > 70
