"""The table of docs/faults.md from the one in the code: `python -m tests.faults_table` writes it anew."""

from __future__ import annotations

from pathlib import Path

from device.decide.faults import TABLE, FaultSettings
from device.messages import Fault

PAGE = Path(__file__).parent.parent / "docs" / "faults.md"
BEGIN, END = "<!-- the table: python -m tests.faults_table -->", "<!-- end of the table -->"
SCENES = {
    Fault.CAMERA_GONE: "s10",
    Fault.BLIND: "s10, s10f",
    Fault.MODEL: "s19b",
    Fault.SLOW: "s12c",
    Fault.BROKER: "s11d",
    Fault.NETWORK: "s11d",
    Fault.DISK: "s12d",
    Fault.DATABASE: "s11c",
    Fault.CLOCK: "s19c",
    Fault.UNDERVOLTAGE: "s17, s17b",
    Fault.TEMPERATURE: "s17c",
    Fault.BOLT: "s18",
    Fault.DOOR_OPEN: "s18b",
    Fault.GUARD: "s19",
    Fault.CONFIGURATION: "s19d",
}
"""The scenes in which each is played."""
COLUMNS = ("noticed by", "what happens whatever is chosen", "by default", "shown as", "[scenes](scenes.md)")
HEAD = f"| `[faults]` | {' | '.join(COLUMNS)} |"
RULE = "|---|---|---|---|---|---|"


def table() -> str:
    """One line for each fault."""
    return "\n".join([HEAD, RULE, *map(_line, Fault)])


def page() -> str:
    """The page with the table as it must be."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def _line(fault: Fault) -> str:
    row = TABLE[fault]
    told = f", event `fault` ({row.severity})" if row.told else ""
    default = getattr(FaultSettings(), fault.value)
    return f"| `{fault}` | {row.noticed} | {row.holds} | `{default}` | {row.part}{told} | {SCENES[fault]} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
