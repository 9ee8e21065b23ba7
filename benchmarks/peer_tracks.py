"""Runs in a peer's own environment, without anything of ours: sequences in, tracks out, a line of JSON each.

What a peer says of animals that it does not see in a frame is left out, and of those it sees the box is the
detection's, as it is for our own tracker.
"""

import json
import sys
import time

import numpy as np


def norfair(rate, settings):
    from norfair import Detection, Tracker  # noqa: PLC0415

    more = {}
    if "lost_s" in settings:
        more = {"hit_counter_max": max(round(settings["lost_s"] * rate), 2)}
        more["initialization_delay"] = min(settings["delay"], more["hit_counter_max"] - 1)
    distance = settings["distance"]
    tracker = Tracker(
        distance_function=euclidean if distance == "euclidean" else distance,
        distance_threshold=settings["threshold"],
        **more,
    )

    def update(boxes):
        found = [Detection(points=box[:4].reshape(2, 2), scores=box[4:].repeat(2)) for box in boxes]
        objects = tracker.update(detections=found)
        here = {id(each): each for each in found}
        return [
            [each.id, *each.last_detection.points.reshape(-1).tolist()]
            for each in objects
            if id(each.last_detection) in here
        ]

    return update


def euclidean(detection, tracked):
    """The mean distance of both corners, in widths of the picture."""
    return float(np.linalg.norm(detection.points - tracked.estimate, axis=1).mean())


def bytetrack(rate, settings):
    from supervision import ByteTrack, Detections  # noqa: PLC0415

    more = {}
    if settings:
        more = {
            "minimum_matching_threshold": settings["match"],
            "lost_track_buffer": round(settings["lost_s"] * 30),  # counted in frames of 30 a second
            "track_activation_threshold": settings["least"],
            "minimum_consecutive_frames": settings["delay"],
        }
    tracker = ByteTrack(frame_rate=rate, **more)

    def update(boxes):
        found = Detections(
            xyxy=boxes[:, :4] * 1000, confidence=boxes[:, 4], class_id=np.zeros(len(boxes), int)
        )
        told = tracker.update_with_detections(found)
        ids = [] if told.tracker_id is None else told.tracker_id
        return [
            [int(track), *(box / 1000).tolist()]
            for track, box in zip(ids, told.xyxy, strict=True)
            if track >= 0
        ]

    return update


def main():
    begin = {"norfair": norfair, "bytetrack": bytetrack}[sys.argv[1]]
    for line in sys.stdin:
        asked = json.loads(line)
        update, tracks, seconds = begin(asked["rate"], asked["settings"]), [], []
        for frame in asked["frames"]:
            boxes = np.array(frame, dtype=float).reshape(-1, 5)
            began = time.perf_counter()
            told = update(boxes)
            seconds.append(time.perf_counter() - began)
            tracks.append(told)
        sys.stdout.write(json.dumps({"tracks": tracks, "seconds": seconds}) + "\n")
        sys.stdout.flush()


main()
