"""What inference takes on boards that nobody here has: published figures, and what follows from them.

An estimate, not a measurement. Published is SSD with MobileNet v2 at 300 x 300, as our detector is; for our
embedding nothing is, so it is taken to be to the detector as it is on this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TSUKAMOTO = "github.com/NobuoTsukamoto/benchmarks, tensorflow/lite/tf1_detection_model_zoo/raspi.md"
ALLAN = "github.com/aallan/benchmarking-ml-on-the-edge, README.md"


@dataclass(frozen=True, slots=True)
class Board:
    """One Raspberry Pi with what is published of it."""

    name: str
    detector_ms: float
    source: str
    says: str


BOARDS: Sequence[Board] = (
    Board(
        "Pi Zero 2 W",
        222.17 * 1.2,
        TSUKAMOTO,
        "SSDLite MobileNet v2 int8, 64 bit, two threads, Pi 3 V1.2 (Cortex-A53, too, 1.2 GHz): 222.17 ms; "
        "times 1.2 for 1.0 GHz",
    ),
    Board("Pi 3B+", 192.29, TSUKAMOTO, "SSDLite MobileNet v2 int8, 64 bit, two threads: 192.29 ms"),
    Board("Pi 4", 93.39, TSUKAMOTO, "SSDLite MobileNet v2 int8, 64 bit, two threads: 93.39 ms"),
    Board("Pi 5", 23.5, ALLAN, "SSD MobileNet v2, TensorFlow Lite: 23.5 ms (there the Pi 4 has 112.6 ms)"),
)


def estimate(embedding_share: float, rest_share: float) -> list[tuple[str, str, str, str]]:
    """By board: detector, a whole pass and passes a second, with one animal in view.

    Args:
        embedding_share: the embedding's time, part of the detector's, as measured here.
        rest_share: what is not inference, part of a pass, as measured here.
    """
    rows = []
    for board in BOARDS:
        whole = board.detector_ms * (1 + embedding_share) / (1 - rest_share)
        rows.append((board.name, f"{board.detector_ms:.0f}", f"{whole:.0f}", f"{1000 / whole:.1f}"))
    return rows


def sources() -> str:
    """Where each figure is from."""
    return "\n".join(f"{board.name}: {board.says}; {board.source}" for board in BOARDS)
