"""Home Assistant is told of every entity in its documented form, and of those that are no more."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
import pytest

from device.decide.notices import ALARMS
from device.messages import BoltState, Door, Mode
from device.tell import mqtt_commands as commands
from device.tell.homeassistant import Described, DeviceDiscovery, discovery
from device.tell.mqtt_documents import EVENT_KINDS
from device.web.rekognition.opening import JOB_ENDED
from tests.conftest import ROOT
from tests.homeassistant_schema import LOCK_STATES, PAYLOADS, PLATFORMS, mistakes

GOLDEN = Path(__file__).parent / "golden" / "homeassistant.json"
FLAP = Described("cat-flap", "Cat flap", "0.1.0", ("Mimi", "Größter Kater"))


def components(described: Described) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = discovery(described)["components"]  # type: ignore[assignment]
    return found


def test_the_message_is_the_golden_one() -> None:
    assert discovery(FLAP) == json.loads(GOLDEN.read_text(encoding="utf-8")), (
        "if the change is meant, write the new one: python -m tests.test_homeassistant"
    )


@pytest.mark.parametrize(
    "described",
    [
        FLAP,
        replace(FLAP, animals=()),
        replace(FLAP, door=False, temperature=False, throttling=False),
        replace(FLAP, id="-Flap_2-", animals=("mimi", "Mimi", "MIMI!", "猫")),
    ],
)
def test_home_assistant_takes_every_key(described: Described) -> None:
    assert mistakes(discovery(described)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"platform": "locker"}, "bolt: platform locker"),
        ({"payload_look": "x"}, "bolt: it has payload_look, which is not known"),
        ({"command_topic": "a/#"}, "bolt: command_topic 'a/#' is no topic"),
        ({"default_entity_id": "lock.Größe"}, "bolt: default_entity_id lock.Größe"),
        ({"unique_id": "latchlens_cat-flap_mode"}, "unique_id latchlens_cat-flap_mode stands twice"),
    ],
)
def test_the_check_finds_mistakes(change: dict[str, str], said: str) -> None:
    message: dict[str, Any] = discovery(FLAP)
    message["components"]["bolt"] |= change
    assert mistakes(message) == [said]


def test_everything_promised_is_there() -> None:
    found = components(FLAP)
    assert {each["platform"] for each in found.values()} == PLATFORMS.keys()
    assert found.keys() >= {
        *("bolt", "cat", "prey", "problem", "flap", "mode", "enforce", "event", "visitor", "mimi_at_door"),
        *("mimi_last_seen", "gr_ter_kater_last_seen", "frame_rate", "latency", "temperature", "throttled"),
        "update",
    }


def test_what_home_assistant_sends_and_what_the_device_says_are_the_same_words() -> None:
    assert {state.value for state in BoltState} <= LOCK_STATES
    assert commands.ASKS.keys() == PAYLOADS["lock"]
    assert commands.SWITCH.keys() == PAYLOADS["switch"]
    assert components(FLAP)["mode"]["options"] == [mode.value for mode in Mode]
    assert set(EVENT_KINDS) < set(components(FLAP)["event"]["event_types"])


def test_home_assistant_knows_every_kind_of_event_that_the_device_tells_of() -> None:
    calls = [
        call.args[1]
        for file in (ROOT / "device" / "decide").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "tell"
        and len(call.args) > 1
    ]
    named = {each.value for each in calls if isinstance(each, ast.Constant)}
    made = {ast.unparse(each) for each in calls if not isinstance(each, ast.Constant)}
    assert made == {"name", "f'{name}-ended'"}, "those of ALARMS: others need a look here"
    alarms = {f"{name}{how}" for name in ALARMS for how in ("", "-ended")}
    assert len(EVENT_KINDS) == len(set(EVENT_KINDS))
    assert set(EVENT_KINDS) == named | alarms | {JOB_ENDED}
    documented = (ROOT / "docs" / "mqtt.md").read_text(encoding="utf-8")
    assert [kind for kind in EVENT_KINDS if f"`{kind}`" not in documented] == []


def rendered(key: str, payload: str, described: Described = FLAP) -> str:
    """What Home Assistant makes of a payload: its templates are Jinja's, see its documentation of them."""
    template = components(described)[key]["value_template"]
    try:
        document = json.loads(payload)
    except ValueError:
        document = None
    return jinja2.Environment().from_string(template).render(value=payload, value_json=document)


@pytest.mark.parametrize(
    ("key", "payload", "shown"),
    [
        ("flap", Door.OPEN.value, "open"),
        ("flap", Door.UNKNOWN.value, "None"),
        ("cat", '{"cat": "ON"}', "ON"),
        ("temperature", '{"temperature_c": 51.2}', "51.2"),
        ("temperature", '{"temperature_c": null}', "None"),
        ("throttled", '{"throttled": null}', "None"),
        ("mimi_last_seen", '{"last_seen": null}', "None"),
        ("mimi_place", '{"place": "unknown"}', "None"),
        ("mimi_place", '{"place": "in"}', "in"),
        ("reason", json.dumps({"reason": "x" * 300}), "x" * 255),
        ("visit", '{"phase": "update"}', ""),
        ("visit", '{"phase": "end", "event_type": "PEEK"}', '{"phase": "end", "event_type": "PEEK"}'),
    ],
)
def test_templates_make_of_payloads_what_home_assistant_understands(
    key: str, payload: str, shown: str
) -> None:
    assert rendered(key, payload) == shown


def test_a_part_that_is_switched_off_is_removed_and_then_forgotten() -> None:
    before = DeviceDiscovery("homeassistant", FLAP).messages(b"")[-1].encode()
    less = DeviceDiscovery("homeassistant", replace(FLAP, door=False, animals=("Mimi",)))
    first, last = (json.loads(message) for message in less.messages(before))
    assert mistakes(first) == mistakes(last) == []
    gone = first["components"].keys() - last["components"].keys()
    assert gone == {"flap", *(f"gr_ter_kater_{what}" for what in ("at_door", "place", "last_seen"))}
    assert first["components"]["flap"] == {"platform": "binary_sensor"}
    assert less.messages(json.dumps(last).encode()) == [json.dumps(last, ensure_ascii=False)]


def test_a_device_that_home_assistant_shall_not_know_is_taken_away() -> None:
    off = DeviceDiscovery("homeassistant", FLAP, enabled=False)
    assert off.messages(b'{"components": {}}') == [""]
    assert off.messages(b"") == []


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b'{"components": []}', b'{"components": {"a": 1}}'])
def test_whatever_stood_there_before_the_message_is_whole(rubbish: bytes) -> None:
    (message,) = DeviceDiscovery("homeassistant", FLAP).messages(rubbish)
    assert json.loads(message) == discovery(FLAP)


if __name__ == "__main__":
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(discovery(FLAP), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
