"""What the frames of one animal prove of it: who it is, what it carries, and what is still missing."""

import math
from dataclasses import replace
from itertools import product

import pytest

from device.decide.household import TAKEN, Animal, IdentitySettings, ViewSettings
from device.decide.subject import EvidenceSettings, Knowledge, Subject
from device.errors import ConfigError
from device.messages import Box, ChipRead, Heading, Needed, Verdict, View
from tests.making import (
    EVEN,
    MIMI,
    OWN_CLEAN,
    OWN_WITH_PREY,
    STRANGER,
    TOM,
    chip,
    frames,
    mouth,
    observation,
    sighting,
    species,
    verdict,
    view,
    who,
)


def subject(*animals: Animal, horizon: float = 30.0, view: ViewSettings | None = None, **identity) -> Subject:
    return Subject(
        animals or (MIMI,),
        view or ViewSettings(),
        EvidenceSettings(horizon=horizon),
        IdentitySettings(**identity),
    )


def shown(one: Subject, seconds: float, *verdicts: Verdict, start: float = 0.0, **changes) -> Subject:
    for number, each in enumerate(frames(start, seconds, *verdicts, **changes)):
        one.update(each, each.sightings[0], 0.0 if number == 0 else 0.1)
    return one


def known(
    *verdicts: Verdict, animals=(MIMI,), read: ChipRead | None = None, look: View | None = None, **identity
) -> Knowledge:
    return shown(subject(*animals, **identity), 2.0, *verdicts, look=look).know(1.9, read)


def test_clear_views_prove_who_it_is_and_an_empty_mouth():
    knowledge = known(*OWN_CLEAN)
    assert (knowledge.own, knowledge.names, knowledge.prey) == (True, {"mimi": True}, False)
    assert (knowledge.species, knowledge.species_certain) == ("cat", True)


def test_clear_views_prove_prey_and_strangers():
    assert known(*OWN_WITH_PREY).prey is True
    knowledge = known(*STRANGER)
    assert (knowledge.own, knowledge.names) == (False, {"mimi": False})


def test_heads_that_cannot_tell_prove_nothing():
    knowledge = known(*EVEN)
    assert (knowledge.own, knowledge.names, knowledge.prey) == (None, {"mimi": None}, None)
    assert not knowledge.species_certain


def test_one_of_two_own_animals_may_be_proven_own_without_a_name():
    doubtful = verdict("who", mimi=0.49, tom=0.48, stranger=0.03)
    knowledge = known(species(), doubtful, animals=(MIMI, TOM))
    assert (knowledge.own, knowledge.names) == (True, {"mimi": None, "tom": None})


def test_a_name_is_proven_against_the_rest_of_the_household_too():
    knowledge = known(species(), verdict("who", mimi=0.94, tom=0.03, stranger=0.03), animals=(MIMI, TOM))
    assert (knowledge.own, knowledge.names) == (True, {"mimi": True, "tom": False})


def test_an_animal_never_taught_stays_unknown_beside_one_that_was():
    knowledge = known(*OWN_CLEAN, animals=(MIMI, TOM))
    assert knowledge.names == {"mimi": True, "tom": None}


UNTAUGHT = [
    ((species(), mouth()), "no own animal has been taught"),
    ((species(), verdict("who", stranger=1.0), mouth()), "no own animal has been taught"),
    ((species(), verdict("who", felix=0.9, stranger=0.1), mouth()), "no own animal has been taught"),
    ((species(), verdict("who", mimi=1.0), mouth()), "strangers have never been taught"),
]


@pytest.mark.parametrize(("verdicts", "missing"), UNTAUGHT)
def test_what_the_head_was_never_taught_is_unknown_and_said(verdicts, missing):
    knowledge = known(*verdicts)
    assert (knowledge.own, knowledge.names) == (None, {"mimi": None})
    assert knowledge.missing["own"] == missing


def test_without_an_animal_in_the_project_everyone_is_unknown():
    one = shown(Subject((), ViewSettings(), EvidenceSettings(), IdentitySettings()), 2.0, *OWN_CLEAN)
    knowledge = one.know(1.9, chip(1.9))
    assert (knowledge.own, knowledge.names) == (None, {})
    assert knowledge.missing["own"] == "no own animal has been taught (the project names none)"


@pytest.mark.parametrize(
    "verdicts",
    [(species(), who()), (species(), who(), verdict("prey", clean=1.0)), (who(), verdict("prey", prey=1.0))],
)
def test_prey_that_was_never_taught_is_unknown_and_said(verdicts):
    knowledge = known(*verdicts)
    assert knowledge.prey is None
    assert knowledge.missing["prey"] == "prey has never been taught"


def test_a_mouth_that_cannot_be_seen_proves_nothing():
    assert known(species(), who(), verdict("prey", clean=0.49, prey=0.01, unseen=0.5)).prey is None
    assert known(species(), who(), verdict("prey", clean=0.6, prey=0.02, unseen=0.38)).prey is False


def test_an_unfamiliar_view_argues_against_entry_and_never_for_it():
    knowledge = known(
        species(), who(0.97, familiar=False), verdict("prey", familiar=False, clean=0.97, prey=0.03)
    )
    assert (knowledge.own, knowledge.names, knowledge.prey) == (False, {"mimi": False}, None)
    prey = known(species(), who(), verdict("prey", familiar=False, clean=0.03, prey=0.97))
    assert prey.prey is True
    assert known(species(), who(familiar=True)).own is True


@pytest.mark.parametrize("nonsense", [math.nan, math.inf])
def test_scores_that_are_no_numbers_prove_nothing(nonsense):
    for own, stranger in ((nonsense, 0.1), (0.9, nonsense), (nonsense, nonsense)):
        knowledge = known(species(), verdict("who", mimi=own, stranger=stranger), mouth())
        assert knowledge.own is not True
    for clean, prey in ((nonsense, 0.1), (0.9, nonsense), (nonsense, nonsense)):
        assert known(species(), who(), verdict("prey", clean=clean, prey=prey)).prey is not False
    assert known(species(), who(), verdict("prey", clean=0.9, prey=0.01, unseen=math.nan)).prey is None


BAD_VIEWS = [
    (view(sharpness=19.9), "blurred"),
    (view(sharpness=math.nan), "blurred"),
    (view(brightness=0.03), "too dark"),
    (view(brightness=0.98), "too bright"),
    (view(brightness=math.nan), "too dark"),
    (view(height=0.07), "too far away"),
    (view(height=math.nan), "too far away"),
]


@pytest.mark.parametrize(("look", "why"), BAD_VIEWS)
def test_a_bad_view_proves_nothing_and_says_why(look, why):
    knowledge = known(*OWN_CLEAN, look=look)
    assert (knowledge.own, knowledge.prey, knowledge.species_certain) == (None, None, False)
    assert knowledge.missing["prey"].endswith(f"({why})")
    assert knowledge.species == "cat", "what it looks like may still be said"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"of_track": {"seen": False}}, "not seen in this frame"),
        ({"of_track": {"heading": Heading.OUT}}, "walking away"),
        ({"of_track": {"box": Box(0.0, 0.0, 0.1, 0.3)}}, "outside the zone"),
        ({"of_track": {"box": Box(math.nan, 0.4, 0.1, 0.3)}}, "outside the zone"),
        ({"blind": "frozen"}, "the camera is blind (frozen)"),
    ],
)
def test_a_frame_that_shows_no_comer_proves_nothing(changes, why):
    one = subject(view=ViewSettings(zone=(0.3, 0.3, 0.7, 0.7)))
    knowledge = shown(one, 2.0, *OWN_CLEAN, **changes).know(1.9, None)
    assert one.unclear == why
    assert (knowledge.own, knowledge.prey, knowledge.species_certain) == (None, None, False)


def test_one_that_is_proven_to_be_of_a_kind_not_kept_is_not_own():
    knowledge = known(species("other animal"), who(), mouth())
    assert (knowledge.own, knowledge.names) == (False, {"mimi": False})
    dog_too = known(species("dog"), who(), mouth(), animals=(MIMI, Animal("rex", species="dog")))
    assert dog_too.own is True


def test_a_new_attempt_begins_after_the_horizon_of_usable_sight():
    one = subject(horizon=1.0)
    shown(one, 1.1, *OWN_CLEAN)
    assert (one.attempts, one.know(1.0, None).own) == (1, True)
    shown(one, 0.3, *OWN_CLEAN, start=1.1)
    knowledge = one.know(1.3, None)
    assert (one.attempts, one.readings(1.3)[0].usable_frames) == (2, 1)
    assert (knowledge.own, knowledge.prey, knowledge.species_certain) == (None, None, False)


def test_time_without_a_clear_view_is_no_part_of_an_attempt():
    one = shown(subject(horizon=1.0), 20.0, *OWN_CLEAN, look=view(sharpness=0))
    assert one.attempts == 1


def test_a_long_gap_counts_little_towards_the_horizon():
    one = subject(horizon=1.0)
    for number in range(3):
        each = observation(10.0 * number, sighting(*OWN_CLEAN))
        one.update(each, each.sightings[0], 10.0)
    assert one.attempts == 1


def test_readings_show_every_meter():
    one = shown(subject(MIMI, TOM), 2.0, *OWN_CLEAN)
    assert [reading.name for reading in one.readings(1.9)] == ["who", "mimi", "tom", "mouth empty"]
    assert [reading.proven for reading in one.readings(1.9)] == [True, True, None, True]


# --- the chip -----------------------------------------------------------------------------------

SIGHTS = {True: OWN_CLEAN, False: STRANGER, None: EVEN}
CHIPS = {True: chip(1.5), False: chip(1.5, "999999999999999"), None: None}
COMBINED = {
    "sight": lambda sight, _: sight,
    "chip": lambda _, chip: chip,
    "either": lambda sight, chip: sight if sight is not None else chip or None,
    "both": lambda sight, chip: False if False in (sight, chip) else (True if sight and chip else None),
}


@pytest.mark.parametrize(("proof", "sight", "read"), list(product(COMBINED, SIGHTS, CHIPS)))
def test_sight_and_chip_over_all_they_may_say(proof, sight, read):
    knowledge = known(*SIGHTS[sight], read=CHIPS[read], proof=proof)
    expected = COMBINED[proof](sight, read)
    assert (knowledge.own, knowledge.names["mimi"]) == (expected, expected)


@pytest.mark.parametrize(("proof", "needs"), [("chip", "a chip of the household"), ("both", "; a chip of")])
def test_a_missing_chip_is_said(proof, needs):
    assert needs in known(*EVEN, proof=proof).missing["own"]
    assert known(species(), proof="chip").missing["own"] == "a chip of the household"


def test_a_chip_tells_the_animals_of_the_household_apart():
    knowledge = known(*EVEN, animals=(MIMI, TOM), read=chip(1.9, TOM.chip), proof="chip")
    assert (knowledge.own, knowledge.names) == (True, {"mimi": False, "tom": True})


def test_an_animal_without_a_chip_is_not_the_one_with_an_empty_number():
    assert known(*EVEN, animals=(Animal("mimi"),), read=chip(1.9, ""), proof="chip").own is False


@pytest.mark.parametrize("time", [-8.2, 2.5, math.nan])
def test_a_chip_read_long_ago_or_in_the_future_says_nothing(time):
    assert known(*EVEN, read=chip(time), proof="chip").own is None


def test_no_chip_makes_a_raccoon_an_own_cat():
    for proof in COMBINED:
        assert known(species("other animal"), who(), mouth(), read=chip(1.9), proof=proof).own is False


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_an_animal_may_not_be_called_what_means_something_else(name):
    with pytest.raises(ConfigError, match=f"name = '{name}' means something else"):
        Animal(name)


def test_a_head_brings_its_own_threshold_and_the_projects_no_longer_holds():
    strict = replace(mouth(), needed=Needed(day=11.0, infrared=11.0))
    assert shown(subject(), 2.0, species(), who(), mouth()).know(2.0, None).prey is False
    waiting = shown(subject(), 2.0, species(), who(), strict).know(2.0, None)
    assert waiting.prey is None
    assert "needed 11.0" in waiting.missing["prey"]
    lenient = replace(mouth(0.6), needed=Needed(day=0.5, infrared=0.5))
    assert shown(subject(), 2.0, species(), who(), mouth(0.6)).know(2.0, None).prey is None
    assert shown(subject(), 2.0, species(), who(), lenient).know(2.0, None).prey is False


def test_infrared_light_has_its_own_threshold_and_the_stricter_holds_for_the_attempt():
    told = replace(who(), needed=Needed(day=1.0, infrared=11.0))
    assert shown(subject(), 2.0, species(), told, mouth()).know(2.0, None).own is True
    assert shown(subject(), 2.0, species(), told, mouth(), infrared=True).know(2.0, None).own is None
    one = shown(subject(), 0.3, species(), told, mouth(), infrared=True)
    shown(one, 2.0, species(), told, mouth(), start=0.3)
    assert one.know(2.3, None).own is None
    assert {each.needed for each in one.readings(2.3) if each.name in ("who", "mimi")} == {11.0}
