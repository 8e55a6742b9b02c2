"""What became of a claimed message, and the receipts that tell (laws 7 and 8)."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from app.gateways.port import Status
from app.store import deliveries, outbox, tables
from app.store.database import Database
from app.store.outbox import NewMessage
from tests.clock import START

NOW = START
ANN = "+8613800138000"
ROW = tables.Message


def sending(connection: Connection, **values: Any) -> int:
    new = NewMessage(ANN, "answer", 0, "t", "【银行】", 1, NOW, NOW + timedelta(hours=1))
    made = outbox.queue(connection, new, NOW)
    given = {"state": "sending", "lease_until": NOW + timedelta(minutes=1), **values}
    connection.execute(update(ROW).where(ROW.id == made).values(**given))
    return made


def row(connection: Connection, message_id: int) -> Any:
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id == message_id)).one()


def test_a_message_is_handed_over_once(database: Database) -> None:
    with database.begin() as connection:
        made = sending(connection)
        deliveries.hand_over(connection, made, "twilio", "SM1", NOW)
        deliveries.hand_over(connection, made, "twilio", "SM2", NOW + timedelta(seconds=1))
        found = row(connection, made)
    assert (found.state, found.gateway_id, found.handed_at, found.lease_until) == ("handed", "SM1", NOW, None)


def test_what_was_taken_is_noted_in_one_statement(database: Database) -> None:
    """What stands already, because a callback was faster, is left to who can merge it."""
    with database.begin() as connection:
        made = sending(connection)
        assert deliveries.taken(connection, made, "twilio", "SM1", int(Status.QUEUED), NOW)
        assert not deliveries.taken(connection, made, "twilio", "SM1", int(Status.QUEUED), NOW)
        found = row(connection, made)
    assert (found.state, found.gateway_id, found.status, found.handed_at) == ("handed", "SM1", int(Status.QUEUED), NOW)


@pytest.mark.parametrize("state", ["queued", "withheld", "withdrawn", "failed"])
def test_what_never_left_is_not_handed_over(database: Database, state: str) -> None:
    with database.begin() as connection:
        made = sending(connection, state=state)
        deliveries.hand_over(connection, made, "twilio", "SM1", NOW)
        assert (row(connection, made).state, row(connection, made).gateway_id) == (state, None)


def test_what_was_given_up_is_handed_over_after_all(database: Database) -> None:
    with database.begin() as connection:
        made = sending(connection)
        deliveries.stop(connection, made, "failed", deliveries.NEVER_KNOWN)
        deliveries.hand_over(connection, made, "twilio", "SM1", NOW)
        assert (row(connection, made).state, row(connection, made).reason) == ("handed", "")


@pytest.mark.parametrize("state", ["queued", "handed", "failed"])
def test_only_what_is_on_its_way_can_stop_or_be_left_open(database: Database, state: str) -> None:
    with database.begin() as connection:
        made = sending(connection, state=state)
        deliveries.stop(connection, made, "failed", "bad_number", "21211")
        deliveries.leave_open(connection, made, NOW, "timeout")
        deliveries.try_later(connection, made, NOW, "busy")
        found = row(connection, made)
    assert (found.state, found.reason, found.error_code) == (state, "", None)


def test_a_refused_message_can_wait_for_a_later_try(database: Database) -> None:
    with database.begin() as connection:
        made = sending(connection)
        deliveries.try_later(connection, made, NOW + timedelta(seconds=2), "busy")
        found = row(connection, made)
        assert (found.state, found.due_at, found.lease_until) == ("queued", NOW + timedelta(seconds=2), None)
        unsettled = sending(connection, state="unsettled")
        deliveries.try_later(connection, unsettled, NOW, "busy")
        assert row(connection, unsettled).state == "unsettled"  # it may have left: never again into the queue


# Sends that nobody knows the outcome of.


def test_a_send_whose_process_died_is_looked_up_when_its_lease_ends(database: Database) -> None:
    with database.begin() as connection:
        made = sending(connection, attempts=1)
        assert deliveries.claim_open(connection, NOW, NOW + timedelta(seconds=45), 10) == []
        later = NOW + timedelta(minutes=1)
        (claimed,) = deliveries.claim_open(connection, later, later + timedelta(seconds=45), 10)
        assert (claimed.id, claimed.attempts, claimed.phone) == (made, 2, ANN)
        assert deliveries.claim_open(connection, later, later + timedelta(seconds=45), 10) == []
        assert row(connection, made).state == "sending"  # one of two clocks may be wrong
        again = later + timedelta(seconds=45)
        assert [each.id for each in deliveries.claim_open(connection, again, again, 10)] == [made]
        assert (row(connection, made).state, row(connection, made).reason) == ("unsettled", "lease_ended")


def test_the_longest_open_is_looked_up_first(database: Database) -> None:
    with database.begin() as connection:
        late = sending(connection, state="unsettled", lease_until=NOW - timedelta(seconds=1))
        early = sending(connection, state="unsettled", lease_until=NOW - timedelta(seconds=9))
        for state in ("queued", "handed", "failed", "withheld", "withdrawn"):
            sending(connection, state=state, lease_until=NOW - timedelta(minutes=1))
        assert [each.id for each in deliveries.claim_open(connection, NOW, NOW + timedelta(1), 1)] == [early]
        assert [each.id for each in deliveries.claim_open(connection, NOW, NOW + timedelta(1), 9)] == [late]


def test_ids_that_others_own_are_not_adopted(database: Database) -> None:
    with database.begin() as connection:
        sending(connection, gateway_id="SM1", gateway="twilio")
        sending(connection)
        sending(connection, gateway_id="SM3", gateway="twilio", phone="+1")
        assert deliveries.owned_ids(connection, ANN, NOW) == {"SM1"}
        assert deliveries.owned_ids(connection, ANN, NOW + timedelta(seconds=1)) == set()


# Receipts.


def test_a_callback_is_kept_once(database: Database) -> None:
    with database.begin() as connection:
        given = (connection, "twilio", "SM1", None)
        assert deliveries.add_receipt(*given, 3, "", {"a": ["1"]}, NOW)
        assert not deliveries.add_receipt(*given, 3, "", {"a": ["2"]}, NOW + timedelta(1))
        assert deliveries.add_receipt(*given, 41, "30003", {}, NOW)
        assert deliveries.add_receipt(*given, 41, "30008", {}, NOW)
        assert deliveries.add_receipt(connection, "twilio", "SM2", None, 3, "", {}, NOW)
        assert deliveries.add_receipt(connection, "simulator", "SM1", None, 3, "", {}, NOW)
        orphans = deliveries.orphans(connection, "twilio", "SM1")
        assert [(each.status, each.error_code) for each in orphans] == [(3, ""), (41, "30003"), (41, "30008")]
        deliveries.adopt(connection, orphans[0].id, 7)
        assert [each.status for each in deliveries.orphans(connection, "twilio", "SM1")] == [41, 41]


def test_whose_a_receipt_is(database: Database) -> None:
    with database.begin() as connection:
        known = sending(connection, state="handed", gateway="twilio", gateway_id="SM1")
        open_ = sending(connection)
        queued = sending(connection, state="queued")
        refused = sending(connection, state="failed", reason="bad_number")

        def whose(gateway_id: str, message_id: int | None, gateway: str = "twilio") -> int | None:
            found = deliveries.whose(connection, gateway, gateway_id, message_id)
            return int(found.id) if found else None

        assert whose("SM1", known) == whose("SM1", None) == whose("SM1", open_) == whose("SM1", 99) == known
        assert whose("SM9", open_) == open_
        assert [whose("SM9", each) for each in (known, queued, refused, 99, None)] == [None] * 5
        assert whose("SM1", None, "simulator") is None


def test_a_status_only_rises_for_any_pair(database: Database) -> None:
    later = NOW + timedelta(seconds=1)
    with database.begin() as connection:
        for first, second in product(Status, repeat=2):
            made = sending(connection)
            assert deliveries.raise_status(connection, made, int(first), None, NOW)
            rose = deliveries.raise_status(connection, made, int(second), "1", later)
            found = row(connection, made)
            assert rose is (second.rank > first.rank), (first, second)
            stands = (second, "1", later) if rose else (first, None, NOW)
            assert (found.status, found.error_code, found.status_at) == stands, (first, second)
            assert found.conflict is (first != second and first.rank == second.rank == 4), (first, second)


def test_the_ranks_of_both_sides_of_the_wall_agree() -> None:
    assert [deliveries.rank(int(status)) for status in Status] == [status.rank for status in Status]
