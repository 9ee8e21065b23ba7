"""The project file over the API: mistakes at their keys, saved whole; and the last good one in need."""

from __future__ import annotations

import stat

import pytest

from device.commands.run import sound_project
from device.editing.mistakes import mistakes_in
from device.editing.schema import project_schema
from device.errors import ConfigError
from device.tell import last_good
from device.web.caller import Scope
from device.web.fields import sentences
from tests.served import TEXT, Site, site

HERE = "/api/v1/configuration"


@pytest.fixture
def home(tmp_path) -> Site:
    return site(tmp_path)


def places(text: str) -> list[tuple[str, str]]:
    return [(each.section, each.key) for each in mistakes_in(text)]


def test_a_sound_file_has_no_mistakes():
    assert mistakes_in(TEXT) == ()


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("pin = 18", "pin = 28", [("[bolt]", "pin")]),
        ("pin = 18", "pim = 18", [("[bolt]", "pim"), ("[bolt]", "pin")]),
        ('kind = "servo"', "", [("[bolt]", "kind")]),
        ("[pins]", "[pinss]", [("[pinss]", "")]),
        ('who = "own"', 'who = "tom"', [('[[rule]] "my cat"', "who")]),
        ("[pins]", "[guard]\nblocks = 3\n[pins]", [("[guard]", "blocks")]),
        ("[[animal]]", "[animal]", [("[animal]", "")]),
        ("[door]", "[door", [("", "")]),
    ],
)
def test_a_mistake_is_told_at_its_key(old, new, found):
    assert old in TEXT
    assert places(TEXT.replace(old, new, 1)) == found


@pytest.mark.parametrize(
    ("added", "what"),
    [
        ("x = " + "[" * 5000, "nested too deeply"),
        ("x = " + "{y = " * 3000, "nested too deeply"),
        ("[welfare]\nminutes = " + "9" * 5000, "too many digits"),
        ("[welfare]\nminutes = 0x" + "f" * 9000, "too many digits"),
        ("[welfare]\nminutes = -9223372036854775809", "too many digits"),
    ],
)
def test_what_no_reader_of_toml_takes_is_a_mistake_and_not_ours(home, added, what):
    answer = home.program(Scope.ADMIN).post(f"{HERE}/check", json={"text": f"{TEXT}{added}\n"})
    assert answer.status_code == 200
    (mistake,) = answer.json()["mistakes"]
    assert what in mistake["what"]


def test_mistakes_in_several_sections_are_told_together():
    text = TEXT.replace("pin = 18", "pin = 28").replace("port = 0", "port = -1").replace('"mock"', '"mok"')
    assert places(text) == [("[pins]", "kind"), ("[web]", "port"), ("[bolt]", "pin")]


def test_trying_a_draft_changes_nothing(home):
    program = home.program(Scope.ADMIN)
    wrong = program.post(f"{HERE}/check", json={"text": TEXT.replace("pin = 18", "pin = 28")}).json()
    assert not wrong["valid"]
    assert "use 0-27" in wrong["mistakes"][0]["what"]
    assert program.post(f"{HERE}/check", json={"text": TEXT}).json() == {"valid": True, "mistakes": []}
    assert home.appliance.path
    assert home.appliance.path.read_text() == TEXT


def test_a_saved_file_keeps_what_was_there_before(home):
    path = home.appliance.path
    assert path
    path.chmod(0o600)
    program = home.program(Scope.ADMIN)
    read = program.get(HERE).json()
    assert (read["text"], read["in_force"], read["can_be_saved"]) == (TEXT, True, True)
    changed = TEXT + "# a word from the owner\n"
    saved = program.put(HERE, json={"text": changed, "replaces": read["sha256"]})
    assert saved.status_code == 200
    assert path.read_text() == changed
    previous = path.with_name(saved.json()["previous"])
    assert previous.read_text() == TEXT
    assert {stat.S_IMODE(each.stat().st_mode) for each in (path, previous)} == {0o600}
    again = program.get(HERE).json()
    assert (again["in_force"], again["sha256"]) == (False, saved.json()["sha256"])


def test_a_file_with_a_mistake_is_not_saved(home):
    program = home.program(Scope.ADMIN)
    digest = program.get(HERE).json()["sha256"]
    answer = program.put(HERE, json={"text": TEXT.replace("pin = 18", "pin = 28"), "replaces": digest})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "[bolt] pin"
    assert home.appliance.path
    assert home.appliance.path.read_text() == TEXT


def test_nobodys_work_is_overwritten_unseen(home):
    program = home.program(Scope.ADMIN)
    digest = program.get(HERE).json()["sha256"]
    assert home.appliance.path
    home.appliance.path.write_text(TEXT + "# edited by hand meanwhile\n")
    answer = program.put(HERE, json={"text": TEXT + "# late\n", "replaces": digest})
    assert answer.status_code == 409
    assert "by hand" in home.appliance.path.read_text()


def test_a_link_to_the_file_stays_a_link(home, tmp_path):
    assert home.appliance.path
    path = home.appliance.path
    real = path.rename(tmp_path / "real.toml")
    path.symlink_to(real)
    program = home.program(Scope.ADMIN)
    digest = program.get(HERE).json()["sha256"]
    assert program.put(HERE, json={"text": TEXT + "# x\n", "replaces": digest}).status_code == 200
    assert path.is_symlink()
    assert real.read_text().endswith("# x\n")


def test_a_shipped_project_is_not_changed(tmp_path):
    home = site(tmp_path, own_file=False)
    program = home.program(Scope.ADMIN)
    read = program.get(HERE).json()
    assert not read["can_be_saved"]
    answer = program.put(HERE, json={"text": TEXT, "replaces": read["sha256"]})
    assert answer.status_code == 409
    assert "--project" in answer.json()["detail"]


def test_the_schema_tells_sections_and_parts(home):
    found = home.program(Scope.ADMIN).get(f"{HERE}/schema").json()
    assert "hold" in found["sections"]["door"]["properties"]
    assert set(found["parts"]["bolt"]) == {"relay", "servo", "solenoid"}
    assert "chip" in found["lists"]["animal"]["properties"]
    assert home.program(Scope.ADMIN).get(f"{HERE}/schema/project").json() == project_schema()


def test_the_last_good_file_is_remembered_for_the_path_it_came_from(tmp_path):
    path = tmp_path / "mine.toml"
    assert last_good.recall(tmp_path, path) is None
    last_good.remember(tmp_path, path, TEXT)
    assert last_good.recall(tmp_path, path) == TEXT
    assert last_good.recall(tmp_path, tmp_path / "another.toml") is None
    (tmp_path / last_good.NAME).write_text("{")
    assert last_good.recall(tmp_path, path) is None


def test_a_device_whose_file_was_spoilt_starts_with_the_last_good_one(home, monkeypatch):
    path = home.appliance.path
    assert path
    spoilt = TEXT.replace("pin = 18", "pin = 28")
    path.write_text(spoilt)
    with pytest.raises(ConfigError, match="pin 28"):
        sound_project(path, home.folder)  # no device ever ran with it
    last_good.remember(home.folder, path, TEXT)
    found, fault = sound_project(path, home.folder)
    assert (found.text, "pin 28 does not exist" in fault) == (TEXT, True)
    monkeypatch.setenv("STATE_DIRECTORY", str(home.folder))
    assert sound_project(path, None)[1] == fault
    path.write_text(TEXT)
    assert sound_project(path, home.folder)[1] == ""
    path.unlink()
    with pytest.raises(ConfigError, match="no such project file"):
        sound_project(path, home.folder)  # a name that was mistyped means nothing else


def ask_changes(home: Site, *changes: dict[str, object], dry_run: bool = False, digest: str = ""):
    program = home.program(Scope.ADMIN)
    replaces = digest or program.get(HERE).json()["sha256"]
    wanted = {"changes": list(changes), "replaces": replaces, "dry_run": dry_run}
    return program.post(f"{HERE}/changes", json=wanted)


def test_a_value_is_changed_where_it_stands(home):
    assert home.appliance.path
    home.appliance.path.write_text(TEXT.replace("[pins]", "# no hardware here\n[pins]"))
    tried = ask_changes(home, {"section": "door", "key": "hold", "value": 6.5}, dry_run=True).json()
    assert (tried["valid"], tried["needs_restart"], tried["rewires"]) == (True, True, False)
    assert ask_changes(home, {"section": "bolt", "key": "pin", "value": 19}, dry_run=True).json()["rewires"]
    assert [(each["section"], each["key"], each["after"]) for each in tried["differences"]] == [
        ("[door]", "hold", 6.5)
    ]
    assert "6.5" not in home.appliance.path.read_text()
    assert ask_changes(home, {"section": "door", "key": "hold", "value": 6.5}).status_code == 200
    assert home.appliance.path.read_text() == tried["text"]
    assert "# no hardware here\n[pins]" in tried["text"]
    assert not home.program(Scope.ADMIN).get(HERE).json()["in_force"]


def test_a_wrong_value_is_told_at_its_field_and_not_saved(home):
    wrong = {"section": "bolt", "key": "pin", "value": 40}, {"section": "door", "key": "hold", "value": 900}
    tried = ask_changes(home, *wrong, dry_run=True).json()
    assert {(each["section"], each["key"]) for each in tried["mistakes"]} == {
        ("[bolt]", "pin"),
        ("[door]", "hold"),
    }
    refused = ask_changes(home, *wrong)
    assert refused.status_code == 422
    assert {each["where"] for each in refused.json()["errors"]} == {"[bolt] pin", "[door] hold"}
    assert home.appliance.path
    assert home.appliance.path.read_text() == TEXT


@pytest.mark.parametrize("change", [{"section": "dor"}, {"section": "rule", "entry": 9, "key": "name"}])
def test_a_change_of_nothing_is_refused(home, change):
    assert ask_changes(home, {"key": "x", "value": 1, **change}).status_code == 422


def test_changes_of_an_old_text_are_refused(home):
    answer = ask_changes(home, {"section": "door", "key": "hold", "value": 6}, digest="0" * 64)
    assert answer.status_code == 409


def test_the_values_are_told_with_and_without_their_defaults(home):
    found = home.program(Scope.ADMIN).get(f"{HERE}/values").json()
    assert found["complete"]["tracker"]["inward"] == "down"
    assert "tracker" not in found["written"]
    assert found["version"] <= found["newest"]


def test_a_draft_is_compared_by_meaning(home):
    program = home.program(Scope.ADMIN)
    draft = TEXT.replace("pin = 18", "pin   =   19  # moved")
    for against in ("saved", "in-force"):
        found = program.post(f"{HERE}/diff", json={"text": draft, "against": against}).json()
        assert found == [{"section": "[bolt]", "key": "pin", "before": 18, "after": 19}]
    assert program.post(f"{HERE}/diff", json={"text": draft, "against": "defaults"}).json()
    assert program.post(f"{HERE}/diff", json={"text": draft, "against": "previous"}).status_code == 409


def test_a_spoilt_file_goes_back_to_the_last_good_one(home):
    assert home.appliance.path
    last_good.remember(home.folder, home.appliance.path, TEXT)
    home.appliance.path.write_text("spoilt [")
    program = home.program(Scope.ADMIN)
    read = program.get(HERE).json()
    assert read["kept"] == ["last-good"]
    assert program.get(f"{HERE}/values").status_code == 422
    wanted = {"which": "last-good", "replaces": read["sha256"]}
    assert program.post(f"{HERE}/restore", json=wanted).status_code == 200
    assert home.appliance.path.read_text() == TEXT
    assert program.get(HERE).json()["kept"] == ["last-good", "previous"]
    again = {"which": "previous", "replaces": program.get(HERE).json()["sha256"]}
    assert program.post(f"{HERE}/restore", json=again).status_code == 422  # that one is the spoilt one


@pytest.mark.parametrize("scope", [Scope.READ, Scope.ACT])
@pytest.mark.parametrize("path", ["", "/values", "/schema"])
def test_the_project_file_is_for_its_owner_alone(home, scope, path):
    assert home.program(scope).get(f"{HERE}{path}").status_code == 403


OWNERS_SECTIONS = (
    "door",
    "welfare",
    "faults",
    "guard",
    "web",
    "mqtt",
    "webhook",
    "animal",
    "rule",
    "clips",
    "store",
)


def descriptions(schema: object) -> set[str]:
    if isinstance(schema, list):
        return {each for one in schema for each in descriptions(one)}
    if not isinstance(schema, dict):
        return set()
    own = {schema["description"]} if isinstance(schema.get("description"), str) else set()
    return own | {each for value in schema.values() for each in descriptions(value)}


def test_what_an_owner_may_set_is_told_in_german_too():
    said = sentences("de")
    whole = project_schema()["properties"]
    assert said.keys() <= descriptions(whole), said.keys() - descriptions(whole)  # none is out of date
    missing = {each for name in OWNERS_SECTIONS for each in descriptions(whole[name])} - said.keys()
    assert not missing, f"say it in device/web/fields/de.toml: {missing}"


def test_the_schema_is_told_in_the_readers_language(home):
    found = home.program(Scope.ADMIN).get(f"{HERE}/schema?language=de").json()
    assert found["sections"]["door"]["properties"]["hold"]["description"].startswith("Sekunden")
    assert found["sections"]["tracker"]["properties"]["inward"]["description"]
