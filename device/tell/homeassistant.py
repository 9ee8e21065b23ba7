"""Home Assistant's device discovery: one retained message that describes every entity of the device.

Source: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload (form of 2024.11).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from device.messages import Mode, VisitKind
from device.tell import mqtt_commands as commands
from device.tell import mqtt_states as states
from device.tell.mqtt_documents import EVENT, EVENT_KINDS, OTHER, VISITS, as_json, slugs
from device.tell.mqtt_session import AVAILABILITY

Component: TypeAlias = dict[str, object]
DIAGNOSTIC, CONFIG = "diagnostic", "config"


@dataclass(frozen=True, slots=True)
class Described:
    """What the device has, as far as Home Assistant is concerned."""

    id: str
    """The device's id in topics."""
    name: str
    version: str
    animals: tuple[str, ...] = ()
    door: bool = True
    """Something tells whether the flap is open."""
    temperature: bool = True
    throttling: bool = True


class DeviceDiscovery:
    """Implements mqtt_session.Discovery."""

    def __init__(self, prefix: str, described: Described, enabled: bool = True) -> None:
        """`prefix` is that of Home Assistant's topics; where it is not enabled, the device is taken away."""
        self.topic = f"{prefix}/device/latchlens-{described.id}/config"
        self.status = f"{prefix}/status"
        self._described = described
        self._enabled = enabled

    def messages(self, before: bytes) -> Sequence[str]:
        """What to leave at `topic`: a part that was switched off is first named empty, which removes it."""
        if not self._enabled:
            return [""] if before else []
        message = discovery(self._described)
        components: dict[str, Component] = message["components"]  # type: ignore[assignment]
        gone = {key: {"platform": platform} for key, platform in _platforms(before) if key not in components}
        now = as_json(message)
        return [as_json({**message, "components": {**components, **gone}}), now] if gone else [now]


def _platforms(payload: bytes) -> list[tuple[str, str]]:
    """The components that a discovery message of ours names, with their platforms."""
    try:
        found = json.loads(payload)["components"]
        return [(str(key), str(each["platform"])) for key, each in found.items()]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []


def discovery(described: Described) -> dict[str, object]:
    """The message, as mappings."""
    prefix = f"latchlens/{described.id}"
    return {
        "device": {
            "identifiers": [f"latchlens-{described.id}"],
            "name": described.name,
            "manufacturer": "Latchlens",
            "model": "Smart cat flap camera",
            "sw_version": described.version,
        },
        "origin": {"name": "Latchlens", "sw_version": described.version},
        "availability_topic": f"{prefix}/{AVAILABILITY}",
        "qos": 1,
        "components": {
            key: _identified(described.id, key, component, prefix)
            for key, component in _components(described).items()
        },
    }


def _identified(device: str, key: str, component: Component, prefix: str) -> Component:
    """The component with its ids, and topics below the device's prefix."""
    (entity,) = slugs([f"{device}_{key}"]).values()
    topics = {name: f"{prefix}/{value}" for name, value in component.items() if name.endswith("_topic")}
    return {
        **component,
        **topics,
        "unique_id": f"latchlens_{device}_{key}",
        "default_entity_id": f"{component['platform']}.{entity}",
    }


def _components(described: Described) -> dict[str, Component]:
    """Every entity by its key."""
    return {
        **_door(described),
        **_visitors(),
        **_animals(described.animals),
        **_figures(described),
    }


def _door(described: Described) -> dict[str, Component]:
    lock: Component = {
        "platform": "lock",
        "name": "Bolt",
        "state_topic": states.LOCK,
        "command_topic": commands.LOCK,
        "optimistic": False,
    }
    mode: Component = {
        "platform": "select",
        "name": "Mode",
        "state_topic": states.MODE,
        "command_topic": commands.MODE,
        "options": [mode.value for mode in Mode],
        "entity_category": CONFIG,
    }
    enforce: Component = {
        "platform": "switch",
        "name": "Enforce",
        "state_topic": states.ENFORCE,
        "command_topic": commands.ENFORCE,
        "entity_category": CONFIG,
    }
    door: Component = {
        "platform": "binary_sensor",
        "name": "Flap",
        "device_class": "door",
        "state_topic": states.DOOR,
        "payload_on": "open",
        "payload_off": "closed",
        "value_template": "{{ 'None' if value == 'unknown' else value }}",
    }
    return {"bolt": lock, "mode": mode, "enforce": enforce} | ({"flap": door} if described.door else {})


def _visitors() -> dict[str, Component]:
    """Who is there, what was decided and what happened."""
    return {
        "cat": _binary("Cat present", states.VISITOR, "cat", device_class="occupancy", attributes=True),
        "prey": _binary("Prey", states.VISITOR, "prey", icon="mdi:rodent"),
        "problem": _binary(
            "Problem",
            states.PROBLEM,
            "problem",
            device_class="problem",
            attributes=True,
            entity_category=DIAGNOSTIC,
        ),
        "reason": {
            "platform": "sensor",
            "name": "Reason",
            "icon": "mdi:comment-question",
            "state_topic": states.DECISION,
            "value_template": "{{ value_json.reason[:255] }}",
            "json_attributes_topic": states.DECISION,
        },
        "event": {
            "platform": "event",
            "name": "Event",
            "state_topic": EVENT,
            "event_types": [*EVENT_KINDS, OTHER],
        },
        "visit": {
            "platform": "event",
            "name": "Visit",
            "icon": "mdi:cat",
            "state_topic": VISITS,
            "event_types": [kind.value for kind in VisitKind],
            "value_template": "{{ value if value_json.phase == 'end' else '' }}",
        },
        "visitor": {
            "platform": "image",
            "name": "Last visitor",
            "image_topic": states.SNAPSHOT,
            "content_type": "image/jpeg",
        },
    }


def _animals(names: Sequence[str]) -> dict[str, Component]:
    found: dict[str, Component] = {}
    for name, slug in slugs(names).items():
        topic = states.cat_topic(slug)
        found[f"{slug}_at_door"] = _binary(f"{name} at the door", topic, "at_door", device_class="occupancy")
        found[f"{slug}_place"] = {
            "platform": "sensor",
            "name": f"{name} is",
            "device_class": "enum",
            "options": ["in", "out"],
            "state_topic": topic,
            "value_template": "{{ 'None' if value_json.place == 'unknown' else value_json.place }}",
        }
        found[f"{slug}_last_seen"] = _sensor(
            f"{name} last seen", topic, "last_seen", device_class="timestamp"
        )
    return found


def _figures(described: Described) -> dict[str, Component]:
    """What tells how the device itself does."""
    milliseconds = {"unit_of_measurement": "ms", "device_class": "duration"}
    found: dict[str, Component] = {
        "frame_rate": _figure("Frame rate", "frames_per_s", {"unit_of_measurement": "fps"}),
        "latency": _figure("Decision latency", "latency_p50_ms", milliseconds),
        "latency_p95": _figure("Decision latency, 95 %", "latency_p95_ms", milliseconds),
        "update": {
            "platform": "update",
            "name": "Software",
            "state_topic": states.UPDATE,
            "entity_category": DIAGNOSTIC,
        },
    }
    if described.temperature:
        degrees = {"unit_of_measurement": "°C", "device_class": "temperature"}
        found["temperature"] = _figure("Processor temperature", "temperature_c", degrees)
    if described.throttling:
        found["throttled"] = _binary(
            "Throttled",
            states.STATISTICS,
            "throttled",
            device_class="problem",
            entity_category=DIAGNOSTIC,
        )
    return found


def _figure(name: str, key: str, more: Mapping[str, str]) -> Component:
    return _sensor(
        name, states.STATISTICS, key, state_class="measurement", entity_category=DIAGNOSTIC, **more
    )


def _sensor(name: str, topic: str, key: str, **more: str) -> Component:
    """A sensor that reads `key`; Home Assistant shows null as unknown."""
    return {
        "platform": "sensor",
        "name": name,
        "state_topic": topic,
        "value_template": f"{{{{ value_json.{key} }}}}",
        **more,
    }


def _binary(name: str, topic: str, key: str, *, attributes: bool = False, **more: str) -> Component:
    """A sensor that is ON, OFF or, where nothing is known, null."""
    shown = {"json_attributes_topic": topic} if attributes else {}
    return _sensor(name, topic, key, **more) | {"platform": "binary_sensor"} | shown
