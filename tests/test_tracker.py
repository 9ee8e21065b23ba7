"""The tracker on generated trajectories: ids, labels, directions, at few and many frames a second."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import ConfigError
from device.messages import Box, Detection, Heading, Track
from device.parts import read_settings
from device.see.association import associate
from device.see.tracker import BoxTracker, Settings, build

Path = Callable[[float], tuple[float, float]]
"""Where an animal's centre is at a time."""


def at(x: float, y: float, label: str = "cat", score: float = 0.8, size: float = 0.2) -> Detection:
    return Detection(Box.from_corners(x - size / 2, y - size / 2, x + size / 2, y + size / 2), label, score)


def line(x: float, y: float, vx: float, vy: float) -> Path:
    return lambda time: (x + vx * time, y + vy * time)


def follow(tracker: BoxTracker, paths: Sequence[Path], rate: float, seconds: float) -> list[Sequence[Track]]:
    """What the tracker says to each frame of animals that move along `paths`."""
    times = [index / rate for index in range(int(seconds * rate) + 1)]
    return [tracker.update(time, [at(*path(time)) for path in paths]) for time in times]


def ids(answers: Sequence[Sequence[Track]]) -> set[int]:
    return {track.id for tracks in answers for track in tracks}


def test_a_track_is_confirmed_by_its_second_detection() -> None:
    tracker = build(Settings())
    assert not tracker.update(0.0, [at(0.5, 0.5)])
    (track,) = tracker.update(0.2, [at(0.5, 0.5)])
    assert (track.id, track.frames, track.first_time, track.time, track.seen) == (1, 2, 0.0, 0.2, True)


def test_a_motionless_animal_is_confirmed_by_two_looks_two_seconds_apart() -> None:
    tracker = build(Settings())
    tracker.update(0.0, [at(0.5, 0.5)])
    assert len(tracker.update(2.1, [at(0.5, 0.5)])) == 1


def test_one_detection_alone_never_becomes_a_track() -> None:
    tracker = build(Settings())
    answers = [tracker.update(0.0, [at(0.5, 0.5)]), *(tracker.update(i / 5, []) for i in range(1, 20))]
    assert not any(answers)


def test_a_lost_animal_is_followed_for_a_while_and_then_given_up() -> None:
    tracker = build(Settings(lost_seconds=2.0))
    follow(tracker, [line(0.5, 0.5, 0, 0)], 5, 1.0)
    assert [track.seen for track in tracker.update(1.5, [])] == [False]
    assert [track.seen for track in tracker.update(3.0, [])] == [False]
    assert not tracker.update(3.1, [])


def test_a_lost_animal_that_comes_back_keeps_its_id() -> None:
    tracker = build(Settings())
    follow(tracker, [line(0.5, 0.5, 0, 0)], 5, 1.0)
    for time in (1.2, 1.4, 1.6, 1.8):
        tracker.update(time, [])
    (track,) = tracker.update(2.0, [at(0.55, 0.52)])
    assert track.id == 1
    assert track.seen


def test_an_animal_after_a_long_pause_of_the_camera_is_a_new_one() -> None:
    tracker = build(Settings())
    follow(tracker, [line(0.5, 0.5, 0, 0)], 5, 1.0)
    answers = [tracker.update(time, [at(0.5, 0.5)]) for time in (600.0, 600.2)]
    assert ids(answers) == {2}


def test_a_weak_detection_continues_a_track_but_begins_none() -> None:
    tracker = build(Settings())
    for time in (0.0, 0.2, 0.4):
        assert not tracker.update(time, [at(0.5, 0.5, score=0.2)])
    follow(tracker, [line(0.5, 0.5, 0, 0)], 5, 0.4)
    (track,) = tracker.update(0.6, [at(0.5, 0.5, score=0.2)])
    assert track.seen
    assert not tracker.update(0.8, [at(0.5, 0.5, score=0.1)])[0].seen


def test_who_walks_in_front_does_not_take_the_track_of_whom_it_covers() -> None:
    tracker = build(Settings())
    first, second = follow(tracker, [line(0.5, 0.5, 0, 0), line(0.6, 0.5, 0, 0)], 5, 0.4)[-1]
    looks = tracker.update(0.6, [at(0.53, 0.5, score=0.9), at(0.5, 0.5, score=0.2)])
    assert {track.id: track.score for track in looks} == {first.id: 0.2, second.id: 0.9}


def test_a_strong_detection_nearby_is_preferred_to_a_weak_one() -> None:
    tracker = build(Settings())
    follow(tracker, [line(0.5, 0.5, 0, 0)], 5, 0.4)
    (track,) = tracker.update(0.6, [at(0.5, 0.5, score=0.2), at(0.53, 0.5, score=0.9)])
    assert track.score == 0.9


@pytest.mark.parametrize("rate", [3, 5, 15])
@pytest.mark.parametrize("merges", [False, True])
def test_two_animals_that_cross_do_not_swap(rate: float, merges: bool) -> None:
    """With `merges` the detector sees one box while the two cover each other."""
    paths = line(0.1, 0.5, 0.3, 0.0), line(0.9, 0.52, -0.3, 0.0)
    tracker = build(Settings())
    answers = []
    for index in range(int(2.6 * rate) + 1):
        first, second = (at(*path(index / rate)) for path in paths)
        hidden = merges and first.box.iou(second.box) > 0.5
        answers.append(tracker.update(index / rate, [first] if hidden else [second, first]))
    start, end = answers[1], answers[-1]
    assert ids(answers) == {1, 2}
    left_first = min(start, key=lambda track: track.box.left).id
    right_last = max(end, key=lambda track: track.box.left).id
    assert left_first == right_last


@pytest.mark.parametrize("rate", [3, 15])
def test_a_meeting_from_which_both_turn_back_keeps_the_ids(rate: float) -> None:
    def there_and_back(start: float, speed: float) -> Path:
        return lambda time: (start + speed * (time if time < 1.0 else 2.0 - time), 0.5)

    answers = follow(build(Settings()), [there_and_back(0.15, 0.2), there_and_back(0.85, -0.2)], rate, 2.0)
    first = {track.id: track.box.left < 0.5 for track in answers[1]}
    last = {track.id: track.box.left < 0.5 for track in answers[-1]}
    assert first == last


def test_a_person_and_a_cat_never_share_a_track() -> None:
    tracker = build(Settings())
    for index in range(4):
        tracker.update(index / 5, [at(0.5, 0.5, "person")])
    tracks = [tracker.update(index / 5, [at(0.5, 0.5, "cat")]) for index in range(4, 8)][-1]
    assert {(track.id, track.label, track.seen) for track in tracks} == {
        (1, "person", False),
        (2, "cat", True),
    }


def test_a_single_wrong_label_does_not_rename_an_animal() -> None:
    tracker = build(Settings())
    labels = ["cat", "cat", "dog", "cat", "cat", "dog"]
    answers = [tracker.update(index / 5, [at(0.5, 0.5, label)]) for index, label in enumerate(labels)]
    assert {track.label for tracks in answers for track in tracks} == {"cat"}


def test_a_lasting_new_label_wins_in_the_end() -> None:
    tracker = build(Settings())
    labels = ["cat"] * 5 + ["dog"] * 30
    answers = [tracker.update(index / 5, [at(0.5, 0.5, label)]) for index, label in enumerate(labels)]
    assert answers[-1][0].label == "dog"


@pytest.mark.parametrize("rate", [3, 15])
@pytest.mark.parametrize(
    ("path", "heading"),
    [
        (line(0.5, 0.3, 0.0, 0.3), Heading.IN),
        (line(0.5, 0.9, 0.0, -0.3), Heading.OUT),
        (line(0.2, 0.3, 0.1, 0.1), Heading.IN),
        (line(0.2, 0.5, 0.3, 0.0), Heading.UNCLEAR),
        (line(0.5, 0.5, 0.0, 0.0), Heading.UNCLEAR),
    ],
)
def test_the_direction_follows_the_way_over_the_line(rate: float, path: Path, heading: Heading) -> None:
    (track,) = follow(build(Settings()), [path], rate, 2.0)[-1]
    assert track.heading is heading


def test_trembling_on_the_line_gives_no_direction() -> None:
    draw = random.Random(7)
    tracker = build(Settings())
    answers = [tracker.update(i / 10, [at(0.5, 0.6 + draw.uniform(-0.03, 0.03))]) for i in range(100)]
    assert {track.heading for tracks in answers for track in tracks} == {Heading.UNCLEAR}


def test_an_animal_that_turns_before_the_door_goes_out() -> None:
    def visit(time: float) -> tuple[float, float]:
        return 0.5, 0.2 + 0.3 * (time if time < 1.5 else 3.0 - time)

    answers = follow(build(Settings()), [visit], 5, 3.0)
    assert answers[7][0].heading is Heading.IN
    assert answers[-1][0].heading is Heading.OUT


def test_a_waiting_animal_keeps_the_heading_with_which_it_came() -> None:
    answers = follow(build(Settings()), [lambda time: (0.5, min(0.3 + 0.3 * time, 0.7))], 5, 10.0)
    assert answers[-1][0].heading is Heading.IN


@pytest.mark.parametrize(("inward", "heading"), [("right", Heading.IN), ("left", Heading.OUT)])
def test_the_inward_side_is_a_setting(inward: str, heading: Heading) -> None:
    settings = read_settings(Settings, "[tracker]", {"line": [[0.5, 0.0], [0.5, 1.0]], "inward": inward})
    (track,) = follow(build(settings), [line(0.3, 0.5, 0.3, 0.0)], 5, 1.5)[-1]
    assert track.heading is heading


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"line": [[0.5, 0.5], [0.5, 0.5]]}, "two different points"),
        ({"line": [[0.5, 0.0], [0.5, 1.0]]}, "use left or right"),
        ({"line": [[0.0, 0.5], [1.5, 0.5]]}, "1.5"),
        ({"low": 0.5}, "low 0.5 is above high 0.35"),
        ({"inward": "north"}, "north"),
    ],
)
def test_settings_that_do_not_fit_are_refused(keys: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_settings(Settings, "[tracker]", keys)


def test_boxes_given_back_lie_within_the_picture_and_are_never_empty() -> None:
    tracker = build(Settings())
    follow(tracker, [line(0.5, 0.8, 0.0, 0.4)], 10, 0.4)
    for time in (0.6, 0.8, 1.5, 2.0):
        (track,) = tracker.update(time, [])
        assert track.box.area > 0
        assert track.box.bottom <= 1.0 + 1e-9


def test_a_detection_that_reaches_out_of_the_picture_is_given_back_within_it() -> None:
    tracker = build(Settings())
    beyond = Detection(Box(-0.25, 0.75, 0.5, 0.5), "cat", 0.8)
    tracks = [tracker.update(time, [beyond]) for time in (0.0, 0.2)][-1]
    assert [track.box for track in tracks] == [Box(0.0, 0.75, 0.25, 0.25)]


def test_the_association_trades_a_good_pair_for_a_better_sum() -> None:
    assert associate([[0.9, 0.8], [0.8, 0.1]], 0.05) == {0: 1, 1: 0}
    assert associate([[0.9, 0.0], [0.8, 0.0]], 0.05) == {0: 0}
    assert associate([[0.3, 0.2, 0.0], [0.29, 0.0, 0.0]], 0.05) == {0: 1, 1: 0}
    assert associate([], 0.05) == {}


@given(
    rate=st.floats(3, 15),
    start=st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)),
    bend=st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)),
    end=st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)),
    seconds=st.floats(3.5, 6),
    seed=st.integers(0, 1000),
)
def test_one_animal_in_smooth_motion_is_one_track(
    rate: float,
    start: tuple[float, float],
    bend: tuple[float, float],
    end: tuple[float, float],
    seconds: float,
    seed: int,
) -> None:
    """A quadratic curve with shaking boxes, shaking intervals and every fifth detection missing."""
    draw = random.Random(seed)
    tracker = build(Settings())
    answers = []
    for index in range(int(seconds * rate)):
        time = (index + draw.uniform(0, 0.3)) / rate
        u = min(time / seconds, 1.0)
        x, y = (
            (1 - u) ** 2 * a + 2 * u * (1 - u) * b + u**2 * c + draw.uniform(-0.01, 0.01)
            for a, b, c in zip(start, bend, end, strict=True)
        )
        answers.append(tracker.update(time, [] if index % 5 == 4 else [at(x, y)]))
    assert ids(answers) == {1}


@given(st.lists(st.lists(st.tuples(*[st.floats(0, 1)] * 3), max_size=5), max_size=12))
def test_equal_input_gives_equal_tracks(frames: list[list[tuple[float, float, float]]]) -> None:
    def run() -> list[Sequence[Track]]:
        tracker = build(Settings())
        return [
            tracker.update(index / 5, [at(x, y, score=score) for x, y, score in boxes])
            for index, boxes in enumerate(frames)
        ]

    answers = run()
    assert answers == run()
    for tracks in answers:
        assert len({track.id for track in tracks}) == len(tracks)


def test_a_box_that_shows_a_part_of_an_animal_begins_no_second_track() -> None:
    tracker = build(Settings())
    whole, head = at(0.5, 0.5, size=0.4), at(0.5, 0.38, size=0.12)
    assert ids([tracker.update(index / 5, [whole, head]) for index in range(10)]) == {1}


def test_a_second_animal_beside_the_first_has_a_track_of_its_own() -> None:
    tracker = build(Settings())
    pair = [at(0.4, 0.5, size=0.2), at(0.5, 0.5, size=0.2)]
    assert ids([tracker.update(index / 5, pair) for index in range(10)]) == {1, 2}


def test_a_person_who_stands_behind_an_animal_has_a_track_of_its_own() -> None:
    tracker = build(Settings())
    pair = [at(0.5, 0.6, size=0.2), at(0.5, 0.5, "person", size=0.8)]
    assert ids([tracker.update(index / 5, pair) for index in range(10)]) == {1, 2}


@pytest.mark.parametrize("rate", [3, 15])
def test_who_comes_while_another_is_out_of_sight_is_not_taken_for_it(rate: float) -> None:
    tracker = build(Settings())
    leaving = follow(tracker, [line(0.5, 0.5, 0.25, 0.0)], rate, 1.0)
    later = [1.0 + index / rate for index in range(1, int(2 * rate))]
    coming = [tracker.update(time, [at(0.45, 0.5)]) for time in later]
    assert {track.id for track in leaving[-1]} == {1}
    assert {track.id for tracks in coming for track in tracks if track.seen} == {2}


def test_who_appears_beside_the_place_where_one_was_lost_is_another() -> None:
    tracker = build(Settings())
    follow(tracker, [line(0.5, 0.5, 0, 0)], 5, 1.0)
    answers = [tracker.update(2.4 + index / 5, [at(0.8, 0.5)]) for index in range(3)]
    assert {track.id for tracks in answers for track in tracks if track.seen} == {2}


def test_a_small_box_where_a_large_animal_was_lost_is_another_animal() -> None:
    tracker = build(Settings())
    for index in range(5):
        tracker.update(index / 5, [at(0.5, 0.5, size=0.5)])
    answers = [tracker.update(1.7 + index / 5, [at(0.5, 0.4, size=0.2)]) for index in range(3)]
    assert {track.id for tracks in answers for track in tracks if track.seen} == {2}


@pytest.mark.parametrize(
    ("rate", "speed", "size"), [(3, 0.4, 0.15), (3, 0.6, 0.2), (5, 0.9, 0.15), (10, 0.9, 0.1)]
)
def test_an_animal_that_stood_and_dashes_off_remains_the_same(rate: float, speed: float, size: float) -> None:
    tracker = build(Settings())
    times = [index / rate for index in range(int((2 + 0.8 / speed) * rate))]
    places = [0.1 + speed * max(time - 2.0, 0.0) for time in times]
    answers = [tracker.update(time, [at(x, 0.5, size=size)]) for time, x in zip(times, places, strict=True)]
    assert ids(answers) == {1}


def test_an_animal_that_leaves_a_weak_box_behind_does_not_become_two() -> None:
    tracker = build(Settings())
    follow(tracker, [line(0.5, 0.5, 0, 0)], 5, 1.0)
    (track,) = tracker.update(1.2, [at(0.61, 0.5, score=0.9), at(0.5, 0.5, score=0.2)])
    assert (track.id, track.score) == (1, 0.9)


def test_two_boxes_that_are_far_too_large_do_not_make_a_second_animal() -> None:
    """So did a cat that jumped: one box of the whole picture's height without hers, one around hers."""
    tracker = build(Settings())
    follow(tracker, [line(0.5, 0.5, 0, 0)], 25, 0.8)
    assert not tracker.update(0.84, [at(0.5, 0.5, size=1.0, score=0.4)])[0].seen
    hers = at(0.5, 0.5)
    assert ids([tracker.update(0.88, [hers]), tracker.update(0.92, [hers, at(0.5, 0.5, size=0.7)])]) == {1}


def test_who_appears_beside_an_animal_hardly_seen_does_not_take_its_track() -> None:
    tracker = build(Settings())
    follow(tracker, [line(0.5, 0.5, 0, 0)], 5, 1.0)
    looks = [tracker.update(time, [at(0.64, 0.5, score=0.9), at(0.5, 0.5, score=0.3)]) for time in (1.2, 1.4)]
    assert [(track.id, track.score) for track in looks[-1]] == [(1, 0.3), (2, 0.9)]


def test_the_strong_box_most_like_an_animal_takes_the_place_of_a_weak_one() -> None:
    tracker = build(Settings())
    follow(tracker, [line(0.5, 0.5, 0, 0)], 5, 1.0)
    other, hers, ghost = at(0.37, 0.5, score=0.9), at(0.61, 0.5, score=0.4), at(0.5, 0.5, score=0.2)
    assert tracker.update(1.2, [other, hers, ghost])[0].score == 0.4


def test_one_strong_box_is_never_given_to_two_animals() -> None:
    tracker = build(Settings())
    follow(tracker, [line(0.42, 0.5, 0, 0), line(0.58, 0.5, 0, 0)], 5, 1.0)
    boxes = [at(0.5, 0.5, score=0.9), at(0.42, 0.5, score=0.2), at(0.58, 0.5, score=0.2)]
    first, second = tracker.update(1.2, boxes)
    assert {first.id, second.id} == {1, 2}
    assert first.box != second.box


def test_who_walks_up_to_an_animal_and_is_half_covered_at_once_has_a_track_of_its_own() -> None:
    """A follower nose to tail must be known of, or nobody is told that two came in."""
    tracker = build(Settings())
    first = at(0.5, 0.5, size=0.3)
    places = [0.35, 0.38, 0.38]
    for index in range(3):
        tracker.update(index / 5, [first])
    answers = [tracker.update(0.6 + index / 5, [first, at(0.5, y)]) for index, y in enumerate(places)]
    assert ids(answers) == {1, 2}


def test_an_animal_of_which_only_the_head_remains_to_be_seen_does_not_become_two() -> None:
    tracker = build(Settings())
    for index in range(5):
        tracker.update(index / 5, [at(0.5, 0.5, size=0.4)])
    assert ids([tracker.update(0.8 + index / 5, [at(0.5, 0.38, size=0.15)]) for index in range(1, 4)]) == {1}


def test_a_weak_detection_makes_no_track_of_what_was_seen_once() -> None:
    tracker = build(Settings())
    tracker.update(0.0, [at(0.5, 0.5)])
    assert not tracker.update(0.2, [at(0.5, 0.5, score=0.3)])
    assert tracker.update(0.4, [at(0.5, 0.5)])


@pytest.mark.parametrize("confirm", [1, 2])
def test_boxes_without_a_size_are_nobody(confirm: int) -> None:
    """What a detector finds out of the picture is clipped to an edge of it."""
    tracker = build(Settings(confirm=confirm))
    upright, level = Box(1.0, 0.8, 0.0, 0.2), Box(0.9, 0.9, 0.1, 0.0)
    for index, box in enumerate([upright, level] * 3):
        assert not tracker.update(index / 5, [Detection(box, "cat", 0.8)])
