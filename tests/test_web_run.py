"""The page of a device that really runs: on a real socket, beside the real loop."""

from __future__ import annotations

import json
import logging
import shutil
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest

from device.config import WebSettings
from device.errors import ConfigError
from device.web.caller import Role, Scope
from device.web.listening import listening
from device.web.server import WebServer, serve
from tests.conftest import ROOT
from tests.served import PASSWORD, Site, site

PATIENCE_S = 30.0


def get(address: str, token: str | None = None, **more: object) -> tuple[int, bytes]:
    """Status and body of an answer."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), **more) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture
def home(tmp_path) -> Site:
    return site(tmp_path)


@pytest.fixture
def serving(home) -> Iterator[WebServer]:
    home.look()
    server = WebServer(replace(WebSettings(), port=0), home.appliance, home.access)
    server.start()
    yield server
    server.stop()
    assert "web" not in {thread.name for thread in threading.enumerate()}


def test_a_running_device_serves_its_picture_to_whoever_has_a_token(recordings, tmp_path, latchlens):
    """The real thing from end to end, with nothing secret in its log."""
    state = tmp_path / "state"
    token = latchlens("tokens", "create", "dashboard", "--state", state).went_well().out.strip()
    command = [sys.executable, "-m", "device", "-v", "run", "--project", recordings.project, "--state", state]
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    timer = threading.Timer(PATIENCE_S, process.kill)
    timer.start()
    said = []
    try:
        assert process.stderr
        for line in process.stderr:
            said.append(line)
            if "the page is at" in line:
                break
        address = said[-1].split()[-1]
        assert get(f"{address}/healthz") == (200, b'{"status":"ok"}')
        assert get(f"{address}/api/v1/state")[0] == 401
        assert get(f"{address}/login?once=guess")[0] == 403
        status, picture = 503, b""
        while status == 503:
            status, picture = get(f"{address}/api/v1/live/frame", token)
        assert (status, picture[:2]) == (200, b"\xff\xd8")
        state_now = json.loads(get(f"{address}/api/v1/state", token)[1])
        assert state_now["enforce"] is False
    finally:
        process.terminate()
        out, err = process.communicate()
        timer.cancel()
    assert process.returncode == 0
    assert (state / "last-good.json").is_file()
    told = out + err + "".join(said)
    assert token not in told
    assert "once=" not in told  # there is no terminal
    assert "Traceback" not in told


def test_a_taken_port_is_said_and_the_door_goes_on_without_the_page(home, caplog):
    settings = replace(WebSettings(), port=0)
    with listening(settings) as taken:
        port = taken.getsockname()[1]
        sections = {**home.appliance.project.sections, "web": replace(settings, port=port)}
        blocked = replace(home.appliance, project=replace(home.appliance.project, sections=sections))
        with caplog.at_level(logging.ERROR):
            assert serve(blocked) is None
    assert f"port {port}" in caplog.text
    assert [each.part for each in home.appliance.health.report()] == ["web"]


def test_the_thread_ends_though_somebody_watches(home, serving):
    token = home.access.tokens.create("tv", Scope.READ)
    request = urllib.request.Request(
        f"{serving.address}/api/v1/live/stream", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request) as stream:
        assert stream.readline() == b"--latchlens-frame\r\n"
        began = time.monotonic()
        serving.stop()
    assert time.monotonic() - began < 5.0


def test_a_one_time_link_is_shown_on_a_terminal_only(home, monkeypatch, capsys, caplog):
    for terminal in (False, True):
        monkeypatch.setattr("sys.stdout.isatty", lambda terminal=terminal: terminal)
        server = serve(home.appliance)
        assert server
        server.stop()
        assert ("login?once=" in capsys.readouterr().out) is terminal
    assert "once=" not in caplog.text


@pytest.mark.parametrize(("proxy", "believed"), [("127.0.0.1", True), ("192.0.2.1", False), ("", False)])
def test_only_the_proxy_that_is_named_is_believed(home, proxy, believed):
    """Back-off counts by the address that asks, which a stranger must not be able to choose."""
    home.access.passwords.set(Role.OWNER, PASSWORD)
    server = WebServer(WebSettings(port=0, behind_proxy=proxy), home.appliance, home.access)
    server.start()
    try:
        answers = []
        for last in range(6):
            request = urllib.request.Request(
                f"{server.address}/login",
                data=b"name=owner&password=wrong",
                headers={"X-Forwarded-For": f"198.51.100.{last}"},
            )
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request)
            answers.append(refused.value.code)
    finally:
        server.stop()
    assert (429 not in answers) is believed


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed here")
def test_https_with_a_certificate_of_ones_own(home, tmp_path):
    home.look()
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=flap"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    settings = WebSettings(port=0, certificate=str(certificate), key=str(key))
    server = WebServer(settings, home.appliance, home.access)
    server.start()
    try:
        assert server.address.startswith("https://")
        trusting = ssl.create_default_context(cafile=str(certificate))
        assert get(f"{server.address}/healthz", context=trusting)[0] == 200
        home.access.passwords.set(Role.OWNER, PASSWORD)
        request = urllib.request.Request(
            f"{server.address}/login", data=f"name=owner&password={PASSWORD.replace(' ', '+')}".encode()
        )
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusting), _Stay())
        with pytest.raises(urllib.error.HTTPError) as answered:
            opener.open(request)
        assert answered.value.code == 303
        assert "secure" in answered.value.headers["set-cookie"].lower()
    finally:
        server.stop()


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirection."""

    def redirect_request(self, *_: object) -> None:  # type: ignore[override]
        return None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (WebSettings(port=0, certificate="/nowhere.pem"), "belong together"),
        (WebSettings(port=0, certificate="/nowhere.pem", key="/nowhere.key"), "no such file"),
        (WebSettings(port=0, certificate=__file__, key=__file__), "PEM"),
        (WebSettings(port=0, behind_proxy="nginx"), "the proxy's address"),
        (WebSettings(port=0, host="203.0.113.7"), "cannot listen on 203.0.113.7"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_the_fix(home, settings, words):
    with pytest.raises(ConfigError, match="web") as refused:
        WebServer(settings, home.appliance, home.access)
    assert words in str(refused.value)


def test_the_password_is_set_from_standard_input_and_never_shown(latchlens, tmp_path, monkeypatch):
    def typed(*arguments: object) -> object:
        with (tmp_path / "typed").open() as text:
            monkeypatch.setattr("sys.stdin", text)
            return latchlens("password", "--state", tmp_path, *arguments)

    (tmp_path / "typed").write_text(f"{PASSWORD}\n")
    answer = typed().went_well()  # type: ignore[attr-defined]
    assert PASSWORD not in answer.out + answer.err
    latchlens("password", "--viewer", "--remove", "--state", tmp_path).went_well()
    (tmp_path / "typed").write_text("mimi\n")
    typed().refused("4 characters", "four words", status=2)  # type: ignore[attr-defined]


def test_tokens_are_listed_by_name_and_revoked(latchlens, tmp_path):
    made = latchlens("tokens", "create", "dashboard", "--scope", "act", "--state", tmp_path).went_well()
    assert made.out.startswith("latchlens_")
    (listed,) = latchlens("tokens", "list", "--json", "--state", tmp_path).went_well().objects
    assert (listed["name"], listed["scope"]) == ("dashboard", "act")
    again = latchlens("tokens", "create", "dashboard", "--state", tmp_path)
    again.refused("dashboard", "revoke it first", status=2)
    latchlens("tokens", "create", "x", "--scope", "all", "--state", tmp_path).refused("--scope all", status=2)
    latchlens("tokens", "revoke", "dashboard", "--state", tmp_path).went_well()
    latchlens("tokens", "revoke", "dashboard", "--state", tmp_path).refused("known are: none", status=2)
