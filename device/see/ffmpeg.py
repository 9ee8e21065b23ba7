"""Opens a video file or a network camera's stream with FFmpeg, quietly."""

from __future__ import annotations

import os
from collections.abc import Sequence

import cv2

OPTIONS = "rtsp_transport;tcp|fflags;discardcorrupt"
"""Streams come over TCP, since UDP loses packets on Wi-Fi and smears the picture; a packet that was cut
short, as at the end of a truncated file, is passed over instead of becoming half a picture."""

WHOLE = 0.95
"""A video that ends before this share of what it promises is cut short."""

MOST_FRAMES = 1e8
"""A video of unknown length promises absurdly many."""


def open_capture(address: str, settings: Sequence[int] = ()) -> cv2.VideoCapture:
    """The capture of a file or address, perhaps not opened; `settings` are pairs of property and value.

    FFmpeg would tell every damaged byte on standard error; what matters is told by our own errors.
    Whoever set OpenCV's environment variables keeps them.
    """
    os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", OPTIONS)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    logging = cv2.utils.logging
    level = logging.getLogLevel()
    logging.setLogLevel(logging.LOG_LEVEL_ERROR)
    try:
        return cv2.VideoCapture(address, cv2.CAP_FFMPEG, list(settings))
    finally:
        logging.setLogLevel(level)


def is_cut_short(promised: float, frames: float, periods: float) -> bool:
    """Whether a video that promises a count of frames ended early, by its frames and by its time.

    Containers are rough in the one or the other (a variable rate, a missing count), not in both.
    """
    return max(frames, periods) < WHOLE * promised < MOST_FRAMES
