"""The outbox: what must reach the broker is on the disk first, and stays until the broker surely has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from device.messages import Event, VisitKind, VisitPhase
from device.tell.mqtt_documents import Announcements
from device.tell.outbox import KEEP_S, Outbox
from device.tell.store import Store
from tests.test_journal import visit

PLENTY = {"most_bytes": 10**7, "most_days": 7.0}
DAY = 86400.0
ANNOUNCE = Announcements({"head/1": "abc"}).letters


def ended(number: int, **changes):
    return visit(id=f"v{number}", phase=VisitPhase.END, kind=VisitKind.PEEK, **changes)


@pytest.fixture
def store(tmp_path: Path):
    store = Store(tmp_path, announce=ANNOUNCE)
    yield store
    store.close()


def ids(outbox: Outbox, after: int = 0) -> list[str]:
    return [letter.id for letter in outbox.waiting(after, 1000)]


def filled(store: Store, count: int, **limits) -> Outbox:
    store.add(ended(number) for number in range(1, count + 1))
    return Outbox(store.folder, 0.0, **{**PLENTY, **limits})


def test_an_ended_visit_and_every_event_wait_in_the_order_in_which_they_came(store):
    store.add([visit(id="v1"), ended(2)])
    store.add(events=[Event(1.0, None, "alert", "look", "critical")])
    store.add([ended(1)])
    found = Outbox(store.folder, 0.0, **PLENTY).waiting(0, 10)
    assert [letter.topic for letter in found] == ["visits", "event", "visits"]
    assert [json.loads(letter.payload)["id"] for letter in found] == [letter.id for letter in found]
    assert (found[0].id, found[2].id) == ("v2", "v1")
    assert json.loads(found[1].payload)["event_type"] == "alert"
    assert json.loads(found[0].payload)["event_type"] == "PEEK"


def test_a_visit_that_ends_twice_is_sent_once(store):
    store.add([ended(1)])
    store.add([ended(1)])
    assert ids(Outbox(store.folder, 0.0, **PLENTY)) == ["v1"]


def test_a_visit_that_a_power_cut_ended_is_sent_after_the_restart(store, tmp_path):
    store.add([visit(id="v1")])
    again = Store(tmp_path, announce=ANNOUNCE)
    assert again.end_interrupted() == 1
    again.close()
    assert ids(Outbox(tmp_path, 0.0, **PLENTY)) == ["v1"]


def test_where_nobody_listens_nothing_is_put_into_the_outbox(tmp_path):
    store = Store(tmp_path)
    store.add([ended(1)])
    assert ids(Outbox(tmp_path, 0.0, **PLENTY)) == []
    store.close()


def test_a_letter_that_cannot_be_written_leaves_no_visit_behind_without_one(store):
    store._connection.execute("DROP TABLE outbox")
    with pytest.raises(OSError, match="outbox"):
        store.add([ended(1)])
    assert store._connection.execute("SELECT count(*) FROM visits").fetchone() == (0,)


def test_what_the_broker_has_is_kept_for_an_hour_and_not_sent_again(store):
    outbox = filled(store, 3)
    outbox.acknowledge([1, 2], 10.0)
    assert ids(outbox) == ["v3"]
    assert outbox.tidy(10.0 + KEEP_S - 1) == 0
    assert outbox.recover(None) == 2
    outbox.acknowledge([1, 2], 10.0)
    assert outbox.tidy(10.0 + KEEP_S + 1) == 0
    assert outbox.recover(None) == 0
    assert ids(outbox) == ["v3"]


def test_a_broker_that_forgot_everything_gets_the_last_hour_again(store):
    outbox = filled(store, 3)
    outbox.acknowledge([1, 2, 3], 10.0)
    assert outbox.recover(None) == 3
    assert ids(outbox) == ["v1", "v2", "v3"]


def test_a_broker_that_went_back_in_time_gets_what_came_after(store):
    outbox = filled(store, 4)
    outbox.acknowledge([1, 2, 3], 10.0)
    assert outbox.recover("v1") == 2
    assert ids(outbox) == ["v2", "v3", "v4"]


def test_a_broker_that_lost_nothing_gets_nothing_twice(store):
    outbox = filled(store, 3)
    outbox.acknowledge([1, 2, 3], 10.0)
    assert outbox.recover(outbox.tally().delivered) == 0


def test_only_an_unbroken_row_counts_as_delivered(store):
    outbox = filled(store, 4)
    assert outbox.tally().delivered is None
    outbox.acknowledge([1, 2, 4], 10.0)
    assert outbox.tally().delivered == "v2"
    assert outbox.tally().waiting == 1
    outbox.acknowledge([3], 10.0)
    assert outbox.tally().delivered == "v4"


def test_what_waits_survives_a_restart_and_its_age_goes_on(store):
    outbox = filled(store, 2)
    outbox.tidy(1000.0)
    outbox.acknowledge([1], 1000.0 + DAY)
    outbox.close()
    again = Outbox(store.folder, 5.0, **PLENTY)
    assert ids(again) == ["v2"]
    assert again.tidy(5.0 + 6 * DAY - 10) == 0
    assert again.tidy(5.0 + 6 * DAY + 10) == 1
    assert again.tally().dropped == {"too old": 1}


def test_the_oldest_give_way_when_there_are_too_many_and_are_counted(store):
    outbox = filled(store, 50, most_bytes=20_000)
    dropped = outbox.tidy(1.0)
    assert 0 < dropped < 50
    assert ids(outbox) == [f"v{number}" for number in range(dropped + 1, 51)]
    assert outbox.tally().dropped == {"no room": dropped}
    assert outbox.tidy(2.0) == 0
    store.add([ended(number) for number in range(51, 56)])
    more = outbox.tidy(3.0)
    assert more > 0
    assert outbox.tally().dropped == {"no room": dropped + more}


def test_what_was_delivered_gives_way_uncounted(store):
    outbox = filled(store, 50, most_bytes=20_000)
    outbox.acknowledge(range(1, 51), 0.0)
    assert outbox.tidy(1.0) == 0
    assert outbox.recover(None) < 50


def test_letters_come_in_portions(store):
    outbox = filled(store, 5)
    first = outbox.waiting(0, 3)
    assert [letter.id for letter in first] == ["v1", "v2", "v3"]
    assert ids(outbox, first[-1].number) == ["v4", "v5"]


def test_an_outbox_knows_when_another_database_took_its_place(store):
    outbox = filled(store, 1)
    assert not outbox.replaced
    (store.folder / "latchlens.sqlite").rename(store.folder / "elsewhere.sqlite")
    assert outbox.replaced
