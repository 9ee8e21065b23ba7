"""Clips: what came before and after is in them, nobody recognisable, never in the loop's way."""

import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest

from device.errors import StoreError
from device.messages import Box, Detection, Frame, VisitPhase
from device.see.privacy import without_persons
from device.tell import clips
from device.tell.clips import ClipRecorder, Reel, Settings, Shot, clip_path, read_times, times_path
from device.tell.quota import Quota
from device.tell.webm import write_webm
from tests.test_journal import idle_pass, visit

CHOSEN = Settings(before_s=2.0, after_s=1.0, longest_s=10.0, rate=5.0)


def frame(time, shade=128):
    image = np.full((96, 640, 3), shade, np.uint8)
    return Frame(time, image, image[..., 0], round(time * 10))


def untouched(picture, observation):  # noqa: ARG001
    return picture.copy()


def recorder(folder, redact=untouched, **changes):
    quota = Quota(folder, changes.pop("most", 10**8), 0)
    return ClipRecorder(replace(CHOSEN, **changes), folder, redact, quota, threaded=False)


def play(film, start, end, news=None, shade=lambda _: 128):
    """Ten frames a second from `start` to `end`; `news` is what is told of visits, by time."""
    for number in range(round(start * 10), round(end * 10)):
        time = number / 10
        observation, decision = idle_pass(time)
        told = tuple((news or {}).get(time, ()))
        film.publish(frame(time, shade(time)), observation, replace(decision, visits=told))


def shades(path):
    film, found = cv2.VideoCapture(str(path)), []
    while True:
        got, picture = film.read()
        if not got:
            return found
        found.append(round(float(picture.mean())))


STAYS = visit(id="a-1", started=5.0, ended=5.0)
LEAVES = visit(id="a-1", started=5.0, ended=8.0, phase=VisitPhase.END)


def test_a_clip_holds_the_seconds_before_the_visit_the_visit_and_those_after(tmp_path):
    film = recorder(tmp_path)
    play(film, 0.0, 20.0, {5.0: [STAYS], 13.0: [LEAVES]}, shade=lambda time: round(10 * time) + 20)
    film.close()
    seen = shades(clip_path(tmp_path, LEAVES))
    assert len(seen) == 31, "five frames a second from 3.0 to 9.0"
    assert read_times(clip_path(tmp_path, LEAVES)) == pytest.approx([3.0 + each / 5 for each in range(31)])
    assert seen[0] == pytest.approx(50, abs=6)
    assert seen[-1] == pytest.approx(110, abs=6)


def test_nothing_is_written_before_the_visit_is_over(tmp_path):
    film = recorder(tmp_path)
    play(film, 0.0, 12.9, {5.0: [STAYS]})
    assert not list(tmp_path.rglob("*"))


def test_of_a_long_visit_the_beginning_is_kept(tmp_path):
    film = recorder(tmp_path)
    play(film, 0.0, 65.0, {5.0: [STAYS], 60.0: [replace(LEAVES, ended=58.0)]})
    assert len(shades(clip_path(tmp_path, LEAVES))) == 61, "from 3.0 to 15.0"


def test_two_visits_at_once_have_a_clip_each(tmp_path):
    film = recorder(tmp_path)
    other = replace(LEAVES, id="a-2", started=6.0, ended=6.5)
    play(film, 0.0, 20.0, {5.0: [STAYS], 6.0: [replace(STAYS, id="a-2", started=6.0)], 12.0: [other, LEAVES]})
    assert len(shades(clip_path(tmp_path, LEAVES))) == 31
    assert len(shades(clip_path(tmp_path, other))) == 18, "from 4.0 to 7.5"


def test_persons_are_hidden_before_anything_is_kept(tmp_path):
    film = recorder(tmp_path, redact=lambda picture, _: np.zeros_like(picture))
    play(film, 0.0, 20.0, {5.0: [STAYS], 13.0: [LEAVES]}, shade=lambda _: 250)
    assert max(shades(clip_path(tmp_path, LEAVES))) < 5


def test_a_person_who_stands_still_stays_hidden_while_the_detector_rests(tmp_path):
    film = recorder(tmp_path, redact=without_persons)
    person = Detection(Box(0.0, 0.0, 1.0, 1.0), "person", 0.9)
    stripes = np.zeros((96, 640, 3), np.uint8)
    stripes[:, ::16] = 250
    for number in range(100):
        observation, decision = idle_pass(number / 10)
        seen = {"looked": True, "persons": (person,)} if number < 10 else {"looked": False}
        news = {50: (STAYS,), 90: (LEAVES,)}.get(number, ())
        shown = Frame(number / 10, stripes, stripes[..., 0], number)
        film.publish(shown, replace(observation, **seen), replace(decision, visits=news))
    film.close()
    _, picture = cv2.VideoCapture(str(clip_path(tmp_path, LEAVES))).read()
    assert picture.std() < 10, f"{stripes.std():.0f} if anything of them is left"


def test_a_device_that_stops_keeps_the_clip_of_a_visit_cut_short(tmp_path):
    film = recorder(tmp_path)
    play(film, 0.0, 5.5, {5.0: [STAYS]})
    film.close()
    assert clip_path(tmp_path, STAYS).is_file()


def test_a_clip_without_room_is_given_up_with_a_word_and_leaves_nothing(tmp_path, caplog):
    film = recorder(tmp_path, most=100)
    play(film, 0.0, 20.0, {5.0: [STAYS], 13.0: [LEAVES]})
    assert "no room for pictures" in caplog.text
    assert not list(tmp_path.rglob("*.webm"))


def test_a_folder_that_is_a_file_is_told_and_not_raised(tmp_path, caplog):
    (tmp_path / "2023-11-14").write_text("in the way")
    heard = []
    film = ClipRecorder(
        CHOSEN, tmp_path, untouched, Quota(tmp_path, 10**8, 0), threaded=False, said=heard.append
    )
    play(film, 0.0, 20.0, {5.0: [STAYS], 13.0: [LEAVES]})
    assert len(heard) == 1 and heard[0] and "2023-11-14" in caplog.text


def test_a_clock_set_back_goes_on_filming(tmp_path):
    film = recorder(tmp_path)
    play(film, 100.0, 103.0)
    play(film, 0.0, 20.0, {5.0: [STAYS], 13.0: [LEAVES]})
    assert len(shades(clip_path(tmp_path, LEAVES))) == 31


def test_the_ring_forgets_what_is_older_than_the_seconds_before():
    reel = Reel(CHOSEN)
    for number in range(1000):
        reel.add(Shot(number / 5, b"x"))
    reel.visit(replace(STAYS, started=200.0))
    reel.visit(replace(LEAVES, started=200.0, ended=200.0))
    (clip,) = reel.finished(202.0)
    assert [shot.time for shot in clip.shots] == [198.0 + number / 5 for number in range(10)]
    assert not reel.finished(203.0)


def test_a_slow_disk_never_holds_the_loop_up(tmp_path):
    may_go_on, waits = threading.Event(), threading.Event()

    def slow(picture, _):
        waits.set()
        assert may_go_on.wait(20)
        return picture

    film = ClipRecorder(CHOSEN, tmp_path, slow, Quota(tmp_path, 10**8, 0))
    play(film, 0.0, 1.0)
    assert waits.wait(20)
    play(film, 1.0, 30.0, {5.0: [STAYS], 13.0: [LEAVES]})  # comes back though the thread stands still
    may_go_on.set()
    film.close()
    assert len(shades(clip_path(tmp_path, LEAVES))) <= clips.WAITING


def test_a_damaged_picture_is_refused():
    with pytest.raises(StoreError, match="damaged"):
        write_webm("unused.webm", [b"no jpeg"], 5.0)


def test_a_film_that_cannot_be_begun_names_the_place(tmp_path):
    _, jpeg = cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))
    with pytest.raises(StoreError, match="nowhere"):
        write_webm(tmp_path / "nowhere" / "clip.webm", [jpeg.tobytes()], 5.0)


def test_the_times_of_a_films_frames_are_kept_with_it_and_given_up_with_it(tmp_path):
    film = tmp_path / "2027-01-15" / "a-1.webm"
    assert read_times(film) == ()
    times_path(film).parent.mkdir()
    times_path(film).write_text("[1.0, 1.25]")
    assert read_times(film) == (1.0, 1.25)
    for damaged in ("", "{}}", "[null]", "5"):
        times_path(film).write_text(damaged)
        assert read_times(film) == ()
    film.write_bytes(b"x" * 100)
    film.with_name("a-2.webm").write_bytes(b"x" * 100)
    Quota(tmp_path, 150, 0).make_room(0)
    assert [path.name for path in film.parent.iterdir()] == ["a-2.webm"]
