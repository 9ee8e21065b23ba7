"""Time windows: across midnight, by weekday, on daylight saving nights, with the clock unset."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.decide.conditions import parse
from device.decide.facts import Facts
from device.decide.schedule import DAYS, Window
from device.errors import ConfigError
from device.messages import Door, Mode
from tests.making import BERLIN, steady, wall

NIGHT = Window.parse("22:00-06:00")
SATURDAY_NIGHT = Window.parse({"from": "22:00", "to": "06:00", "days": ["sat"]})


def at(text: str, fold: int = 0) -> datetime:
    """A local time as the policy makes it: from UTC."""
    return datetime.fromtimestamp(wall(text, fold=fold), BERLIN)


def answer(window: object, local: datetime | None) -> bool | None:
    return parse("window", window)(Facts(Mode.NORMAL, Door.UNKNOWN, {}, local)).value


@pytest.mark.parametrize(
    ("local", "inside"),
    [
        ("2026-05-04 21:59", False),
        ("2026-05-04 22:00", True),
        ("2026-05-04 23:59:59", True),
        ("2026-05-05 00:00", True),
        ("2026-05-05 05:59:59", True),
        ("2026-05-05 06:00", False),
        ("2026-05-05 12:00", False),
    ],
)
def test_a_window_across_midnight_includes_its_start_and_excludes_its_end(local, inside):
    assert NIGHT.contains(at(local)) is inside


@pytest.mark.parametrize(
    ("local", "inside"), [("08:59", False), ("09:00", True), ("16:59", True), ("17:00", False)]
)
def test_a_window_within_a_day_includes_its_start_and_excludes_its_end(local, inside):
    assert Window.parse("09:00-17:00").contains(at(f"2026-05-04 {local}")) is inside


@pytest.mark.parametrize(
    ("local", "inside"),
    [
        ("2026-05-01 23:00", False),  # Friday
        ("2026-05-02 02:00", False),  # the night that began on Friday
        ("2026-05-02 22:00", True),  # Saturday
        ("2026-05-03 05:59", True),  # Sunday morning, the night that began on Saturday
        ("2026-05-03 22:00", False),  # Sunday
    ],
)
def test_a_weekday_is_the_day_on_which_the_window_begins(local, inside):
    assert SATURDAY_NIGHT.contains(at(local)) is inside


def test_a_window_within_a_day_holds_only_on_its_days():
    weekend = Window.parse({"from": "09:00", "to": "17:00", "days": ["sat", "sun"]})
    assert [weekend.contains(at(f"2026-05-{day:02} 12:00")) for day in (1, 2, 3, 4)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_window_that_ends_as_it_starts_lasts_a_day_from_then():
    always = Window.parse("07:00-07:00")
    assert always.contains(at("2026-05-04 06:59")) and always.contains(at("2026-05-04 07:00"))
    friday = Window.parse({"from": "07:00", "to": "07:00", "days": ["fri"]})
    assert not friday.contains(at("2026-05-01 06:59"))
    assert friday.contains(at("2026-05-01 07:00"))
    assert friday.contains(at("2026-05-02 06:59"))
    assert not friday.contains(at("2026-05-02 07:00"))


def test_in_spring_the_missing_hour_never_comes_up():
    window = Window.parse("02:00-03:00")
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)
    night = [start + timedelta(minutes=minute) for minute in range(6 * 60)]
    assert not any(window.contains(utc.astimezone(BERLIN)) for utc in night)
    usual = [utc - timedelta(days=1) for utc in night]
    assert sum(window.contains(utc.astimezone(BERLIN)) for utc in usual) == 60


def test_in_spring_a_window_that_begins_in_the_missing_hour_begins_after_it():
    window = Window.parse("02:30-06:00")
    assert not window.contains(at("2026-03-29 01:59"))
    assert window.contains(at("2026-03-29 03:00"))


def test_in_spring_the_night_is_an_hour_shorter():
    assert _minutes_inside(NIGHT, datetime(2026, 3, 28, 12, tzinfo=UTC)) == 7 * 60


def test_in_autumn_the_night_is_an_hour_longer():
    assert _minutes_inside(NIGHT, datetime(2026, 10, 24, 12, tzinfo=UTC)) == 9 * 60


def test_in_autumn_the_doubled_hour_lies_inside_twice():
    window = Window.parse("02:00-03:00")
    assert _minutes_inside(window, datetime(2026, 10, 24, 12, tzinfo=UTC)) == 120
    assert window.contains(at("2026-10-25 02:30")) and window.contains(at("2026-10-25 02:30", fold=1))


def test_a_daylight_saving_night_belongs_to_its_saturday():
    for local in ("2026-03-29 01:30", "2026-03-29 03:30", "2026-10-25 02:30"):
        assert SATURDAY_NIGHT.contains(at(local))
    assert not SATURDAY_NIGHT.contains(at("2026-10-26 02:30"))


def _minutes_inside(window: Window, start: datetime) -> int:
    return sum(
        window.contains((start + timedelta(minutes=minute)).astimezone(BERLIN)) for minute in range(24 * 60)
    )


@pytest.mark.parametrize(("unset", "expected"), [("inside", True), ("outside", False), ("wait", None)])
def test_a_schedule_says_what_it_does_while_the_clock_is_not_set(unset, expected):
    window = {"from": "22:00", "to": "06:00", "clock_unset": unset}
    assert answer(window, None) is expected
    assert answer(window, at("2026-05-04 23:00")) is True
    assert answer(window, at("2026-05-04 12:00")) is False


def test_without_a_word_on_it_a_schedule_waits_for_the_clock():
    truth = parse("window", "22:00-06:00")(Facts(Mode.NORMAL, Door.UNKNOWN, {}, None))
    assert truth.value is None
    assert "clock has not been set" in truth.why


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("22:00", 'must be like "22:00-06:00"'),
        (2200, 'must be like "22:00-06:00"'),
        (None, 'must be like "22:00-06:00"'),
        ({"from": "22:00"}, "have from and to"),
        (
            {"from": "22:00", "to": "06:00", "day": ["mon"]},
            "'day' is not known; use from, to, days, clock_unset",
        ),
        ("25:00-06:00", "'25:00' is not a time of day; write it like 06:30"),
        ("22:00-6", "'6' is not a time of day"),
        ("22:00-06:00:00", "is not a time of day"),
        ({"from": "22:00", "to": ""}, "is not a time of day"),
        ({"from": "22:00", "to": "06:00", "days": ["Monday"]}, "must be a list of mon, tue"),
        ({"from": "22:00", "to": "06:00", "days": []}, "must be a list of mon, tue"),
        ({"from": "22:00", "to": "06:00", "days": "mon"}, "must be a list of mon, tue"),
        ({"from": "22:00", "to": "06:00", "clock_unset": "open"}, '"inside", "outside" or "wait"'),
        ({"from": "22:00", "to": "06:00", "clock_unset": ["inside"]}, '"inside", "outside" or "wait"'),
    ],
)
def test_a_window_that_cannot_be_read_says_how_to_write_it(value, fix):
    with pytest.raises(ConfigError) as error:
        parse("window", value)
    assert fix in str(error.value)


@steady
@given(
    st.times(),
    st.times(),
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
)
def test_a_moment_lies_either_in_a_window_or_in_the_one_that_fills_the_rest_of_the_day(
    start, end, days, moment
):
    start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    local = moment.replace(tzinfo=UTC).astimezone(BERLIN)
    window, rest = Window(start, end), Window(end, start)
    assert window.contains(local) != rest.contains(local) or start == end
    some = Window(start, end, frozenset(DAYS.index(day) for day in days))
    others = Window(start, end, frozenset(range(7)) - some.days)
    assert window.contains(local) == (some.contains(local) or others.contains(local))
    assert not (some.contains(local) and others.contains(local))
