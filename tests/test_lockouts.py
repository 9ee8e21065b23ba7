"""Lockouts as remaining seconds: whom they concern, and that only passing time ends them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.decide.lockouts import ANYONE, Lockouts, whom_it_concerns
from tests.making import steady


def test_a_lockout_runs_out_as_time_passes():
    lockouts = Lockouts()
    lockouts.begin("mimi", 300)
    assert lockouts.advance(299.5) == ()
    assert lockouts.concerns({"mimi": True}) == ("mimi", 0.5)
    assert lockouts.advance(0.5) == ("mimi",)
    assert lockouts.concerns({"mimi": True}) is None


def test_remaining_seconds_go_on_after_a_restart():
    lockouts = Lockouts()
    lockouts.begin("mimi", 300)
    lockouts.advance(100.25)
    again = Lockouts(lockouts.remaining())
    assert again.remaining() == {"mimi": 199.75}
    assert Lockouts(lockouts.exact()).exact() == lockouts.exact()


def test_a_lockout_without_time_left_is_none():
    assert Lockouts({"mimi": 0.0, "tom": -5.0}).remaining() == {}


def test_a_second_lockout_never_shortens_the_first():
    lockouts = Lockouts()
    lockouts.begin("mimi", 300)
    lockouts.begin("mimi", 60)
    assert lockouts.remaining() == {"mimi": 300}
    lockouts.begin("mimi", 600)
    assert lockouts.remaining() == {"mimi": 600}


def test_one_proven_to_be_another_of_the_household_goes_free():
    lockouts = Lockouts({"mimi": 60.0})
    assert lockouts.concerns({"mimi": False, "tom": True}) is None


def test_one_not_known_counts_as_the_one_that_is_locked_out():
    lockouts = Lockouts({"mimi": 60.0})
    for known in ({"mimi": None, "tom": None}, {"mimi": None, "tom": False}, {"mimi": False}, {}):
        assert lockouts.concerns(known) == ("mimi", 60.0)


def test_a_lockout_of_anyone_concerns_everyone():
    lockouts = Lockouts()
    lockouts.begin(None, 60)
    assert lockouts.remaining() == {ANYONE: 60}
    assert lockouts.concerns({"mimi": True}) == (ANYONE, 60)


@steady
@given(
    st.dictionaries(st.sampled_from(["mimi", "tom", ANYONE]), st.floats(0.001, 86400)),
    st.lists(st.floats(0, 3600), max_size=20),
)
def test_time_only_ever_shortens_lockouts_and_tells_each_end_once(begun, steps):
    lockouts, ended = Lockouts(begun), []
    before = lockouts.exact()
    for step in steps:
        ended += lockouts.advance(step)
        after = lockouts.exact()
        assert all(0 < left <= before[who] for who, left in after.items())
        before = after
    assert sorted([*ended, *before]) == sorted(begun)


@pytest.mark.parametrize(
    ("names", "whom"),
    [
        ({"mimi": True, "tom": None}, ["mimi"]),
        ({"mimi": True, "tom": False}, ["mimi"]),
        ({"mimi": None, "tom": False, "luna": None}, ["mimi", "luna"]),
        ({"mimi": None, "tom": None}, []),
        ({"mimi": False, "tom": False}, []),
        ({}, []),
    ],
)
def test_a_lockout_is_for_the_one_that_is_proven_or_those_that_it_may_be(names, whom):
    assert whom_it_concerns(names) == whom
