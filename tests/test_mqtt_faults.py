"""A broker that is absent, refuses, hangs, comes back or speaks an old protocol: nobody waits for it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from device.errors import BrokerError, ConfigError
from device.messages import BoltState
from device.tell import mqtt_line
from device.tell.mqtt import try_broker
from device.tell.mqtt_settings import PASSWORD, USER, Login, Settings, read_login
from device.tell.records import Records
from tests.command_line import Latchlens
from tests.conftest import ROOT
from tests.listening import Listener
from tests.mosquitto import Mosquitto, free_port, program, until
from tests.recordings import Recordings
from tests.telling import PREFIX, Device, ended

SECRET = "sesame-7f3a"
PASSWORDS = "mosquitto_passwd"


class Begun:
    """Devices and brokers of one test, closed at its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts: list[Any] = []

    def broker(self, *lines: str) -> Mosquitto:
        self._parts.append(broker := Mosquitto(self.folder / "broker", *lines))
        return broker

    def device(self, port: int, **mqtt: Any) -> Device:
        self._parts.append(device := Device(self.folder / "state", port, **mqtt))
        return device

    def listener(self, broker: Mosquitto) -> Listener:
        self._parts.append(listener := Listener(broker))
        return listener

    def end(self) -> None:
        for part in reversed(self._parts):
            if isinstance(part, Mosquitto):
                part.go_on()
                part.kill()
            else:
                part.close()


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Begun]:
    begun = Begun(tmp_path)
    yield begun
    begun.end()


def stored(folder: Path) -> int:
    with Records(folder) as records:
        return len(records.visits(limit=10_000))


def test_without_a_broker_everything_goes_on_and_is_kept(begun: Begun) -> None:
    device = begun.device(free_port())
    for number in range(300):
        device.tell(ended(number))
    until(lambda: stored(begun.folder / "state") == 300)
    assert device.teller.missed == 0
    assert device.broker_is("connection refused")


def test_a_broker_that_hangs_holds_up_nobody_and_gets_everything_when_it_goes_on(begun: Begun) -> None:
    broker = begun.broker().start()
    listener = begun.listener(broker)
    device = begun.device(broker.port)
    device.tell()
    until(lambda: listener.latest.get(f"{PREFIX}/lock/state") == "LOCKED")
    broker.hang()
    for number in range(300):
        device.tell(ended(number))
    device.tell(bolt=BoltState.UNLOCKED)
    until(lambda: stored(begun.folder / "state") == 300)
    assert device.teller.missed == 0
    assert not device.delivered("v0")
    broker.go_on()
    until(lambda: device.delivered("v299"))
    until(lambda: listener.latest.get(f"{PREFIX}/lock/state") == "UNLOCKED")


def test_two_devices_of_one_id_learn_what_may_be_wrong(begun: Begun) -> None:
    broker = begun.broker().start()
    begun.device(broker.port)
    until(lambda: "latchlens-flap" in broker.log())
    other = Device(begun.folder / "other", broker.port)
    until(lambda: broker.log().count("already connected, closing old connection") > 1)
    until(lambda: any("the same [mqtt] id" in each.fix for each in other.health.report()))
    other.close()


def test_a_database_that_takes_the_place_of_the_one_before_is_read_from_its_beginning(begun: Begun) -> None:
    broker = begun.broker().start()
    listener = begun.listener(broker)
    device = begun.device(broker.port)
    device.tell(*map(ended, range(5)))
    until(lambda: device.delivered("v4"))
    for path in (begun.folder / "state").glob("latchlens.sqlite*"):
        path.unlink()
    device.tell(ended("-of-the-new-one"))
    until(lambda: len(listener.payloads(f"{PREFIX}/visits")) == 6, what="the visit of the new database")


def test_a_broker_that_hangs_for_long_is_given_up_and_found_again(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_line, "KEEPALIVE_S", 1)
    broker = begun.broker().start()
    device = begun.device(broker.port)
    device.tell()
    until(lambda: device.broker_is("connected"))
    broker.hang()
    until(lambda: device.broker_is("does not answer"))
    device.tell(ended(1), bolt=BoltState.JAMMED)
    broker.go_on()
    listener = begun.listener(broker)
    until(lambda: listener.latest.get(f"{PREFIX}/lock/state") == "JAMMED", 10, "the state stands there")
    until(lambda: device.delivered("v1"))


def test_a_broker_that_comes_back_is_found_within_ten_seconds(begun: Begun) -> None:
    broker = begun.broker()
    device = begun.device(broker.port)
    device.tell()
    until(lambda: device.broker_is("refused"))
    listener = begun.listener(broker.start())
    until(lambda: listener.latest.get(f"{PREFIX}/lock/state") == "LOCKED", 10, "the state stands there")


def test_a_broker_that_refuses_the_password_is_reported_and_asked_again(begun: Begun, caplog: Any) -> None:
    program()
    passwords = begun.folder / "passwords"
    subprocess.run([PASSWORDS, "-b", "-c", passwords, "flap", SECRET], check=True)
    passwords.chmod(0o644)
    broker = begun.broker(f"password_file {passwords}", "allow_anonymous false").start()
    wrong = begun.folder / "wrong"
    wrong.write_text("not-it\n")
    caplog.set_level("DEBUG")
    device = begun.device(broker.port, user="flap", password_file=str(wrong))
    until(lambda: device.broker_is("not authorized"))
    (condition,) = [each for each in device.health.report() if each.part == "broker"]
    assert condition.state == "fault"
    assert "password" in condition.fix
    device.close()
    wrong.write_text(f"{SECRET}\n")
    again = begun.device(broker.port, user="flap", password_file=str(wrong))
    until(lambda: again.broker_is("connected with MQTT 5"))
    assert SECRET not in caplog.text
    assert SECRET not in repr(vars(again.broker)) + repr(again.broker._address)


def test_the_mosquitto_that_we_recommend_lets_the_device_do_all_it_needs(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    program()
    passwords = begun.folder / "passwords"
    for number, user in enumerate(("flap", "homeassistant")):
        new = ["-c"] if number == 0 else []
        subprocess.run([PASSWORDS, "-b", *new, passwords, user, SECRET], check=True)
    passwords.chmod(0o644)
    shipped = ROOT / "firmware-config" / "mosquitto"
    lines = (shipped / "latchlens.conf").read_text()
    lines = lines.replace("/etc/mosquitto/latchlens.passwords", str(passwords))
    lines = lines.replace("/etc/mosquitto/conf.d/latchlens.acl", str(shipped / "latchlens.acl"))
    assert "listener 1883\n" in lines
    broker = begun.broker(lines.replace("listener 1883\n", "").replace("max_queued", "#")).start()
    monkeypatch.setenv(PASSWORD, SECRET)
    device = begun.device(broker.port, user="flap", id="cat-flap")
    device.tell(ended(1))
    until(lambda: device.delivered("v1"))
    assert device.broker_is("connected"), "nothing that it sends is refused"
    assert "answers" in str(try_broker(Settings("127.0.0.1", broker.port, user="flap"), "cat-flap"))


def test_a_broker_that_speaks_only_the_old_protocol_is_spoken_to_in_it(begun: Begun) -> None:
    broker = begun.broker().start()
    with OldBroker(broker.port, says_so=True) as old:
        device = begun.device(old.port)
        until(lambda: device.broker_is("connected with MQTT 3.1.1"))
        device.tell(ended(1))
        until(lambda: device.delivered("v1"))
        assert str(try_broker(Settings("127.0.0.1", old.port), "x")).endswith("answers with MQTT 3.1.1")
        device.close()


def test_a_broker_that_hangs_up_on_the_new_protocol_is_tried_with_the_old_one(begun: Begun) -> None:
    broker = begun.broker().start()
    with OldBroker(broker.port, says_so=False) as old:
        device = begun.device(old.port)
        until(lambda: device.broker_is("connected with MQTT 3.1.1"))
        device.close()


class OldBroker:
    """Stands before a real broker, and refuses whoever speaks MQTT 5 as one from before 2018 does."""

    REFUSAL = b"\x20\x02\x00\x01"
    """CONNACK: unacceptable protocol version. Source: MQTT 3.1.1, 3.2.2.3."""

    def __init__(self, port: int, says_so: bool) -> None:
        self._behind = port
        self._says_so = says_so
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> OldBroker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for each in self._open:
            each.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            first = client.recv(4096)
            version = first[8]  # after a two-byte header and the name "MQTT" with its length
            if version == 5:
                client.sendall(self.REFUSAL if self._says_so else b"")
                client.close()
                continue
            behind = socket.create_connection(("127.0.0.1", self._behind))
            behind.sendall(first)
            self._open += [client, behind]
            for one, other in ((client, behind), (behind, client)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            return


class Papers:
    """An authority and the certificates that it signed, as PEM files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        authority = trustme.CA()
        self.ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca)
        self.broker, self.broker_key = self._issue(authority, folder, "127.0.0.1")
        self.device, self.device_key = self._issue(authority, folder, "latchlens-flap")

    @staticmethod
    def _issue(authority: trustme.CA, folder: Path, name: str) -> tuple[Path, Path]:
        issued = authority.issue_cert(name, common_name=name)
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        issued.cert_chain_pems[0].write_to_path(certificate)
        issued.private_key_pem.write_to_path(key)
        return certificate, key

    def lines(self) -> tuple[str, ...]:
        """How mosquitto is told of them; it wants to see a certificate too."""
        files = f"cafile {self.ca}\ncertfile {self.broker}\nkeyfile {self.broker_key}"
        return (files, "require_certificate true", "use_identity_as_username true")

    def settings(self) -> dict[str, object]:
        return {
            "tls": True,
            "ca": str(self.ca),
            "certificate": str(self.device),
            "key": str(self.device_key),
        }


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(tmp_path / "papers")


def test_broker_and_device_show_each_other_their_certificates(begun: Begun, papers: Papers) -> None:
    broker = begun.broker(*papers.lines()).start()
    device = begun.device(broker.port, **papers.settings())
    device.tell(ended(1))
    until(lambda: device.delivered("v1"))
    found = try_broker(Settings("127.0.0.1", broker.port, **papers.settings()), "x")
    assert str(found) == f"127.0.0.1:{broker.port} answers with MQTT 5 over TLS"


def test_a_certificate_of_somebody_else_is_not_trusted(begun: Begun, papers: Papers, tmp_path: Path) -> None:
    broker = begun.broker(*papers.lines()).start()
    other = Papers(tmp_path / "other")
    device = begun.device(broker.port, **papers.settings() | {"ca": str(other.ca)})
    until(lambda: device.broker_is("is not trusted: "))


def test_a_device_without_a_certificate_is_not_let_in(begun: Begun, papers: Papers) -> None:
    broker = begun.broker(*papers.lines()).start()
    with pytest.raises(BrokerError, match=r"look"):
        try_broker(Settings("127.0.0.1", broker.port, tls=True, ca=str(papers.ca)), "x")


def test_a_certificate_that_is_missing_while_it_is_renewed_ends_nothing(begun: Begun, papers: Papers) -> None:
    broker = begun.broker(*papers.lines()).start()
    device = begun.device(broker.port, **papers.settings())
    until(lambda: device.broker_is("connected"))
    away = papers.ca.rename(papers.ca.with_suffix(".old"))
    broker.kill()
    until(lambda: device.broker_is("cannot be used: no such file"))
    away.rename(papers.ca)
    broker.start()
    device.tell(ended(1))
    until(lambda: device.delivered("v1"))


def test_a_certificate_that_does_not_exist_is_named() -> None:
    with pytest.raises(ConfigError, match=r"\[mqtt\] ca = '/nowhere/ca.pem' cannot be used: no such file"):
        try_broker(Settings("127.0.0.1", 1, tls=True, ca="/nowhere/ca.pem"), "x")


def test_the_environment_has_the_last_word_on_user_and_password(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from the file\n")
    settings = Settings(user="flap", password_file=str(file))
    assert read_login(settings, {}) == Login("flap", "from the file")
    assert read_login(settings, {USER: "root", PASSWORD: SECRET}) == Login("root", SECRET)
    assert SECRET not in repr(read_login(settings, {PASSWORD: SECRET}))


@pytest.mark.parametrize(
    ("settings", "environment", "said"),
    [
        (Settings(user="x", password_file="/nowhere"), {}, "/nowhere cannot be read: No such file"),
        (Settings(), {PASSWORD: SECRET}, "user is missing"),
    ],
)
def test_what_is_wrong_with_a_password_is_named_without_it(
    settings: Settings, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        read_login(settings, environment)
    assert SECRET not in str(raised.value)


def with_broker(recordings: Recordings, folder: Path, text: str) -> Path:
    project = folder / "mine.toml"
    project.write_text(f"{recordings.project.read_text()}\n[mqtt]\n{text}\n")
    return project


def test_check_says_a_line_of_the_broker(
    begun: Begun, latchlens: Latchlens, recordings: Recordings, tmp_path: Path
) -> None:
    broker = begun.broker().start()
    project = with_broker(recordings, tmp_path, f'host = "127.0.0.1"\nport = {broker.port}')
    answer = latchlens("check", "--project", project, "--state", tmp_path / "state")
    assert f"ok     broker      127.0.0.1:{broker.port} answers with MQTT 5\n" in answer.out
    broker.kill()
    answer = latchlens("check", "--project", project, "--state", tmp_path / "state")
    assert f"FAULT  broker      127.0.0.1:{broker.port} does not answer: connection refused;" in answer.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('hots = "x"', "[mqtt] hots is not known; did you mean host?"),
        ('password = "sesame"', "[mqtt] password is not known; did you mean password_file?"),
        ('id = "a/b"', "[mqtt] id = 'a/b'"),
        ("port = 70000", "[mqtt] port = 70000"),
        ('tls = true\ncertificate = "x.pem"', "[mqtt]: certificate and key belong together"),
        ('ca = "x.pem"', "[mqtt]: ca and certificate need tls = true"),
    ],
)
def test_a_mistake_in_the_project_is_named(
    latchlens: Latchlens, recordings: Recordings, tmp_path: Path, text: str, said: str
) -> None:
    answer = latchlens("check", "--project", with_broker(recordings, tmp_path, text))
    assert answer.status == 1
    assert said in answer.out


def test_run_tells_its_visits_to_the_broker_and_says_when_it_goes(
    begun: Begun, recordings: Recordings, tmp_path: Path
) -> None:
    broker = begun.broker().start()
    listener = begun.listener(broker)
    project = with_broker(recordings, tmp_path, f'host = "127.0.0.1"\nport = {broker.port}\nid = "flap"')
    command = ["run", "--project", project, "--state", tmp_path / "state"]
    subprocess.run([sys.executable, "-m", "device", *map(str, command)], check=True, cwd=ROOT)
    until(lambda: listener.latest.get(f"{PREFIX}/availability") == "offline")
    assert listener.payloads(f"{PREFIX}/visits")
    figures = json.loads(listener.latest[f"{PREFIX}/stats"])
    assert figures.keys() >= {"frames_per_s", "latency_p50_ms", "latency_p95_ms", "temperature_c"}
    assert any(each.topic == f"{PREFIX}/snapshot" and each.payload for each in listener.messages)
