"""The catalogue of texts: every text in every language, none unused, none unknown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from device.errors import ConfigError
from device.messages import BoltState, Door, Heading, Mode, Outcome, Place, VisitKind
from device.web.catalogue import FOLDER, LANGUAGES, ONE, Catalogue, read_catalogue, spoken
from tests.conftest import ROOT

PLACES = (ROOT / "device" / "web", ROOT / "simulator" / "panel")
"""Where texts are said: the folders of pages with their templates, modules and routes."""
WHOLE = re.compile(r"""["'`]([a-z_]+(?:\.[A-Za-z0-9_-]+(?: [a-z]+)*)+)["'`]""")
"""A key as it is written out."""
BEGUN = re.compile(r"""["'`]([a-z_]+\.(?:[A-Za-z0-9_-]+\.)*)(?:\$\{|["'] ~|\{)""")
"""The beginning of a key whose end is known only later: `words.bolt.${state}`, "words.mode." ~ mode."""
SAID = re.compile(r"""\b(?:t|text)\((?:request, )?["']([^"'`]+)["'](?! ~)""")
"""A key that is asked for by name."""


def sources() -> dict[Path, str]:
    found = [path for place in PLACES for kind in ("html", "js", "py") for path in place.rglob(f"*.{kind}")]
    return {path: path.read_text(encoding="utf-8") for path in found if "rekognition" not in path.parts}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue((FOLDER, *(place / "texts" for place in PLACES if (place / "texts").is_dir())))


def test_every_text_that_a_page_asks_for_exists(catalogue):
    asked = {(path.name, key) for path, text in sources().items() for key in SAID.findall(text)}
    assert len(asked) > 30
    assert not [each for each in sorted(asked) if each[1] not in catalogue.texts]


def test_every_text_is_asked_for_by_some_page(catalogue):
    joined = "\n".join(sources().values())
    whole, begun = set(WHOLE.findall(joined)), tuple(set(BEGUN.findall(joined)))
    titles = {f"{key}.title" for key in (path.stem for place in PLACES for path in place.glob("texts/*"))}
    unused = {
        key
        for key in catalogue.texts
        if key.removesuffix(ONE) not in whole | titles and not key.startswith(("words.", *begun))
    }
    assert not unused, "delete them, or say them"


@pytest.mark.parametrize(
    ("words", "enumeration"),
    [
        *(("bolt", BoltState), ("flap", Door), ("mode", Mode), ("place", Place), ("outcome", Outcome)),
        *(("kind", VisitKind), ("heading", Heading)),
    ],
)
def test_there_is_a_word_for_every_value_that_the_api_gives(catalogue, words, enumeration):
    assert not [each for each in enumeration if f"words.{words}.{each.value}" not in catalogue.texts]


def test_no_text_is_the_same_key_in_two_files_or_has_placeholders_of_its_own(catalogue):
    for key, each in catalogue.texts.items():
        names = {tag: set(re.findall(r"\{(\w+)\}", text)) for tag, text in each.items()}
        assert len({frozenset(found) for found in names.values()}) == 1, (key, names)


def test_a_text_that_is_missing_in_a_language_is_refused(tmp_path):
    (tmp_path / "now.toml").write_text('hello = { en = "Hello" }\n')
    with pytest.raises(ConfigError, match="hello is not said in de"):
        read_catalogue((tmp_path,))
    (tmp_path / "now.toml").write_text('hello = "Hello"\n')
    with pytest.raises(ConfigError, match="hello must be written as"):
        read_catalogue((tmp_path, tmp_path))


def test_one_visit_is_not_one_visits():
    catalogue = Catalogue({"a.b": {"en": "{count} visits"}, "a.b_one": {"en": "a visit"}})
    assert catalogue.text("en", "a.b", count=2) == "2 visits"
    assert catalogue.text("en", "a.b", count=1) == "a visit"


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "de-AT,de;q=0.9,en;q=0.8", "de"),
        (None, "fr, en;q=0.5, de;q=0.6", "de"),
        (None, "fr-CA", "en"),
        (None, "de;q=0, en", "en"),
        (None, "de;q=lots,;;;,q=", "en"),
        ("de", "en", "de"),
        ("klingon", "de", "de"),
    ],
)
def test_the_page_speaks_what_was_chosen_or_else_what_the_browser_asks_for(chosen, accepted, language):
    assert spoken(chosen, accepted) == language
    assert language in LANGUAGES
