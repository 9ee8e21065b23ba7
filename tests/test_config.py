"""The project file is read into frozen settings, and whatever is not understood names the key and the fix."""

import math
import re
from pathlib import Path

import pytest

from device import shipped
from device.act.coil import CoilLimits
from device.config import parse_project, read_project
from device.errors import ConfigError

MINIMAL = """
[camera]
kind = "usb"
[bolt]
kind = "servo"
pin = 18
"""

MAGNET = MINIMAL.replace("servo", "relay") + 'powered_to = "lock"\n[bolt.coil]\nduty = 1.0\n'


def refused(text: str, *parts: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_project(text)
    message = str(error.value)
    assert "\n" not in message
    for part in parts:
        assert part in message, message


def test_a_project_needs_only_a_camera_and_a_bolt():
    project = parse_project(MINIMAL)
    assert project.camera.kind == "usb"
    assert project.bolt.settings.pin == 18
    assert project.section("door").require_prey_proof is True
    assert project.policy.rules == ()


def test_every_shipped_project_is_read():
    projects = sorted(shipped.project("cat-flap").parent.glob("*.toml"))
    assert {"cat-flap", "demo"} <= {path.stem for path in projects}
    for path in projects:
        assert read_project(path).name == path.stem


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (MINIMAL + "[dor]\n", ("[dor]", "did you mean door?")),
        (MINIMAL + "[door]\nhodl = 3\n", ("[door]", "hodl", "did you mean hold?")),
        (MINIMAL + "[door]\nhold = 'long'\n", ("[door]", "hold", "number")),
        (MINIMAL + "[door]\nhold = 900\n", ("[door]", "hold", "60")),
        (MINIMAL + "[door]\ntimezone = 'Atlantis'\n", ("timezone", "Atlantis", "Europe/Berlin")),
        (MINIMAL.replace("18", "40"), ("[bolt]", "pin 40 does not exist; use 0-27")),
        (MINIMAL.replace("18", "'GPIO18'"), ("[bolt]", "pin", "GPIO18")),
        (MINIMAL.replace('"servo"', '"sevro"'), ("[bolt]", "sevro", "did you mean servo?")),
        (MINIMAL.replace('"usb"', '"os"'), ("[camera]", "'os'", "use one of")),
        (MINIMAL.replace('kind = "usb"', ""), ("[camera]", "kind is missing")),
        (MINIMAL.replace("[camera]", "[camera]\nwidht = 640"), ("[camera]", "widht", "did you mean width?")),
        (
            MINIMAL + "[[input]]\nkind='reed'\nname='door'\npin=18\n",
            ('[[input]] "door"', "18", "used twice", "[bolt]"),
        ),
        (MINIMAL + "[input]\nkind='reed'\n", ("[[input]]", "two brackets")),
        (MINIMAL + "[evidence.who]\nprov = 3\n", ("[evidence]", "prov", "did you mean prove?")),
        (MINIMAL + "[evidence.who]\nprove = 50.0\n", ("prove", "ceiling")),
        (MINIMAL + "[[animal]]\nname='mimi'\nchip='12'\n", ("mimi", "chip")),
        (MINIMAL + "[[animal]]\nname='mimi'\n[[animal]]\nname='mimi'\n", ("mimi", "twice")),
        (MINIMAL + "[[rule]]\nwho='mimi'\nthen='unlock'\n", ("who", "mimi", "[[animal]]")),
        (MINIMAL + "[[rule]]\ninput='vet'\nthen='keep locked'\n", ("input", "vet", "[[input]]")),
        (
            MINIMAL
            + "[[input]]\nkind='reed'\nname='door'\npin=4\n"
            + "[[rule]]\ninput='door'\nthen='alert'\n",
            ("input", "'door' is a contact", 'door = "open"'),
        ),
        (
            MINIMAL + "[[input]]\nkind='pir'\nname='outside'\npin=4\n"
            "[[rule]]\ninput='outside'\nthen='unlock'\n",
            ("unlock for whatever moves outside", 'who = "own"'),
        ),
        ("[door]\nhold = 20.0\n" + MINIMAL, ("[door] hold = 20", "[guard] max_lease_s = 10")),
        (MINIMAL + "[[rule]]\nhwo='own'\nthen='unlock'\n", ("hwo", "did you mean who?")),
        (MINIMAL + "[[rule]]\nwho='own'\nthen='unlok'\n", ("unlok", "did you mean")),
        (MINIMAL + "[[rule]]\nmode='normal'\nthen='unlock'\n", ("unlock for everyone",)),
        (
            MINIMAL
            + "[[input]]\nkind='button'\nname='panic'\npin=4\n"
            + "[[input]]\nkind='button'\nname='panic'\npin=5\n",
            ("[[input]]", "panic", "twice"),
        ),
        (MINIMAL + "[store]\njournal_mb = inf\n", ("[store] journal_mb = inf", "finite")),
        (MINIMAL + "[evidence.who]\nprove = nan\n", ("[evidence]", "prove = nan", "finite")),
        (MAGNET + "limit_s = nan\n", ("[bolt] coil.limit_s = nan", "finite")),
        (MAGNET + "window_s = inf\n", ("[bolt] coil.window_s = inf", "finite")),
        ("[camera\n", ("TOML", "line 1")),
    ],
)
def test_a_mistake_is_refused_in_one_line_that_names_the_key_and_the_fix(text, parts):
    refused(text, *parts)


def test_a_magnet_that_is_powered_to_stay_locked_can_be_described():
    assert parse_project(MAGNET + "limit_s = inf\n").bolt.settings.coil == CoilLimits(math.inf, 1.0)


def test_a_sensor_inside_may_open_the_way_out_and_one_outside_be_asked_for_besides():
    pir = "[[input]]\nkind='pir'\nname='{0}'\npin={1}\n"
    rules = "[[rule]]\ninput='inside'\nthen='unlock'\n[[rule]]\ninput='outside'\nwho='own'\nthen='unlock'\n"
    project = parse_project(MINIMAL + pir.format("inside", 4) + pir.format("outside", 5) + rules)
    assert [rule.trigger for rule in project.policy.rules] == ["inside", "outside"]


def test_an_error_names_the_file(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text("[dor]\n")
    with pytest.raises(ConfigError, match=re.escape(str(path))):
        read_project(path)
    with pytest.raises(ConfigError, match="no such project file"):
        read_project(tmp_path / "absent.toml")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_project(path)


def test_a_part_is_found_by_the_name_of_its_file():
    project = parse_project(MINIMAL.replace('kind = "usb"', 'kind = "video"\npath = "a.mp4"'))
    assert project.camera.module == "device.see.video"
    assert project.camera.settings.path == "a.mp4"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('name = "phone"', "url"),
        ('name = "phone"\nurl = "http://x"\nquiet = "always"', "quiet: window = 'always' must be like"),
        ('name = "phone"\nurl = "http://x"\nstyle = "fax"', "style"),
        ('name = "phone"\nurl = "http://x"\n[[webhook]]\nname = "phone"\nurl = "http://y"', "stands twice"),
    ],
)
def test_a_mistake_in_a_webhook_is_named(table, said):
    with pytest.raises(ConfigError, match="webhook") as refused:
        parse_project(f"{MINIMAL}\n[[webhook]]\n{table}\n")
    assert said in str(refused.value)
