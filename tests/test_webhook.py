"""Notes to a telephone, sent to a real HTTP server: what is told, when, and with which picture."""

import http.client
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from device.errors import ConfigError
from device.messages import Ask, Event
from device.tell.note import STYLES, Address, Note, gotify, ntfy
from device.tell.sink import Told
from device.tell.snapshots import picture_path
from device.tell.webhook import Choice, Settings, Webhook, address
from device.web.caller import Scope
from tests.served import HOME, site
from tests.test_journal import idle_pass, visit

WAIT_S = 20.0
JPEG = b"\xff\xd8 a picture \xff\xd9"


class Server(ThreadingHTTPServer):
    """Takes notes, refusing the first few with a status of one's choice."""

    def __init__(self):
        self.taken, self.refuse = [], []
        self.changed = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status = outer.refuse.pop(0) if outer.refuse else 200
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", outer.url)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with outer.changed:
                    outer.taken.append((status, self.path, dict(self.headers), body))
                    outer.changed.notify_all()

            def do_GET(self):
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/my-door"

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.taken) >= count, WAIT_S), self.taken
        return self.taken


class Clock:
    def __init__(self):
        self.time = 0.0

    def now(self):
        return self.time

    def wall(self):
        return None


@pytest.fixture
def server():
    made = Server()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def webhook(server, tmp_path):
    made = []

    def build(**changes):
        clock = changes.pop("clock", Clock())
        said = changes.pop("said", None)
        settings = Settings(**{"name": "phone", "url": server.url} | changes)
        made.append(Webhook(settings, tmp_path, clock, said=said, back_off=(0.01,)))
        return made[-1]

    yield build
    for each in made:
        each.close()


def told(*events, visits=()):
    observation, decision = idle_pass(1.0)
    return [Told(observation, replace(decision, events=events, visits=visits))]


def event(severity="critical", kind="breach", text="Mimi wartet draußen", time=1.0, of=None, wall=None):
    return Event(time, wall, kind, text, severity, of)


def query(path):
    return {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}


def test_a_critical_event_reaches_ntfy_with_the_picture_and_the_button(webhook, server, tmp_path):
    (tmp_path / "token").write_text("service-secret\n")
    (tmp_path / "api").write_text("device-secret\n")
    stays = visit()
    path = picture_path(tmp_path, stays, 1)
    path.parent.mkdir(parents=True)
    path.write_bytes(JPEG)
    hook = webhook(
        token_file=str(tmp_path / "token"),
        let_in_token_file=str(tmp_path / "api"),
        page="https://flap.local:8443",
    )
    hook.tell(told(event(of=stays.id), visits=(stays,)))
    _, sent, headers, body = server.wait_for(1)[0]
    asked = query(sent)
    assert (asked["message"], asked["priority"]) == ("Mimi wartet draußen", "5")
    assert body == JPEG
    assert headers["Authorization"] == "Bearer service-secret"
    (button,) = json.loads(headers["Actions"])
    assert button["url"].startswith("https://flap.local:8443/")
    assert button["headers"] == {"Authorization": "Bearer device-secret"}
    assert "device-secret" not in sent, "addresses stand in the logs of servers"


def test_the_button_lets_in_at_the_device_itself(tmp_path):
    home = site(tmp_path)
    token = home.access.tokens.create("telephone", Scope.ACT)
    post = ntfy(Note(event(of="a-1")), Address("https://ntfy.sh/x", page=f"{HOME}/", let_in_token=token))
    (button,) = json.loads(post.headers["Actions"])
    answer = home.stranger().request(button["method"], button["url"], headers=button["headers"])
    assert answer.status_code == 202
    assert [(each.kind, each.by) for each in home.requests.take()] == [(Ask.LET_IN, "telephone")]


def test_gotify_gets_its_json_and_key():
    post = gotify(Note(event()), Address("https://gotify.example/", "secret", "https://flap.local"))
    assert post.url == "https://gotify.example/message"
    assert post.headers["X-Gotify-Key"] == "secret"
    assert json.loads(post.body)["priority"] == 9


def test_plain_json_carries_what_is_known(webhook, server):
    webhook(style="json").tell(told(event(text="look")))
    content = json.loads(server.wait_for(1)[0][3])
    assert (content["kind"], content["severity"], content["message"]) == ("breach", "critical", "look")
    assert content["picture"] is None


def test_no_button_without_a_token():
    assert "Actions" not in ntfy(Note(event(of="a-1")), Address("http://x/y", page="http://z")).headers


def test_secrets_do_not_show_where_an_address_or_a_post_is_printed():
    to = Address("http://x/y", "secret-1", "http://z", "secret-2")
    for style in STYLES.values():
        assert "secret" not in repr(to) + repr(style(Note(event(of="a-1")), to))


@pytest.mark.parametrize(
    ("nonsense", "reason"),
    [
        (http.client.BadStatusLine("SSH-2.0"), "SSH-2.0"),
        (http.client.IncompleteRead(b""), "IncompleteRead"),
        (http.client.InvalidURL("/my door?message=private"), "no address"),
        (ValueError("unknown url type"), "unknown url type"),
    ],
)
def test_a_service_that_answers_nonsense_is_told_and_the_next_note_is_sent(tmp_path, nonsense, reason):
    taken, answers, said = threading.Event(), [nonsense], []

    def send(post):  # noqa: ARG001
        if answers:
            raise answers.pop()
        taken.set()

    settings = Settings("phone", "http://127.0.0.1:9/x")
    hook = Webhook(settings, tmp_path, Clock(), said=said.append, send=send, back_off=(0.01,))
    hook.tell(told(event()))
    assert taken.wait(WAIT_S)
    hook.close()
    assert reason in said[0]
    assert "private" not in said[0]


def test_a_note_is_tried_until_it_is_taken_and_the_order_stays(webhook, server):
    server.refuse = [500, 503, 429]
    said = []
    hook = webhook(said=said.append)
    hook.tell(told(event(text="first"), event(text="second")))
    taken = server.wait_for(5)
    assert [status for status, *_ in taken] == [500, 503, 429, 200, 200]
    assert [query(path)["message"] for _, path, *_ in taken] == ["first"] * 4 + ["second"]
    assert said[0] == "webhook phone: a note was not taken: HTTP 500"


def test_a_note_that_is_sent_elsewhere_is_not_taken_for_delivered(webhook, server):
    """Following would ask for the page there with GET, which answers, and has lost the note."""
    server.refuse = [301]
    said = []
    webhook(said=said.append).tell(told(event()))
    server.wait_for(2)
    assert said[0].endswith("HTTP 301 to another address: write that as the url")


def test_after_an_hour_a_note_is_given_up_and_the_next_is_sent(webhook, server, caplog):
    clock = Clock()
    server.refuse = [500] * 3
    hook = webhook(clock=clock)
    hook.tell(told(event(text="old")))
    server.wait_for(2)
    clock.time = 4000.0
    hook.tell(told(event(text="new")))
    with server.changed:
        assert server.changed.wait_for(
            lambda: any(query(path)["message"] == "new" for _, path, *_ in server.taken), WAIT_S
        )
    assert "gave up a note after an hour" in caplog.text


def test_a_service_that_never_answers_does_not_hold_the_teller_up(tmp_path):
    waits, may_go_on = threading.Event(), threading.Event()

    def hang(post):  # noqa: ARG001
        waits.set()
        may_go_on.wait(WAIT_S)

    hook = Webhook(Settings("phone", "http://127.0.0.1:9/x"), tmp_path, Clock(), send=hang)
    hook.tell(told(event()))
    assert waits.wait(WAIT_S)
    hook.tell(told(*(event(time=float(number)) for number in range(200))))  # comes back at once
    may_go_on.set()
    hook.close()


def test_only_what_is_severe_enough_or_named_is_told():
    choice = Choice(Settings("phone", "http://x", severity="warning", kinds=("question",)))
    assert choice.note(event("info", "lockout-ended")) is None
    assert choice.note(event("info", "question")) is not None
    assert choice.note(event("warning", "blind")) is not None


def test_in_quiet_hours_only_critical_events_are_told_and_the_rest_is_counted():
    night = datetime(2026, 1, 1, 23, 0, tzinfo=UTC).timestamp()
    choice = Choice(Settings("phone", "http://x"), is_quiet=lambda wall: wall == night)
    assert choice.note(event("warning", wall=night)) is None
    assert choice.note(event("critical", wall=night)).held_back == 1
    assert choice.note(event("warning", wall=night + 1)).held_back == 0


def test_the_limit_an_hour_holds_back_and_critical_events_have_their_own():
    choice = Choice(Settings("phone", "http://x", at_most=3))
    told = [choice.note(event("warning", time=float(number))) is not None for number in range(5)]
    assert told == [True, True, True, False, False]
    assert choice.note(event("critical", time=6.0)).held_back == 2
    assert choice.note(event("warning", time=3601.0)) is not None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "ntfy.sh/door"}, "url = 'ntfy.sh/door' must be an address"),
        ({"page": "flap.local"}, "page = 'flap.local' must be an address"),
        ({"token_file": "/nowhere/token"}, "token_file = '/nowhere/token' cannot be read: No such file"),
    ],
)
def test_a_mistake_in_the_settings_is_named(changes, said):
    with pytest.raises(ConfigError, match=r'\[\[webhook\]\] "phone"') as refused:
        address(Settings(**{"name": "phone", "url": "https://ntfy.sh/door"} | changes))
    assert said in str(refused.value)
