"""The log and the support file: whatever secrets a device has, whoever is given these reads none of them."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from pathlib import Path

import pytest

from device.config import parse_project
from device.messages import ChipRead
from device.tell.health import State
from device.tell.journal import Header
from device.tell.lines import Lines
from device.tell.rotation import JournalFolder
from device.web.caller import Scope
from device.web.masking import masked, secrets_of, shown
from tests.making import observation
from tests.recordings import PROJECT
from tests.served import Site, site
from tests.test_health import NOBODY

SECRETS = {
    "mqtt": "Schnurrbart-4711",
    "token": "tk_9sd8f7sdf98s7df",
    "topic": "my-very-own-cat-door-91",
    "camera": "kamera!geheim",
    "query": "auth-by-query-77",
    "chip": "276098106543210",
    "foreign chip": "981020012345678",
}
COMMENT = "the-old-password-in-a-comment"


@pytest.fixture
def text(tmp_path: Path) -> str:
    """A project that names every kind of secret, in files and in addresses."""
    (tmp_path / "mqtt-password").write_text(SECRETS["mqtt"] + "\n")
    (tmp_path / "token").write_text(SECRETS["token"])
    project = PROJECT.format(path=f"rtsp://viewer:{SECRETS['camera']}@10.0.0.7/stream?key={SECRETS['query']}")
    project = project.replace('name = "chelsea"', f'name = "chelsea"\nchip = "{SECRETS["chip"]}"')
    return f"""{project}
# {COMMENT}
[mqtt]
host = "broker.lan"
user = "door"
password_file = "{tmp_path / "mqtt-password"}"
[[webhook]]
name = "telephone"
url = "https://ntfy.example.org/{SECRETS["topic"]}"
token_file = "{tmp_path / "token"}"
"""


@pytest.fixture
def home(tmp_path: Path, text: str) -> Site:
    lines = Lines()
    found = site(tmp_path, text=text, lines=lines)
    yield found
    lines.close()


def gossip(home: Site) -> dict[str, str]:
    """Everything secret that this device has, told to its log, its health and its journal."""
    secrets = dict(SECRETS)
    secrets["api token"] = home.program(Scope.READ).headers["Authorization"].removeprefix("Bearer ")
    secrets["link"] = home.access.links.make()
    secrets["setup code"] = home.access.codes.make()
    log = logging.getLogger("somebody.else")
    for name, secret in secrets.items():
        log.warning("it came to light that %s is %s, or so", name, secret)
    log.error("GET /login?once=%s HTTP/1.1", secrets["link"])
    log.error("Authorization: Bearer %s", secrets["api token"])
    log.error("cannot read rtsp://someone:hunter2hunter2@10.1.1.1/live")
    home.appliance.health.set("camera", State.FAULT, f"no answer with {SECRETS['camera']}")
    journal = JournalFolder(home.folder / "journal", Header(home.appliance.project.text), 1_000_000)
    for number in (SECRETS["chip"], SECRETS["foreign chip"]):
        seen = observation(1.0, chip=ChipRead(0.5, number))
        journal.append(seen, NOBODY)
    journal.close()
    return {**secrets, "someone's": "hunter2hunter2", "comment": COMMENT}


def support(home: Site) -> dict[str, str]:
    answer = home.program(Scope.ADMIN).get("/api/v1/support")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_the_support_file_holds_what_helps_and_no_secret_of_the_device(home):
    secrets = gossip(home)
    parts = support(home)
    assert set(parts) == {
        *("versions.json", "machine.json", "project.json", "health.json", "models.json"),
        *("store.json", "figures.json", "log.txt", "journal.jsonl"),
    }
    found = [(name, what) for name, part in parts.items() for what in secrets if secrets[what] in part]
    assert found == []
    assert not [name for name, part in parts.items() if "cannot be read" in part]


def test_what_is_left_can_still_be_read(home):
    gossip(home)
    parts = support(home)
    project = json.loads(parts["project.json"])
    assert project["mqtt"]["host"] == "broker.lan"
    assert project["mqtt"]["password_file"].endswith("mqtt-password")
    assert project["webhook"][0]["url"] == "https://ntfy.example.org/***"
    assert project["animal"][0] == {"name": "chelsea", "chip": "***"}
    assert [json.loads(line)[0]["time"] for line in parts["journal.jsonl"].splitlines()] == [1.0, 1.0]
    assert json.loads(parts["store.json"])["schema"] > 0
    assert json.loads(parts["versions.json"])["packages"]["numpy"]


def test_a_part_that_cannot_be_read_says_so_and_keeps_no_other_away(home):
    (home.folder / "latchlens.sqlite").write_bytes(b"no database" * 100)
    parts = support(home)
    assert parts["store.json"].startswith("cannot be read: ")
    assert json.loads(parts["project.json"])


def test_the_log_can_be_had_without_secrets_by_whoever_administers(home):
    secrets = gossip(home)
    answer = home.program(Scope.ADMIN).get("/api/v1/log")
    assert "attachment" in answer.headers["content-disposition"]
    assert "it came to light" in answer.text
    assert [what for what, secret in secrets.items() if secret in answer.text] == []


@pytest.mark.parametrize("path", ["/api/v1/log", "/api/v1/support"])
def test_nobody_else_gets_them(home, path):
    assert home.stranger().get(path).status_code == 401
    for scope in (Scope.READ, Scope.ACT):
        assert home.program(scope).get(path).status_code == 403


@pytest.mark.parametrize(
    ("text", "shown_as"),
    [
        ("rtsp://me:pw@host/a", "rtsp://***@host/a"),
        ("see https://host/a?b=c&d=e now", "see https://host/a?*** now"),
        ("password = hunter2, and so on", "password=***, and so on"),
        ("chip 276098106543210 was read", "chip *** was read"),
        ("0.276098106543210", "0.276098106543210"),
        ("sha256 3f2604098106543210ab", "sha256 3f2604098106543210ab"),
        (
            "waiting: mouth not seen; needed 4.0, reached 2.7",
            "waiting: mouth not seen; needed 4.0, reached 2.7",
        ),
        ("the code is ABCD-EFGH-JKMN", "the code is ***"),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_nothing_else_is(text, shown_as):
    assert masked(text) == shown_as


def test_a_secret_in_the_environment_is_known_too(monkeypatch, text):
    monkeypatch.setenv("LATCHLENS_MQTT_PASSWORD", "from-the-environment")
    assert "from-the-environment" in secrets_of(parse_project(text))


def test_no_secret_is_found_in_innocent_words():
    assert masked("the cat sat", {"cat", "a"}) == "the cat sat"


def test_the_log_keeps_the_last_lines_only():
    lines = Lines(most=3)
    try:
        for number in range(5):
            logging.getLogger("any").warning("line %d", number)
    finally:
        lines.close()
    logging.getLogger("any").warning("after the end")
    assert [line.rsplit(" ", 1)[1] for line in lines.text().splitlines()] == ["2", "3", "4"]


def test_a_project_is_shown_without_its_comments(text):
    assert COMMENT not in json.dumps(shown(parse_project(text)))
