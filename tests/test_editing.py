"""A project file is changed by meaning: comments stay, old ones come up to date, diffs hide secrets."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from device import migrations, shipped
from device.config import parse_project, read_project
from device.decide import conditions
from device.editing import files
from device.editing.blocks import split
from device.editing.changes import Change, changed
from device.editing.differences import complete, differences, from_defaults
from device.editing.rewriting import rewritten
from device.editing.schema import project_schema
from device.errors import ConfigError
from device.migrations import NEWEST, migrated
from device.tell import last_good
from device.toml import read_toml

GOLDEN = Path(__file__).parent / "golden"
OLD = (GOLDEN / "project-version-1.toml").read_text()
FLAGSHIP = shipped.project("cat-flap").read_text()


def keys(before: str, after: str) -> list[tuple[str, str]]:
    return [(each.section, each.key) for each in differences(before, after)]


def test_a_file_of_the_first_version_means_the_same_as_it_did():
    project = parse_project(OLD)
    assert project.version == 1
    assert project.section("welfare").waiting_minutes == 25
    assert project.section("welfare").waiting_minutes_cold == 4
    assert project.text == OLD  # a journal keeps what the owner wrote


def test_a_file_of_the_first_version_is_brought_up_to_date_with_all_its_comments():
    new = files.up_to_date(OLD)
    assert tomllib.loads(new)["version"] == NEWEST
    assert "waiting_minutes = 25      # she is patient" in new
    assert [line for line in OLD.splitlines() if line.startswith("#")] == [
        line for line in new.splitlines() if line.startswith("#")
    ]
    assert differences(OLD, new) == ()
    assert files.up_to_date(new) == new


def test_a_migration_changes_nothing_of_what_it_was_given():
    tables = read_toml(OLD)
    migrated(tables)
    assert tables == read_toml(OLD)


@pytest.mark.parametrize(
    ("head", "parts"),
    [
        (f"version = {NEWEST + 1}", ("newer Latchlens", "update", "from before")),
        ("version = 0", ("version = 0 is no version", f"write version = {NEWEST}")),
        ('version = "2"', ("is no version",)),
        ("version = true", ("is no version",)),
    ],
)
def test_a_version_that_is_not_known_is_refused_with_the_fix(head, parts):
    with pytest.raises(ConfigError) as refused:
        parse_project(f"{head}\n{OLD}")
    assert all(part in str(refused.value) for part in parts)


def test_an_old_name_in_a_new_file_and_both_names_at_once_are_refused():
    with pytest.raises(ConfigError, match=r"\[welfare\] minutes is now called waiting_minutes; write that"):
        parse_project(f"version = 2\n{OLD}")
    both = OLD.replace("[welfare]", "[welfare]\nwaiting_minutes = 3")
    with pytest.raises(ConfigError, match="is now called waiting_minutes, and both are there"):
        parse_project(both)


def test_migrating_keeps_the_old_file_for_a_release_that_goes_back(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(OLD)
    path.chmod(0o600)
    kept = files.write_up_to_date(path)
    assert kept == tmp_path / "mine.toml.version-1"
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == (OLD, 0o600)
    assert read_project(path).version == NEWEST
    assert files.write_up_to_date(path) is None


def test_the_last_good_file_of_an_older_version_outlives_an_update(tmp_path):
    path = tmp_path / "mine.toml"
    last_good.remember(tmp_path, path, OLD, 1)
    last_good.remember(tmp_path, path, files.up_to_date(OLD), NEWEST)
    assert list(last_good.recall_all(tmp_path, path)) == [files.up_to_date(OLD), OLD]


def test_a_file_of_a_newer_version_does_not_keep_the_device_from_starting(tmp_path):
    from device.commands.run import sound_project

    path = tmp_path / "mine.toml"
    path.write_text(OLD)
    last_good.remember(tmp_path, path, f"version = {NEWEST + 1}\n{OLD}", NEWEST + 1)
    last_good.remember(tmp_path, path, OLD, 1)
    path.write_text(f"version = {NEWEST + 1}\n{OLD}")
    project, fault = sound_project(path, tmp_path)
    assert (project.text, "newer Latchlens" in fault) == (OLD, True)


def test_every_shipped_project_is_of_the_newest_version_and_names_its_schema():
    for path in FLAGSHIP_FOLDER.glob("*.toml"):
        assert read_project(path).version == NEWEST, path
        hint = path.read_text().splitlines()[0].removeprefix("#:schema ")
        assert (path.parent / hint).resolve().is_file(), path


FLAGSHIP_FOLDER = shipped.project("cat-flap").parent
SCHEMA = Path(__file__).parents[1] / "docs/project.schema.json"


def test_the_published_schema_is_current():
    assert json.loads(SCHEMA.read_text()) == json.loads(json.dumps(project_schema(), allow_nan=False)), (
        "run: latchlens config schema > docs/project.schema.json"
    )


def test_every_project_and_scene_fits_the_schema():
    validator = jsonschema_rs.validator_for(project_schema())
    endless = re.compile(r"= inf\b")  # a number of TOML that JSON does not have
    houses = sorted((Path(__file__).parents[1] / "simulator/scenes").glob("house*.toml"))
    assert houses
    for path in (*FLAGSHIP_FOLDER.glob("*.toml"), *houses):
        tables = migrated(read_toml(endless.sub("= 1e300", path.read_text())))
        faults = [each.message for each in validator.iter_errors(tables)]
        assert faults == [], path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pin = 18", "pim = 18"),
        ('kind = "servo"', 'kind = "sevro"'),
        ("hold = 5.0", "hold = 900"),
        ("prey = true", "prey = 1"),
        ('then = "lock out"', 'then = "lockout"'),
        ('direction = "in"', 'direction = "up"'),
        ('input = "vet"', 'hour = "22:00"'),
        ("\n[welfare]", "\n[wellfare]"),
    ],
)
def test_what_the_device_refuses_the_schema_refuses(old, new):
    assert old in FLAGSHIP
    wrong = FLAGSHIP.replace(old, new, 1)
    with pytest.raises(ConfigError):
        parse_project(wrong)
    assert not jsonschema_rs.validator_for(project_schema()).is_valid(migrated(read_toml(wrong)))


@pytest.mark.parametrize("key", conditions.known())
def test_every_condition_has_its_schema(key):
    asked = project_schema()["properties"]["rule"]["items"]["properties"][key]
    assert asked["description"]
    for wrong in (17.5, [], {}):
        assert not jsonschema_rs.validator_for(asked).is_valid(wrong)
        with pytest.raises(ConfigError):
            conditions.parse(key, wrong)


def test_the_words_of_the_source_are_in_the_schema():
    described = project_schema()["properties"]
    assert described["door"]["properties"]["hold"]["description"].startswith(
        "Seconds for which the bolt stays"
    )
    assert described["evidence"]["properties"]["who"]["properties"]["prove"]["description"]
    assert "coil" in json.dumps(described["bolt"])


@pytest.mark.parametrize("name", ["cat-flap", "demo"])
def test_the_blocks_of_a_file_are_the_file(name):
    text = shipped.project(name).read_text()
    assert "".join(block.text for block in split(text)) == text


def test_a_bracket_in_a_value_or_comment_begins_no_block():
    text = 'a = [\n[1, 2],\n[3]]\nb = """\n[door]\n"""\n# [camera]\n[x]\nc = \'[y]\'\n'
    assert [block.path for block in split(text)] == [(), ("x",)]


CHANGES = [
    ([Change("door", "hold", 6.5)], [("[door]", "hold")]),
    ([Change("door", "let_in_s", 12)], [("[door]", "let_in_s")]),
    ([Change("welfare", "below_c", -3.0)], [("[welfare]", "below_c")]),
    ([Change("view", "zone", [0.1, 0.2, 0.5, 0.5])], [("[view]", "zone")]),
    ([Change("evidence", "who.prove", 5.0)], [("[evidence]", "who.prove")]),
    ([Change("rule", "minutes", 9, entry=2)], [('[[rule]] "prey stays out"', "minutes")]),
    ([Change("rule", entry=3, to=1)], [("[[rule]]", "")]),
    ([Change("animal", "name", "mimi", entry=1)], [('[[animal]] "mimi"', "")]),
    ([Change("input", entry=2)], [('[[input]] "panic"', "")]),
    ([Change("input", "name", "smoke", entry=2)], [('[[input]] "panic"', "name")]),
    ([Change("door", "hold")], []),  # the default is what the file says
    ([Change("door", "require_prey_proof", False)], [("[door]", "require_prey_proof")]),
]


@pytest.mark.parametrize(("changes", "told"), CHANGES, ids=str)
def test_a_change_of_one_value_is_just_that_and_keeps_every_comment(changes, told):
    after = files.with_changes(FLAGSHIP, changes)
    assert keys(FLAGSHIP, after) == told
    said = {line.partition("#")[2].strip() for line in FLAGSHIP.splitlines() if "#" in line}
    gone = {each for each in said if each not in after}
    assert gone <= {"seconds the bolt stays open after the last view that earned it"}, gone
    assert bool(gone) == (changes == [Change("door", "hold")])  # its comment goes with the key itself
    assert files.with_changes(after, ()) == after


def test_a_moved_rule_takes_its_comment_along():
    text = files.with_changes(FLAGSHIP, [Change("rule", entry=1, to=3)])
    names = [rule["name"] for rule in read_toml(text)["rule"]]
    assert names == ["prey stays out", "my cat, mouth empty", "vet day"]
    assert 'waits.\n[[rule]]\nname = "vet day"' in text


@pytest.mark.parametrize(
    "change",
    [
        Change("dor", "hold", 3),
        Change("rule", "name", "x"),
        Change("rule", "name", "x", entry=9),
        Change("door", "", 3),
        Change("door", "hold.x", 3),
    ],
    ids=str,
)
def test_a_change_of_what_does_not_exist_is_refused(change):
    with pytest.raises(ConfigError):
        changed(migrated(read_toml(FLAGSHIP)), [change])


VALUES = some.one_of(
    some.booleans(),
    some.integers(-(2**40), 2**40),
    some.floats(-1e6, 1e6),
    some.text(some.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
    some.lists(some.integers(0, 9), max_size=3),
)
KEYS = some.sampled_from(["hold", "name", "a", "b-c", "with space", "minutes"])
TABLES = some.dictionaries(
    some.sampled_from(["door", "view", "x", "rule", "animal"]),
    some.one_of(
        some.dictionaries(KEYS, some.one_of(VALUES, some.dictionaries(KEYS, VALUES, max_size=2)), max_size=4),
        some.lists(some.dictionaries(KEYS, VALUES, min_size=1, max_size=3), min_size=1, max_size=3),
    ),
    max_size=4,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(TABLES)
def test_whatever_is_wanted_the_text_says_exactly_that_or_nothing_is_changed(wanted):
    try:
        text = rewritten(FLAGSHIP, {"version": 2, **wanted})
    except ConfigError:
        return
    assert read_toml(text) == {"version": 2, **wanted}


def test_secrets_are_hidden_in_a_diff():
    before = FLAGSHIP + '[[webhook]]\nname = "phone"\nurl = "https://me:pw@ntfy.sh/topic-7x"\n'
    after = before.replace("topic-7x", "topic-9z").replace(
        'kind = "picamera"\nwidth = 1280\nheight = 720\nrate = 10.0',
        'kind = "video"\npath = "rtsp://me:hush@cam/1?pass=gate77"',
    )
    told = json.dumps([[each.before, each.after] for each in differences(before, after)])
    assert all(secret not in told for secret in ("pw", "topic-7x", "topic-9z", "hush", "gate77"))
    assert keys(before, after)[-1] == ('[[webhook]] "phone"', "url")
    new = json.dumps([each.after for each in differences(FLAGSHIP, before)])
    assert "topic" not in new


def test_the_layout_is_no_difference_and_a_default_that_is_said_neither():
    assert differences(FLAGSHIP, FLAGSHIP.replace("# ", "#  ").replace("hold = 5.0  ", "hold = 5")) == ()
    assert keys(FLAGSHIP, FLAGSHIP + "\n[motion]\nhold_seconds = 0.5\n") == []
    assert ("[door]", "timezone") in [(each.section, each.key) for each in from_defaults(FLAGSHIP)]


def test_the_complete_file_is_what_the_device_runs_with():
    tables = complete(read_toml(FLAGSHIP))
    assert tables["bolt"]["travel_s"] == parse_project(FLAGSHIP).bolt.settings.travel_s
    assert tables["tracker"]["inward"] == "down"
    assert migrations.KEY in tables


def test_an_endless_limit_is_told_as_what_it_is():
    before = shipped.project("greeter").read_text()
    assert "limit_s = inf" in before
    (told,) = differences(before, before.replace("limit_s = inf", "limit_s = 3.0"))
    assert (told.before, told.after) == ("inf", 3.0)
    assert files.with_changes(before, [Change("door", "hold", 4.0)]).count("limit_s = inf") == 1
