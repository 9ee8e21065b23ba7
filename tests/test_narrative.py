"""The story of an evening: what a person reads in the log."""

import logging
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from device.messages import (
    BoltState,
    Door,
    Event,
    Heading,
    Inputs,
    MeterReading,
    Mode,
    Outcome,
    Settings,
    VisitKind,
    VisitPhase,
)
from device.tell.narrative import Narrative, story
from device.tell.sink import Told
from tests.test_journal import idle_pass, seen, visit

NEW = visit(who=None, outcome=Outcome.UNDECIDED, rule="own", reason="waiting: who it is", evidence=())
KNOWN = visit(phase=VisitPhase.UPDATE)
WENT_IN = visit(phase=VisitPhase.END, kind=VisitKind.TRANSIT, ended=8.0)


def passed(time, *visits, wall=None, events=(), would=False, **seen_now):
    observation, decision = idle_pass(time, wall=wall, **seen_now)
    return Told(observation, replace(decision, visits=visits, events=events, would=would))


def said(visit, before=None, **changes):
    told = passed(1.0, visit, **changes)
    lines = story(told.observation, told.decision, idle_pass(0.0), {before.id: before} if before else {})
    return [text for _, text in lines]


def test_an_evening_reads_like_a_story(caplog):
    start = 1.7e9  # 22:13:20 UTC, 23:13:20 in Berlin
    opened = Inputs(3.0, bolt=BoltState.UNLOCKED)
    passing = Inputs(4.0, Door.OPEN, BoltState.UNLOCKED)
    behind = Inputs(5.0, Door.CLOSED, BoltState.LOCKED)
    evening = [
        passed(0.0, wall=start),
        passed(1.0, NEW, wall=start + 1),
        passed(2.0, KNOWN, wall=start + 2),
        passed(3.0, wall=start + 3, inputs=opened),
        passed(4.0, wall=start + 4, inputs=passing),
        passed(5.0, wall=start + 5, inputs=behind),
        passed(9.0, WENT_IN, wall=start + 9, inputs=behind),
    ]
    with caplog.at_level(logging.INFO):
        Narrative(ZoneInfo("Europe/Berlin")).tell(evening)
    assert [record.getMessage() for record in caplog.records] == [
        "23:13:20 the mode is normal; not enforcing: the bolt stays as the project says",
        "23:13:21 a cat comes to the door",
        "23:13:22 mimi, mouth empty (4.3 of 4.0): unlocked",
        "23:13:23 the bolt is open",
        "23:13:24 the flap opens",
        "23:13:25 the flap is closed",
        "23:13:25 the bolt is locked",
        "23:13:29 mimi went in after 8 s",
    ]


def test_without_a_clock_the_story_counts_from_its_beginning(caplog):
    with caplog.at_level(logging.INFO):
        Narrative().tell([passed(500.0), passed(512.34, NEW)])
    assert caplog.records[-1].getMessage() == "+12.3 s a cat comes to the door"


def test_frames_in_which_nothing_new_is_seen_say_nothing(caplog):
    narrative = Narrative()
    narrative.tell([passed(0.0)])
    with caplog.at_level(logging.INFO):
        caplog.clear()
        narrative.tell([passed(float(time), looked=True, sightings=(seen(),)) for time in range(100)])
        narrative.close()
    assert caplog.records == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"who": "mimi"}, "mimi"),
        ({"who": "stranger"}, "a stranger (cat)"),
        ({"who": None}, "a cat"),
        ({"who": None, "species": "other animal"}, "an animal"),
        ({"who": None, "species": ""}, "an animal"),
        ({"who": None, "species": "owl"}, "an owl"),
    ],
)
def test_visitors_are_called_by_what_is_known_of_them(changes, line):
    assert said(visit(**changes))[0] == f"{line} comes to the door"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"outcome": Outcome.KEEP_LOCKED, "reason": "at night"},
            "mimi, mouth empty (4.3 of 4.0): stays locked (at night)",
        ),
        (
            {
                "outcome": Outcome.LOCK_OUT, "reason": "prey",
                "evidence": (MeterReading("mouth empty", -4.2, 4.0, -4.0, 5, False),),
            },
            "mimi, something in the mouth (-4.2 of -4.0): locked out (prey)",
        ),
        ({"evidence": (MeterReading("mouth empty", 1.0, 4.0, -4.0, 5, None),)}, "mimi: unlocked"),
    ],
)  # fmt: skip
def test_an_answer_says_what_it_rests_on(changes, line):
    assert said(visit(phase=VisitPhase.UPDATE, **changes), before=NEW) == [line]


def test_without_enforcing_it_says_what_it_would_have_done():
    assert said(KNOWN, before=NEW, would=True) == ["mimi, mouth empty (4.3 of 4.0): would be unlocked"]


def test_doubt_that_returns_is_said():
    doubt = replace(KNOWN, outcome=Outcome.UNDECIDED, reason="waiting: mouth not seen", evidence=())
    assert said(doubt, before=KNOWN) == ["mimi: undecided (waiting: mouth not seen)"]


@pytest.mark.parametrize(
    ("kind", "direction", "line"),
    [
        (VisitKind.TRANSIT, Heading.IN, "mimi went in after 8 s"),
        (VisitKind.TRANSIT, Heading.OUT, "mimi went out after 8 s"),
        (VisitKind.DENY, Heading.IN, "mimi was kept out and left after 8 s"),
        (VisitKind.PEEK, Heading.UNCLEAR, "mimi left after 8 s"),
        (VisitKind.BREACH, Heading.IN, "mimi came in without permission after 8 s"),
    ],
)
def test_every_end_is_told(kind, direction, line):
    assert said(replace(WENT_IN, kind=kind, direction=direction), before=replace(KNOWN)) == [line]


def test_an_event_that_tells_of_the_end_stands_alone():
    event = Event(1.0, None, "breach", "mimi came in without permission: why", "critical", "a-1")
    assert said(replace(WENT_IN, kind=VisitKind.BREACH), before=KNOWN, events=(event,)) == [event.text]


def test_an_animal_that_leaves_the_house_is_on_its_way_out():
    assert said(replace(NEW, direction=Heading.OUT)) == ["a cat is on its way out"]


def test_the_severity_of_an_event_is_that_of_its_line():
    events = tuple(Event(1.0, None, "x", level, level) for level in ("info", "warning", "critical"))
    told = passed(1.0, events=events)
    lines = story(told.observation, told.decision, idle_pass(0.0), {})
    assert lines == [(logging.INFO, "info"), (logging.WARNING, "warning"), (logging.CRITICAL, "critical")]


def test_the_owners_settings_and_the_guards_refusal_are_told():
    now = passed(1.0, settings=Settings(Mode.LOCKED, True), inputs=Inputs(1.0, refusal="the coil is hot"))
    texts = [text for _, text in story(now.observation, now.decision, idle_pass(0.0), {})]
    assert texts == ["the mode is locked; the bolt obeys", "the guard does not obey: the coil is hot"]


def test_a_jammed_bolt_is_an_error():
    now = passed(1.0, inputs=Inputs(1.0, bolt=BoltState.JAMMED))
    assert story(now.observation, now.decision, idle_pass(0.0), {})[0][0] == logging.ERROR
