"""Rules of one animal: told in their order, changed as text without losing a word of its owner's."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.config import parse_project
from device.editing.house_rules import Curfew, rules_of, with_animal, with_ban, with_curfew, with_lockout
from device.errors import ConfigError
from device.shipped import project
from tests.making import steady

FLAGSHIP = project("cat-flap").read_text() + '\n[[animal]]\nname = "mimi"\n'


def names(text: str) -> list[str]:
    return [each["name"] for each in tomllib.loads(text)["rule"]]


def test_a_curfew_comes_before_whatever_unlocks_and_leaves_the_rest_as_it_was():
    after = with_curfew(FLAGSHIP, "mimi", Curfew("22:00", "06:00"))
    assert names(after) == ["vet day", "prey stays out", "curfew of mimi", "my cat, mouth empty"]
    assert all(line in after for line in FLAGSHIP.splitlines())
    assert parse_project(after).policy.rules[2].message == "curfew of mimi"
    assert with_curfew(after, "mimi", None) == FLAGSHIP


def test_a_second_curfew_takes_the_place_of_the_first():
    once = with_curfew(FLAGSHIP, "mimi", Curfew("22:00", "06:00"))
    again = with_curfew(once, "mimi", Curfew("21:30", "05:00", ("sat", "fri"), "out"))
    (rule,) = [each for each in rules_of(again, "mimi") if each.kind == "curfew"]
    window = {"from": "21:30", "to": "05:00", "days": ["fri", "sat"]}
    assert (rule.conditions["window"], rule.conditions["direction"], rule.then) == (
        window,
        "out",
        "keep locked",
    )
    assert len(names(again)) == 4


def test_a_lockout_of_its_own_comes_before_that_of_all():
    after = with_lockout(FLAGSHIP, "mimi", 20.0)
    assert names(after) == ["vet day", "mimi with prey", "prey stays out", "my cat, mouth empty"]
    assert (
        next(each for each in parse_project(after).policy.rules if each.name == "mimi with prey").minutes
        == 20
    )
    assert with_lockout(after, "mimi", None) == FLAGSHIP


def test_an_animal_can_be_kept_out_and_let_in_again():
    after = with_ban(FLAGSHIP, "mimi", True)
    (rule,) = [each for each in rules_of(after, "mimi") if each.mine]
    assert (rule.kind, rule.then) == ("stays out", "keep locked")
    assert with_ban(after, "mimi", False) == FLAGSHIP


def test_only_rules_that_may_decide_about_an_animal_are_told():
    text = FLAGSHIP + '\n[[rule]]\nname = "tom"\nwho = ["tom", "lotte"]\nthen = "keep locked"\n'
    assert [each.name for each in rules_of(text, "mimi")] == [
        "vet day",
        "prey stays out",
        "my cat, mouth empty",
    ]
    assert rules_of(text, "tom")[-1].mine
    assert not rules_of(text, "tom")[0].mine


def test_one_more_animal_is_written_beside_the_others():
    after = with_animal(FLAGSHIP, "tom", chip="276098102345678")
    assert [each.name for each in parse_project(after).policy.animals] == ["mimi", "tom"]
    first = with_animal(project("cat-flap").read_text(), "mimi")
    assert [each.name for each in parse_project(first).policy.animals] == ["mimi"]
    with pytest.raises(ConfigError, match="there already"):
        with_animal(after, "tom")


@pytest.mark.parametrize(
    ("curfew", "why"),
    [
        (Curfew("25:00", "06:00"), "not a time of day"),
        (Curfew("22:00", "late"), "not a time of day"),
        (Curfew("22:00", "06:00", ("caturday",)), "must be a list of"),
    ],
)
def test_what_is_no_time_is_refused(curfew, why):
    with pytest.raises(ConfigError, match=why):
        with_curfew(FLAGSHIP, "mimi", curfew)


def test_a_file_that_is_laid_out_otherwise_is_left_alone():
    text = 'rule = [{ name = "a", who = "own", then = "unlock" }]\n'
    with pytest.raises(ConfigError, match="not written as one block"):
        with_curfew(text, "mimi", Curfew("22:00", "06:00"))


def test_a_header_in_a_text_is_no_rule():
    text = 'x = """\n[[rule]]\n"""\n[[rule]]\nname = "a"\nwho = "own"\nthen = "unlock"\n'
    assert names(with_ban(text, "mimi", True)) == ["mimi stays out", "a"]


@settings(steady, max_examples=20)
@given(st.text(min_size=1, max_size=12).filter(lambda name: name.strip() and "\x7f" not in name))
def test_whatever_an_animal_is_called_nothing_else_changes(name):
    try:
        after = with_ban(FLAGSHIP, name, True)
    except ConfigError:
        return
    before, now = tomllib.loads(FLAGSHIP), tomllib.loads(after)
    assert {**now, "rule": None} == {**before, "rule": None}
    assert next(each for each in now["rule"] if each not in before["rule"])["who"] == name
    assert with_ban(after, name, False) == FLAGSHIP
