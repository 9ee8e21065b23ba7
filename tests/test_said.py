"""What the device says in English can be said in every language: read off the source, and off scenes played.

A new sentence in one of `SPEAKERS` needs a line in device/web/said; these tests say which one is missing.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.decide.faults import TABLE
from device.messages import Decision, Frame, Observation
from device.web.said import FOLDER, patterns, say, sentences
from simulator.panel.routes import DAY, listed, playable
from simulator.performance import play_scene
from simulator.scene import Scene, find_scene, read_scene
from simulator.world import World
from tests.conftest import ROOT

DEVICE = ROOT / "device"
SPEAKERS = (
    *(path for path in sorted((DEVICE / "decide").rglob("*.py")) if path.name != "household.py"),
    DEVICE / "act" / "guard.py",
    DEVICE / "tell" / "symptoms.py",
    DEVICE / "tell" / "rounds.py",
)
"""The files whose sentences reach the owner."""
NOT_SAID = {
    "own, stranger, other species, person, a name, or a list of which one must hold.",
    "take prey out of the rule or set require_prey_proof = false",
    "did you mean {}?",
    "use one of {}",
    "[[rule]] {}",
    "rule {}",
    "; it would open now",
    " at {} °C",
    '"own", "stranger", "other species", "person", a name, or a list of these',
    "disk, memory",
    "; entry stays locked ([faults] {})",
    "{} locked out for {} min: {}",
    "{} is",
    "everyone is",
    '{} has been waiting outside for {} min{} ({}): tap "let in" to open once, or open the door yourself',
    "no picture comes{}",
    "not enforcing: the bolt obeys nobody yet{}",
} | {text for row in TABLE.values() for text in (row.noticed, row.holds)}
"""Errors of a project file, documentation, and sentences made of parts; for those, see `MADE_OF_PARTS`."""
MADE_OF_PARTS = (
    "mimi is locked out for 10 min: prey stays out",
    "everyone is locked out for 0.5 min: prey stays out",
    "mimi has been waiting outside for 15 min (carries prey): "
    'tap "let in" to open once, or open the door yourself',
    "an animal that may be mimi or luna has been waiting outside for 2 min at -8 °C "
    "(waiting: mouth not seen; needed 4.0, reached 0.0): "
    'tap "let in" to open once, or open the door yourself',
    "luna would be let in by chip alone, for the camera is blind (frozen)",
    "the bolt is jammed: look what blocks it; entry stays locked ([faults] bolt)",
    'door open: entry stays locked while it lasts ([faults] door_open = "lock")',
    "no picture comes",
    "not enforcing: the bolt obeys nobody yet; it would open now",
)
ANY = "7"
"""Stands for whatever is put into a sentence."""


def written(path: Path) -> Iterator[str]:
    """Every string of a file that could be a sentence, with {} for what is put in; no errors, no docs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = {id(part) for node in ast.walk(tree) for part in parts_left_out(node)}
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            pieces = (str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
            yield "".join(pieces)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def parts_left_out(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Raise):
        yield from ast.walk(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield from (each for each in node.values if isinstance(each, ast.Constant))
        for each in node.values:
            if isinstance(each, ast.FormattedValue) and each.format_spec:
                yield from ast.walk(each.format_spec)


def is_sentence(text: str) -> bool:
    return " " in text.strip() and not text[0].isupper() and text not in NOT_SAID and text.strip("{}; ") != ""


def untranslated(sentence: str, folders: tuple[Path, ...] = (FOLDER,)) -> list[str]:
    """The parts of a sentence for which no pattern is."""
    for pattern in patterns("de", folders):
        if found := re.fullmatch(pattern.expression, sentence):
            return [part for group in found.groups() for part in untranslated(group, folders)]
    return [sentence]


@pytest.mark.parametrize("path", SPEAKERS, ids=lambda path: path.stem)
def test_every_sentence_of_the_code_can_be_said_in_german(path):
    missing = []
    for text in filter(is_sentence, written(path)):
        left = untranslated(text.replace("{}", ANY))
        if any(part.replace(ANY, "").strip(" ,.;:()") for part in left):
            missing.append((text, left))
    assert not missing, "say it in device/web/said"


def test_every_sentence_is_said_in_every_language_with_the_same_placeholders():
    for english, others in sentences().items():
        assert set(others) == {"de"}, english
        for said in others.values():
            names = [sorted(re.findall(r"\{(\w+)", text)) for text in (english, said)]
            assert names[0] == names[1], english


def test_no_sentence_stands_in_two_files():
    found = [key for path in FOLDER.glob("*.toml") for key in tomllib.loads(path.read_text(encoding="utf-8"))]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("sentence", MADE_OF_PARTS)
def test_a_sentence_made_of_parts_can_be_said_in_german(sentence):
    left = untranslated(sentence)
    assert {"mimi", "luna", "bolt", "door_open"} >= {part for part in left if not re.match(r"-?\d", part)}


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "waiting: mouth not seen; needed 4.0, reached 2.7",
            "wartet: Maul nicht gesehen; nötig 4,0, erreicht 2,7",
        ),
        (
            "waiting: who it is; needed 4.0, reached 1.3 (too dark); mouth not seen; needed 2.0, reached 0.7",
            "wartet: wer es ist; nötig 4,0, erreicht 1,3 (zu dunkel); "
            "Maul nicht gesehen; nötig 2,0, erreicht 0,7",
        ),
        ("mimi or luna is locked out for 10 min: prey stays out", None),
        ("a reason of the owner's own", "a reason of the owner's own"),
    ],
)
def test_a_sentence_is_turned_with_what_is_put_into_it(english, german):
    assert say("de", english) == (german or "mimi oder luna ist 10 min ausgesperrt: Beute bleibt draußen")
    assert say("en", english) == english


@pytest.mark.parametrize("name", [DAY, "s3", "s6", "s10", "s15"])
def test_whatever_a_scene_says_is_said_in_german(name, tmp_path):
    scene = playable(DAY) if name == DAY else read_scene(find_scene(name))
    said: set[str] = set()

    def audience(_: Scene, __: World) -> object:
        def watch(_: Frame, observation: Observation, decision: Decision) -> None:
            said.update((decision.reason, decision.rule, observation.inputs.refusal or ""))
            said.update(text for each in decision.visits for text in (each.reason, each.rule))
            said.update(each.text for each in decision.events)

        return watch

    play_scene(scene, tmp_path, rate=5.0, audience=audience)  # type: ignore[arg-type]
    names = {each.name for each in (*scene.project.policy.animals, *scene.project.policy.rules)}
    messages = {each.message for each in scene.project.policy.rules}
    left = {part for text in said if text for part in untranslated(text)}
    assert len(said) > 3
    assert not {part for part in left - names - messages if not re.fullmatch(r"-?[\d.]+", part)}


def test_every_scene_of_the_panel_has_a_german_title():
    folders = (FOLDER, ROOT / "simulator" / "panel" / "said")
    assert not [each.title for each in listed() if say("de", each.title, folders) == each.title]


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "[guard] blocks = 'all': Input should be 'in' or 'both'",
            "[guard] blocks = 'all': muss 'in' oder 'both' sein",
        ),
        (
            "[door] hold = 900: Input should be less than or equal to 60",
            "[door] hold = 900: darf höchstens 60 sein",
        ),
        (
            '[[input]] "b" pin: pin 99 does not exist; use 0-27',
            '[[input]] "b" pin: pin 99 gibt es nicht; nimm 0-27',
        ),
        (
            "[nope] is not a section; use one of door, guard",
            "den Abschnitt [nope] gibt es nicht; möglich sind door, guard",
        ),
        (
            "[[rule]] 'a': window: '25:00' is not a time of day; write it like 06:30",
            "[[rule]] 'a': window: '25:00' ist keine Uhrzeit; schreib sie wie 06:30",
        ),
        (
            "labels.csv, line 3: has more or fewer cells than the first line; correct it",
            "labels.csv, line 3: hat mehr oder weniger Zellen als die erste Zeile; berichtige das",
        ),
    ],
)
def test_a_mistake_is_told_in_german_with_its_keys_as_the_file_has_them(english, german):
    assert say("de", english) == german
