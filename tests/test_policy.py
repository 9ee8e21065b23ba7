"""The whole decision: who is let in, what takes it back, modes, lockouts, two animals, switches, sensors."""

from itertools import product

import pytest

from device.decide.policy import PolicyState
from device.messages import Box, Door, Heading, Mode, Outcome
from tests.making import (
    EVEN,
    MIMI,
    OWN_CLEAN,
    OWN_MAY_ENTER,
    OWN_WITH_PREY,
    PREY_LOCKS_OUT,
    STRANGER,
    TOM,
    chip,
    empty,
    ended,
    events,
    frames,
    mouth,
    observation,
    opened,
    play,
    policy,
    sighting,
    species,
    verdict,
    view,
    wall,
    who,
)

LET_IN = {"name": "let in", "input": "let_in", "then": "unlock", "message": "you pressed let in"}
LET_OUT = {"name": "let out", "input": "inside", "then": "unlock", "message": "a cat waits inside"}
ANY_OWN = {"name": "own", "who": "own", "then": "unlock"}
INSIDE = {"motion": {"inside": True}}
PRESSED = {"buttons": {"let_in": True}}
TOM_CLEAN = (species(), verdict("who", tom=0.97, mimi=0.01, stranger=0.02), mouth())
MIMI_CLEAN = (species(), verdict("who", mimi=0.97, tom=0.01, stranger=0.02), mouth())
MIMI_WITH_PREY = (*MIMI_CLEAN[:2], mouth(0.03))


def together(start: float, seconds: float, *animals: tuple, **changes):
    """Several animals at once, each (verdicts, changes of its track)."""
    return [
        observation(
            start + number / 10,
            *(
                sighting(*verdicts, id=one, time=start + number / 10, **of_track)
                for one, (verdicts, of_track) in enumerate(animals, 1)
            ),
            **changes,
        )
        for number in range(round(seconds * 10))
    ]


# --- the cats ------------------------------------------------------------------------------------


def test_an_own_cat_with_an_empty_mouth_comes_in():
    decisions = play(policy(), frames(0, 2, *OWN_CLEAN))
    first = next(each for each in decisions if each.lease is not None)
    assert 0.4 <= first.time < 1.0
    assert (first.outcome, first.rule, first.lease.reason) == (Outcome.UNLOCK, "own", "rule 'own' holds")
    assert (first.lease.time, first.lease.seconds) == (first.time, 5.0)
    assert decisions[-1].lease.time == decisions[-1].time, "renewed while it is seen"


def test_a_cat_with_a_mouse_stays_out():
    decisions = play(policy(), frames(0, 10, *OWN_WITH_PREY))
    assert not opened(decisions)
    (lockout,) = events(decisions, "lockout")
    assert lockout.text == "mimi is locked out for 5 min: prey"
    assert decisions[-1].lockouts["mimi"] == pytest.approx(300 - 9.3, abs=0.5)


def test_the_neighbours_tom_stays_out():
    assert not opened(play(policy(), frames(0, 30, *STRANGER)))


def test_a_raccoon_that_the_heads_take_for_the_own_cat_stays_out():
    decisions = play(policy(), frames(0, 10, species("other animal"), who(), mouth()))
    assert not any(each.lease for each in decisions[3:])
    assert not opened(decisions)


def test_a_cat_whose_mouth_is_never_seen_stays_out_and_it_is_said():
    decisions = play(
        policy(), frames(0, 30, species(), who(), verdict("prey", clean=0.1, prey=0.1, unseen=0.8))
    )
    assert not opened(decisions)
    assert (decisions[-1].outcome, decisions[-1].rule) == (Outcome.UNDECIDED, "prey")
    assert "mouth not seen; needed 4.0, reached 0.0" in decisions[-1].reason


def test_a_cat_is_let_in_by_identity_alone_only_where_the_owner_chose_so():
    never_taught = (species(), who())
    assert not opened(play(policy(OWN_MAY_ENTER), frames(0, 10, *never_taught)))
    assert opened(play(policy(OWN_MAY_ENTER, require_prey_proof=False), frames(0, 2, *never_taught)))


def test_proof_may_come_bit_by_bit():
    unseen_mouth = (species(), who())
    unknown_cat = (species(), mouth())
    assert opened(play(policy(), frames(0, 2, *unseen_mouth), frames(2, 2, *unknown_cat)))


def test_proof_that_is_too_far_apart_opens_nothing():
    bits = frames(0, 2, species(), who()), frames(2, 11, species()), frames(13, 2, species(), mouth())
    assert not opened(play(policy(), *bits))


# --- holding and taking back ---------------------------------------------------------------------


def test_a_lease_is_renewed_only_by_clear_views():
    decisions = play(policy(), frames(0, 1, *OWN_CLEAN), frames(1, 8, *OWN_CLEAN, look=view(sharpness=0)))
    last_clear = decisions[9]
    assert last_clear.lease is not None
    for each in decisions[10:]:
        assert each.lease in (last_clear.lease, None)
    assert [each.lease is not None for each in decisions if each.time > 5.95] == [False] * 30
    assert (decisions[-1].outcome, decisions[-1].reason) == (
        Outcome.UNDECIDED,
        "waiting: a clear view (blurred)",
    )


def test_a_lease_outlives_the_cat_that_vanishes_in_the_tunnel_for_the_time_it_holds():
    decisions = play(policy(), frames(0, 1, *OWN_CLEAN), empty(1, 6))
    held = [each for each in decisions if each.lease is not None]
    assert held[-1].time == pytest.approx(5.9)
    assert (held[-1].outcome, held[-1].rule) == (Outcome.UNLOCK, "own")
    assert (decisions[-1].outcome, decisions[-1].rule) == (Outcome.KEEP_LOCKED, "nobody")


@pytest.mark.parametrize("rate", [3.0, 5.0, 10.0, 15.0])
@pytest.mark.parametrize("contrary", [OWN_WITH_PREY, STRANGER], ids=["prey", "a stranger's face"])
def test_what_contradicts_a_permission_takes_the_lease_back_within_a_second(rate, contrary):
    door = policy()
    assert play(door, frames(0, 4, *OWN_CLEAN, rate=rate))[-1].lease is not None
    seen = play(door, frames(4, 1.0, *contrary, rate=rate))
    assert seen[-1].lease is None
    assert [each.lease is None for each in seen] == sorted(each.lease is None for each in seen)


def test_one_contrary_frame_among_many_clean_ones_does_not_take_the_lease_back():
    door = policy()
    play(door, frames(0, 3, *OWN_CLEAN))
    assert play(door, frames(3, 0.1, *OWN_WITH_PREY))[0].lease is not None


def test_the_end_of_an_attempt_takes_the_lease_back():
    decisions = play(policy(), frames(0, 32, *OWN_CLEAN, rate=5.0))
    gap = [each.time for each in decisions if each.time > 2 and each.lease is None]
    assert gap and 29.5 < gap[0] < 31 and gap[-1] - gap[0] < 1.0


def test_a_passage_ends_the_lease_at_once_and_needs_fresh_proof():
    door = policy()
    play(door, frames(0, 2, *OWN_CLEAN, door=Door.CLOSED))
    assert opened(play(door, frames(2, 0.5, *OWN_CLEAN, door=Door.OPEN)))
    after = play(door, frames(2.5, 1.5, *OWN_CLEAN, door=Door.CLOSED))
    assert not opened(after[:4]), "even if the next one is seen on the very frame on which the flap closes"
    assert opened(after)


def test_a_passage_after_the_lease_ran_out_needs_fresh_proof_too():
    door = policy(hold=0.5)
    play(door, frames(0, 2, *OWN_CLEAN, door=Door.CLOSED))
    play(door, empty(2, 2, door=Door.OPEN))
    assert not opened(play(door, frames(4, 0.4, *OWN_CLEAN, door=Door.CLOSED)))


def test_one_chip_proves_nobody_while_two_animals_stand_before_the_door():
    door = policy(ANY_OWN, identity=_identity("chip"), require_prey_proof=False)
    pair = [
        observation(
            index / 10,
            sighting(species(), id=1, time=index / 10),
            sighting(species(), id=2, time=index / 10),
            chip=chip(0.5),
        )
        for index in range(30)
    ]
    assert not opened(play(door, pair))


def test_a_tailgater_is_not_let_in_by_the_chip_of_the_cat_before_it():
    chipped = {"identity": _identity("chip"), "require_prey_proof": False}
    door = policy(ANY_OWN, **chipped)
    read = chip(0.5)
    assert opened(play(door, frames(0.5, 1, species(), chip=read, door=Door.CLOSED)))
    play(door, frames(1.5, 0.5, species(), chip=read, door=Door.OPEN))
    after = frames(2, 3, species(), chip=read, door=Door.CLOSED, of_track={"id": 2})
    assert not opened(play(door, after))
    assert opened(play(door, frames(5, 1, species(), chip=chip(5.0), door=Door.CLOSED, of_track={"id": 2})))


def _identity(proof):
    from device.decide.household import IdentitySettings

    return IdentitySettings(proof=proof)


# --- lockouts ------------------------------------------------------------------------------------


def test_after_prey_a_clean_mouth_helps_only_when_the_lockout_is_over():
    door = policy()
    play(door, frames(0, 2, *OWN_WITH_PREY))
    clean = play(door, frames(2, 20, *OWN_CLEAN, rate=5.0))
    assert not opened(clean)
    assert clean[-1].rule == "lockout"
    assert clean[-1].reason.startswith("mimi is locked out for 279")
    later = play(door, empty(22, 280, rate=1.0), frames(302, 2, *OWN_CLEAN))
    assert [event.text for event in events(later, "lockout-ended")] == ["the lockout of mimi has ended"]
    first = next(each for each in later if each.lease is not None)
    assert first.time >= 302.4, "fresh proof"


def test_a_lockout_goes_on_after_a_restart():
    door = policy()
    remaining = play(door, frames(0, 10, *OWN_WITH_PREY))[-1].lockouts
    restarted = policy(state=PolicyState(lockouts=remaining))
    assert not opened(play(restarted, frames(1000, 5, *OWN_CLEAN)))
    assert not opened(play(restarted, empty(1005, 280, rate=1.0)))
    assert opened(play(restarted, empty(1285, 10, rate=1.0), frames(1295, 2, *OWN_CLEAN)))


def test_another_cat_of_the_household_is_free_while_one_is_locked_out():
    door = policy(animals=(MIMI, TOM))
    play(door, frames(0, 2, *MIMI_WITH_PREY))
    assert opened(play(door, empty(2, 6), frames(8, 2, *TOM_CLEAN, of_track={"id": 2})))
    play(door, empty(10, 12))
    assert not opened(play(door, frames(22, 5, *MIMI_CLEAN, of_track={"id": 3})))


def test_prey_in_an_unnamed_mouth_locks_everyone_out():
    door = policy({"name": "prey", "prey": True, "then": "lock out", "minutes": 1}, ANY_OWN)
    decisions = play(door, frames(0, 2, species(), who(0.5), mouth(0.03)))
    assert events(decisions, "lockout")[0].text == "everyone is locked out for 1 min: prey"
    assert not opened(play(door, empty(2, 6), frames(8, 3, *OWN_CLEAN, of_track={"id": 2})))


def test_prey_in_the_mouth_of_one_that_is_not_tom_leaves_tom_free():
    door = policy(
        {"name": "prey", "prey": True, "then": "lock out", "minutes": 1}, ANY_OWN, animals=(MIMI, TOM)
    )
    not_tom = verdict("who", mimi=0.5, tom=0.01, stranger=0.49)
    decisions = play(door, frames(0, 3, species(), not_tom, mouth(0.03)))
    assert events(decisions, "lockout")[0].text == "mimi is locked out for 1 min: prey"
    assert opened(play(door, empty(3, 6), frames(9, 3, *TOM_CLEAN, of_track={"id": 2})))


def test_prey_in_a_strangers_mouth_locks_none_of_ours_out():
    door = policy({"name": "prey", "prey": True, "then": "lock out", "minutes": 1}, ANY_OWN)
    decisions = play(door, frames(0, 3, *STRANGER[:2], mouth(0.1)))
    assert decisions[-1].lease is None
    assert not events(decisions[20:], "lockout")


# --- two at once ---------------------------------------------------------------------------------

FAR = Box(0.0, 0.0, 0.05, 0.2)


def test_a_proven_stranger_beside_the_own_cat_keeps_the_door_shut():
    decisions = play(policy(), together(0, 5, (OWN_CLEAN, {}), (STRANGER, {})))
    assert not any(each.lease for each in decisions[15:])
    assert (decisions[-1].rule, decisions[-1].reason) == ("veto", "another stands there: no rule lets it in")


def test_a_stranger_that_arrives_takes_the_lease_back():
    door = policy()
    assert opened(play(door, frames(0, 2, *OWN_CLEAN)))
    decisions = play(door, together(2, 3, (OWN_CLEAN, {}), (STRANGER, {})))
    assert decisions[-1].lease is None


def test_a_stranger_takes_the_lease_back_even_when_the_own_cat_is_out_of_sight():
    door = policy()
    play(door, together(0, 0.1, (EVEN, {}), (EVEN, {})))
    play(door, frames(0.1, 2, *OWN_CLEAN))
    decisions = play(door, frames(2.1, 2, *STRANGER, of_track={"id": 2}))
    assert decisions[0].lease is not None
    assert decisions[-1].lease is None


def test_the_own_cat_with_prey_keeps_the_door_shut_for_the_other():
    decisions = play(policy(animals=(MIMI, TOM)), together(0, 5, (TOM_CLEAN, {}), (MIMI_WITH_PREY, {})))
    assert decisions[-1].lease is None


def test_a_person_beside_the_own_cat_keeps_nothing_shut():
    person = (species("person"), who(0.03), mouth())
    decisions = play(policy(), together(0, 5, (OWN_CLEAN, {}), (person, {"label": "person"})))
    assert decisions[-1].lease is not None


def test_one_that_is_not_a_clear_person_is_a_stranger_like_any_other():
    maybe = (verdict("species", person=0.5, cat=0.5), who(0.03), mouth())
    assert play(policy(), together(0, 5, (OWN_CLEAN, {}), (maybe, {})))[-1].lease is None


def test_a_stranger_outside_the_zone_keeps_nothing_shut():
    from device.decide.household import ViewSettings

    door = policy(view=ViewSettings(zone=(0.2, 0.2, 0.8, 0.8)))
    decisions = play(door, together(0, 5, (OWN_CLEAN, {}), (STRANGER, {"box": FAR})))
    assert decisions[-1].lease is not None


def test_two_own_cats_come_in_together():
    decisions = play(policy(animals=(MIMI, TOM)), together(0, 3, (MIMI_CLEAN, {}), (TOM_CLEAN, {})))
    assert decisions[-1].lease is not None
    visits = ended(
        play(policy(animals=(MIMI, TOM)), together(0, 3, (MIMI_CLEAN, {}), (TOM_CLEAN, {})), empty(3, 9))
    )
    assert sorted((visit.who, visit.unlocked_at is not None) for visit in visits) == [
        ("mimi", True),
        ("tom", True),
    ]


# --- modes and enforcing -------------------------------------------------------------------------

SHUT = [{"mode": Mode.LOCKED}, {"mode": Mode.OUT_ONLY}, *({"mode": mode, "lost": True} for mode in Mode)]


@pytest.mark.parametrize(("settings", "visitor"), list(product(SHUT, [OWN_CLEAN, STRANGER, EVEN])))
def test_locked_out_only_and_lost_let_nobody_in_not_even_by_a_switch(settings, visitor):
    door = policy(ANY_OWN, LET_IN)
    decisions = play(door, frames(0, 3, *visitor, **settings, **PRESSED), empty(3, 3, **settings, **PRESSED))
    assert not opened(decisions)
    assert not any(each.would for each in decisions)
    assert decisions[-1].outcome is Outcome.KEEP_LOCKED


@pytest.mark.parametrize("settings", SHUT)
def test_a_lease_ends_at_once_when_entry_is_shut(settings):
    for before in (frames(0, 2, *OWN_CLEAN), empty(0, 2, **PRESSED), empty(0, 2, mode=Mode.UNLOCKED)):
        door = policy(ANY_OWN, LET_IN)
        assert opened(play(door, before))
        assert not opened(play(door, empty(2, 1, **settings)))


@pytest.mark.parametrize(
    ("settings", "free"),
    [
        ({"mode": Mode.NORMAL}, True),
        ({"mode": Mode.OUT_ONLY}, True),
        ({"mode": Mode.UNLOCKED}, True),
        ({"mode": Mode.IN_ONLY}, False),
        ({"mode": Mode.LOCKED}, False),
        ({"mode": Mode.LOCKED, "lost": True}, False),
        ({"mode": Mode.NORMAL, "lost": True}, True),
        ({"mode": Mode.UNLOCKED, "lost": True}, True),
        ({"mode": Mode.IN_ONLY, "lost": True}, True),
        ({"mode": Mode.OUT_ONLY, "lost": True}, True),
    ],
)
def test_the_way_out_by_a_sensor_over_all_modes(settings, free):
    decisions = play(policy(ANY_OWN, LET_OUT), empty(0, 1, **settings, **INSIDE))
    assert opened(decisions) is free
    if not free and not settings.get("lost"):
        assert decisions[-1].rule.startswith("mode")


def test_in_only_lets_the_own_cat_in():
    assert opened(play(policy(), frames(0, 2, *OWN_CLEAN, mode=Mode.IN_ONLY)))


def test_the_owner_may_unlock_for_all():
    decisions = play(policy(), frames(0, 1, *STRANGER, mode=Mode.UNLOCKED), empty(1, 1, mode=Mode.UNLOCKED))
    assert all(each.lease is not None and each.rule == "mode unlocked" for each in decisions)


def test_lost_settings_never_open_for_all_and_raise_the_alarm_once():
    decisions = play(policy(), empty(0, 2, mode=Mode.UNLOCKED, lost=True))
    assert not opened(decisions)
    (alarm,) = events(decisions, "settings-lost")
    assert alarm.severity == "critical"
    assert decisions[-1].rule == "settings lost"


def test_settings_lost_a_second_time_are_told_again():
    door = policy()
    parts = empty(0, 1, lost=True), empty(1, 1), empty(2, 1, lost=True)
    assert len(events(play(door, *parts), "settings-lost")) == 2


def test_not_enforcing_says_what_it_would_do_and_gives_no_lease():
    decisions = play(policy(), frames(0, 2, *OWN_CLEAN, enforce=False))
    assert not opened(decisions)
    assert decisions[-1].would
    assert decisions[-1].outcome is Outcome.UNLOCK
    enforcing = play(policy(), frames(0, 2, *OWN_CLEAN))
    assert [each.would for each in decisions] == [each.lease is not None for each in enforcing]


# --- switches and sensors ------------------------------------------------------------------------


def test_a_switch_lets_in_whoever_comes_as_long_as_it_is_on():
    door = policy(ANY_OWN, LET_IN)
    decisions = play(door, frames(0, 3, *STRANGER, **PRESSED))
    assert decisions[-1].lease is not None
    assert (decisions[-1].rule, decisions[-1].reason) == ("let in", "you pressed let in")
    released = play(door, empty(3, 6, buttons={"let_in": False}))
    assert released[-1].lease is None


def test_a_switch_lets_in_past_a_lockout_and_a_veto():
    door = policy(PREY_LOCKS_OUT, ANY_OWN, LET_IN)
    play(door, frames(0, 2, *OWN_WITH_PREY))
    assert opened(play(door, frames(2, 1, *OWN_WITH_PREY, **PRESSED)))
    door = policy(ANY_OWN, LET_IN)
    assert opened(play(door, together(0, 3, (OWN_CLEAN, {}), (STRANGER, {}), **PRESSED))[-1:])


def test_what_a_sensor_sees_inside_never_opens_for_a_stranger_outside():
    door = policy(ANY_OWN, LET_OUT)
    for visitor in (STRANGER, OWN_WITH_PREY, EVEN):
        decisions = play(policy(ANY_OWN, LET_OUT), frames(0, 5, *visitor, **INSIDE))
        assert not opened(decisions)
        assert decisions[-1].reason == "waiting: an animal not let in stands outside"
    assert opened(play(door, frames(0, 2, *OWN_CLEAN, **INSIDE)))


def test_a_stranger_that_comes_while_the_way_out_is_open_closes_it():
    door = policy(ANY_OWN, LET_OUT)
    assert opened(play(door, empty(0, 1, **INSIDE)))
    assert not opened(play(door, frames(1, 1, *EVEN, motion={"inside": False})))


def test_a_person_outside_keeps_nobody_in():
    door = policy(ANY_OWN, LET_OUT)
    person = frames(0, 2, species("person"), who(0.03), mouth(), **INSIDE)
    assert play(door, person)[-1].lease is not None


def test_a_lease_of_the_way_out_ends_with_the_mode():
    door = policy(ANY_OWN, LET_OUT)
    assert opened(play(door, empty(0, 1, **INSIDE)))
    assert not opened(play(door, empty(1, 1, mode=Mode.IN_ONLY, **INSIDE)))


# --- alerts, blindness, the clock ----------------------------------------------------------------


def test_an_alert_is_told_once_in_a_visit_and_again_in_the_next():
    door = policy({"name": "fox", "who": "other species", "then": "alert", "message": "a fox"})
    fox = species("other animal")
    decisions = play(
        door, frames(0, 3, fox), empty(3, 8), frames(11, 3, fox, of_track={"id": 2}), empty(14, 8)
    )
    alerts = events(decisions, "alert")
    assert [(alert.text, alert.severity, alert.visit) for alert in alerts] == [
        ("a fox", "critical", "visit-1"),
        ("a fox", "critical", "visit-2"),
    ]


def test_an_alert_by_an_input_alone_is_told_once_as_long_as_it_holds():
    door = policy({"name": "smoke", "input": "smoke", "then": "alert"}, ANY_OWN)
    on, off = {"buttons": {"smoke": True}}, {"buttons": {"smoke": False}}
    parts = empty(0, 1, **on), frames(1, 1, *EVEN, **on), empty(2, 1, **off), empty(3, 1, **on)
    assert [event.time for event in events(play(door, *parts), "alert")] == [0.0, 3.0]


def test_blindness_is_told_when_it_begins_and_ends():
    decisions = play(policy(), empty(0, 1), empty(1, 11, blind="black", looked=False), empty(12, 1))
    assert [(event.kind, event.text) for each in decisions for event in each.events] == [
        ("blind", "the camera is blind: black"),
        ("sees", "the camera sees again"),
    ]
    assert (decisions[15].rule, decisions[15].reason) == ("blind", "the camera is blind (black)")


@pytest.mark.parametrize(
    ("local", "free"),
    [("2026-03-28 21:59", True), ("2026-03-29 03:30", False), ("2026-10-25 05:59", False), (None, False)],
)
def test_a_night_rule_follows_the_local_clock_and_waits_while_it_is_not_set(local, free):
    night = {"name": "night", "window": "22:00-06:00", "then": "keep locked"}
    door = policy(night, OWN_MAY_ENTER)
    decisions = play(door, frames(0, 2, *OWN_CLEAN, wall=None if local is None else wall(local)))
    assert opened(decisions) is free
    if not free:
        expected = (Outcome.UNDECIDED if local is None else Outcome.KEEP_LOCKED, "night")
        assert (decisions[-1].outcome, decisions[-1].rule) == expected


def test_one_that_walks_away_is_not_let_in():
    out = {"of_track": {"heading": Heading.OUT}}
    assert not opened(play(policy(), frames(0, 5, *OWN_CLEAN, **out)))


def test_one_that_walks_away_was_not_refused_and_keeps_nothing_shut():
    out = {"heading": Heading.OUT}
    leaver, comer = (TOM_CLEAN, out), (MIMI_CLEAN, {})
    door = policy(OWN_MAY_ENTER, animals=(MIMI, TOM))
    assert play(door, together(0, 3, leaver, comer))[-1].lease is not None
    assert play(door, together(3, 3, leaver, (STRANGER, out)))[-1].lease is None


def test_a_clock_that_was_set_back_ends_the_lease_and_all_proof():
    door = policy()
    assert opened(play(door, frames(1000, 3, *OWN_CLEAN)))
    after = play(door, frames(0, 1.5, *OWN_CLEAN))
    assert not opened(after[:4])
    assert opened(after), "fresh proof opens again"
    assert len(ended(play(door, empty(1.5, 9)))) == 1, "and the visit still ends"


def test_a_frame_somewhat_older_than_the_pass_before_it_does_no_harm():
    door = policy()
    play(door, frames(0, 2, *OWN_CLEAN))
    assert play(door, [observation(2.5, looked=False)], frames(2.4, 0.2, *OWN_CLEAN))[-1].lease is not None


def test_a_policy_that_begins_from_a_state_decides_alike():
    before = (
        frames(0, 3, *OWN_WITH_PREY, door=Door.CLOSED),
        empty(3, 9, blind="black", buttons={"smoke": True}),
    )
    after = frames(12, 3, *OWN_CLEAN, door=Door.OPEN), empty(15, 400, rate=1.0), frames(415, 3, *OWN_CLEAN)
    rules = {"name": "smoke", "input": "smoke", "then": "alert"}, PREY_LOCKS_OUT, OWN_MAY_ENTER
    one = policy(*rules)
    play(one, *before)
    state = one.state()
    assert state is not None and state.visits == 1
    assert play(policy(*rules, state=state), *after) == play(one, *after)


def test_there_is_no_state_to_begin_from_while_someone_is_at_the_door():
    door = policy(ANY_OWN, LET_IN)
    assert door.state() == PolicyState()
    play(door, frames(0, 1, *EVEN))
    assert door.state() is None
    play(door, empty(1, 8))
    assert door.state() is not None
    play(door, empty(9, 1, **PRESSED))
    assert door.state() is None


def test_the_meters_are_those_of_the_animal_that_was_seen_last():
    door = policy()
    assert door.meters(0.0) == ()
    play(door, frames(0.0, 1.0, *OWN_CLEAN))
    readings = door.meters(1.0)
    assert [each.name for each in readings] == ["who", "mimi", "mouth empty"]
    assert all(each.value > 0 for each in readings)
