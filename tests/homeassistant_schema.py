"""What Home Assistant documents of its MQTT device discovery, as far as the device uses it.

Sources: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload and, for each platform,
https://www.home-assistant.io/integrations/<platform>.mqtt/#configuration-variables, as of release 2026.2.
Home Assistant drops a key of a component that it does not know without a word, so here that is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

MESSAGE = {
    "required": {"device", "origin", "components"},
    "optional": {
        *("availability", "availability_mode", "availability_template", "availability_topic"),
        *("payload_available", "payload_not_available", "state_topic", "command_topic", "qos", "encoding"),
    },
}
DEVICE = {
    *("identifiers", "connections", "configuration_url", "hw_version", "manufacturer", "model", "model_id"),
    *("name", "serial_number", "suggested_area", "sw_version", "via_device"),
}
ORIGIN = {"name", "sw_version", "support_url"}
EVERY = {
    *("platform", "unique_id", "default_entity_id", "name", "icon", "enabled_by_default", "entity_category"),
    *(
        "entity_picture",
        "json_attributes_topic",
        "json_attributes_template",
        "qos",
        "encoding",
        "device",
        "origin",
    ),
    *("availability", "availability_mode", "availability_template", "availability_topic"),
    *("payload_available", "payload_not_available"),
}
READ = {"state_topic", "value_template"}
WRITE = {"command_topic", "command_template", "state_topic", "value_template", "optimistic", "retain"}

PLATFORMS: Mapping[str, tuple[set[str], set[str]]] = {
    "binary_sensor": (
        {"state_topic"},
        READ | {"device_class", "expire_after", "force_update", "off_delay", "payload_off", "payload_on"},
    ),
    "event": ({"state_topic", "event_types"}, READ | {"device_class"}),
    "image": (set(), {"image_topic", "url_topic", "url_template", "image_encoding", "content_type"}),
    "lock": (
        {"command_topic"},
        WRITE
        | {"code_format", "payload_lock", "payload_unlock", "payload_open", "payload_reset"}
        | {f"state_{state}" for state in ("jammed", "locked", "locking", "open", "opening")}
        | {"state_unlocked", "state_unlocking"},
    ),
    "select": ({"command_topic", "options"}, WRITE),
    "sensor": (
        {"state_topic"},
        READ
        | {"device_class", "expire_after", "force_update", "last_reset_value_template", "options"}
        | {"state_class", "suggested_display_precision", "unit_of_measurement"},
    ),
    "switch": (
        {"command_topic"},
        WRITE | {"device_class", "payload_off", "payload_on", "state_off", "state_on"},
    ),
    "update": (
        {"state_topic"},
        READ
        | {"command_topic", "device_class", "display_precision", "latest_version_template", "title", "retain"}
        | {"latest_version_topic", "payload_install", "release_summary", "release_url"},
    ),
}
"""Of each platform the keys that it must have, and those that it may have besides EVERY."""
CLASSES = {
    "binary_sensor": {"door", "occupancy", "problem", "lock", "opening", "running", "connectivity"},
    "sensor": {"temperature", "duration", "timestamp", "enum"},
}
UNITS = {"temperature": {"°C", "°F", "K"}, "duration": {"d", "h", "min", "s", "ms", "μs"}}
STATE_CLASSES = {"measurement", "measurement_angle", "total", "total_increasing"}
CATEGORIES = {"config", "diagnostic"}
LOCK_STATES = {"LOCKED", "UNLOCKED", "LOCKING", "UNLOCKING", "JAMMED", "OPEN", "OPENING"}
"""What a lock's state topic may say where nothing else is configured."""
PAYLOADS = {"lock": {"LOCK", "UNLOCK"}, "switch": {"ON", "OFF"}}
"""What the platform sends to the command topic where nothing else is configured."""


def mistakes(message: Mapping[str, Any]) -> list[str]:
    """Everything that Home Assistant would refuse or pass over, each in one line."""
    return [*_of_message(message), *_of_components(message.get("components", {}))]


def _of_message(message: Mapping[str, Any]) -> Iterator[str]:
    yield from _keys("the message", set(message), MESSAGE["required"], MESSAGE["optional"])
    yield from _keys("device", set(message["device"]), {"name"}, DEVICE)
    yield from _keys("origin", set(message["origin"]), {"name"}, ORIGIN)
    if not (message["device"].get("identifiers") or message["device"].get("connections")):
        yield "device has neither identifiers nor connections"
    if message.get("qos", 0) not in (0, 1, 2):
        yield f"qos {message['qos']}"


def _of_components(components: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for key, component in components.items():
        platform = component.get("platform")
        if platform not in PLATFORMS:
            yield f"{key}: platform {platform}"
        elif len(component) > 1:  # one with nothing but a platform is removed
            yield from (f"{key}: {mistake}" for mistake in _of_component(platform, component))
    ids = [component["unique_id"] for component in components.values() if "unique_id" in component]
    yield from (f"unique_id {each} stands twice" for each in set(ids) if ids.count(each) > 1)


def _of_component(platform: str, component: Mapping[str, Any]) -> Iterator[str]:
    required, optional = PLATFORMS[platform]
    yield from _keys("it", set(component), required | {"unique_id"}, optional | EVERY)
    if platform == "image" and len(component.keys() & {"image_topic", "url_topic"}) != 1:
        yield "one of image_topic and url_topic is needed"
    for key, value in component.items():
        if key.endswith("_topic") and (not isinstance(value, str) or set(value) & set("#+\0") or not value):
            yield f"{key} {value!r} is no topic"
    entity = component.get("default_entity_id", f"{platform}.x")
    if not re.fullmatch(rf"{platform}\.[a-z0-9]+(_[a-z0-9]+)*", entity):
        yield f"default_entity_id {entity}"
    if component.get("entity_category", "config") not in CATEGORIES:
        yield f"entity_category {component['entity_category']}"
    if (kind := component.get("device_class")) is not None and kind not in CLASSES.get(platform, set()):
        yield f"device_class {kind}"
    if platform == "sensor":
        yield from _of_sensor(component)


def _of_sensor(sensor: Mapping[str, Any]) -> Iterator[str]:
    kind, unit = sensor.get("device_class"), sensor.get("unit_of_measurement")
    if "options" in sensor and (kind != "enum" or unit or sensor.get("state_class")):
        yield "options need device_class enum, without unit and state_class"
    if unit is not None and kind in UNITS and unit not in UNITS[kind]:
        yield f"unit {unit} with {kind}"
    if unit is not None and kind in ("timestamp", "enum"):
        yield f"{kind} has no unit"
    if sensor.get("state_class", "measurement") not in STATE_CLASSES:
        yield f"state_class {sensor['state_class']}"


def _keys(where: str, given: set[str], required: set[str], optional: set[str]) -> Iterator[str]:
    yield from (f"{where} lacks {key}" for key in sorted(required - given))
    yield from (f"{where} has {key}, which is not known" for key in sorted(given - required - optional))
