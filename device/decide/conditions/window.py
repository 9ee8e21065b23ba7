"""`window = "22:00-06:00"`: the local time lies in a window, which may cross midnight."""

from __future__ import annotations

from device.decide.conditions import Condition
from device.decide.facts import Facts, Truth
from device.decide.schedule import DAYS, UNSET, Window

TIME = r"\s*\d{1,2}:\d{1,2}\s*"
SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": f"^{TIME}-{TIME}$"},
        {
            "type": "object",
            "properties": {
                "from": {"type": "string", "pattern": f"^{TIME}$"},
                "to": {"type": "string", "pattern": f"^{TIME}$"},
                "days": {"type": "array", "minItems": 1, "items": {"enum": list(DAYS)}},
                "clock_unset": {"enum": list(UNSET)},
            },
            "required": ["from", "to"],
            "additionalProperties": False,
        },
    ],
    "description": "Local hours such as 22:00-06:00, which may cross midnight.",
}


def parse(value: object) -> Condition:
    """Ask whether the local time lies in the window.

    The long form is `{ from = "22:00", to = "06:00", days = ["fri", "sat"], clock_unset = "inside" }`.
    """
    window = Window.parse(value)

    def lies_inside(facts: Facts) -> Truth:
        if facts.local is None and window.clock_unset is None:
            return Truth(None, "the time of day (the clock has not been set)")
        return Truth(window.clock_unset if facts.local is None else window.contains(facts.local))

    return lies_inside
