"""The outbox: who is claimed when, and who never is (law 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from app.store import consents, inbox, outbox, tables
from app.store.database import Database
from app.store.outbox import NewMessage
from tests.clock import START

NOW = START
LEASE = timedelta(minutes=1)
ANN, BEN, CEM = "+8613800138000", "+8613800138001", "+8613800138002"
LANES = {"answer": 0, "code": 0, "reminder": 1, "service": 1, "commercial": 2}


def queue(connection: Connection, phone: str = ANN, purpose: str = "answer", **changes: Any) -> int:
    given = {"template": "t", "body": "【银行】", "parts": 1, "due_at": NOW, "expires_at": NOW + timedelta(hours=1)}
    return outbox.queue(connection, NewMessage(phone, purpose, LANES[purpose], **{**given, **changes}), NOW)


def claim(database: Database, now: Any = NOW, most: int = 50, lanes: tuple[int, int] = (0, 2)) -> list[Any]:
    with database.begin() as connection:
        return outbox.claim(connection, now, now + LEASE, most, lanes)


def ids(rows: list[Any]) -> list[int]:
    return [row.id for row in rows]


def row(database: Database, message_id: int) -> Any:
    with database.begin() as connection:
        return connection.execute(
            select(*tables.Message.__table__.columns).where(tables.Message.id == message_id)
        ).one()


def settled(connection: Connection, message_id: int, state: str = "handed") -> None:
    connection.execute(update(tables.Message).where(tables.Message.id == message_id).values(state=state))


def test_a_claimed_message_is_ours_for_the_lease(database: Database) -> None:
    with database.begin() as connection:
        made = queue(connection, code_id=7, figures=True)
    (claimed,) = claim(database)
    assert (claimed.id, claimed.state, claimed.attempts, claimed.code_id) == (made, "sending", 1, 7)
    assert (claimed.created_at, claimed.expires_at) == (NOW, NOW + timedelta(hours=1))
    assert row(database, made).lease_until == NOW + LEASE
    assert claim(database) == []
    assert claim(database, NOW + timedelta(hours=12)) == []  # a look-up settles it, never a second send (law 7)


def test_answers_go_before_notices_and_offers(database: Database) -> None:
    phones = iter(f"+861380013{n:04}" for n in range(100))
    with database.begin() as connection:
        made = [(queue(connection, next(phones), purpose), purpose) for purpose in (*LANES, *reversed(LANES))]
    by_lane = sorted(made, key=lambda each: (LANES[each[1]], each[0]))
    assert ids(claim(database, most=4)) == [message_id for message_id, _ in by_lane[:4]]
    assert ids(claim(database)) == [message_id for message_id, _ in by_lane[4:]]


def test_within_a_lane_what_was_due_first_goes_first(database: Database) -> None:
    with database.begin() as connection:
        later = queue(connection, ANN, due_at=NOW - timedelta(seconds=1))
        sooner = queue(connection, BEN, due_at=NOW - timedelta(seconds=9))
    assert ids(claim(database, most=1)) == [sooner]
    assert ids(claim(database, most=1)) == [later]


@pytest.mark.parametrize(("lanes", "purposes"), [((0, 0), {"answer"}), ((1, 2), {"reminder", "commercial"})])
def test_only_the_lanes_asked_for_are_claimed(database: Database, lanes: tuple[int, int], purposes: set[str]) -> None:
    with database.begin() as connection:
        for phone, purpose in ((ANN, "answer"), (BEN, "reminder"), (CEM, "commercial")):
            queue(connection, phone, purpose)
    assert {each.purpose for each in claim(database, lanes=lanes)} == purposes


def test_nothing_leaves_before_its_time(database: Database) -> None:
    with database.begin() as connection:
        made = queue(connection, due_at=NOW + timedelta(seconds=1))
    assert claim(database) == []
    assert ids(claim(database, NOW + timedelta(seconds=1))) == [made]


def test_one_text_for_each_number_and_lane_is_under_way(database: Database) -> None:
    """Two texts that travel together can overtake each other."""
    with database.begin() as connection:
        first, second = queue(connection), queue(connection)
        notice, other = queue(connection, purpose="service"), queue(connection, BEN)
    assert ids(claim(database)) == [first, other, notice]
    assert claim(database) == []
    with database.begin() as connection:
        settled(connection, first)
    assert ids(claim(database)) == [second]


@pytest.mark.parametrize("state", ["handed", "unsettled", "failed", "withheld", "withdrawn"])
def test_only_what_is_queued_or_being_sent_holds_the_next_one_up(database: Database, state: str) -> None:
    with database.begin() as connection:
        first, second = queue(connection), queue(connection)
        settled(connection, first, state)
    assert ids(claim(database)) == [second]


def test_what_waits_for_a_later_try_holds_the_next_one_up(database: Database) -> None:
    with database.begin() as connection:
        queue(connection, due_at=NOW + timedelta(seconds=5))
        queue(connection)
    assert claim(database) == []


def test_what_is_too_old_is_not_sent(database: Database) -> None:
    with database.begin() as connection:
        made = queue(connection, expires_at=NOW)
        fresh = queue(connection, BEN, expires_at=NOW + timedelta(microseconds=1))
    claimed = {each.id: each.state for each in claim(database)}
    assert claimed == {made: "failed", fresh: "sending"}
    assert row(database, made).reason == "expired"


# Consent, in the statement that claims (law 5).

BLOCKED_BY = {
    "answer": {"gateway"},
    "code": {"gateway"},
    "service": {"gateway"},
    "reminder": {"gateway", "reminders"},
    "commercial": {"gateway", "commercial"},
}


@pytest.mark.parametrize("purpose", LANES)
@pytest.mark.parametrize("scope", ["commercial", "reminders", "gateway"])
def test_what_was_refused_is_withheld_also_when_it_is_queued_afterwards(
    database: Database, purpose: str, scope: str
) -> None:
    with database.begin() as connection:
        consents.record(connection, ANN, scope, "refused", "reply", "inbound:1", NOW)
        made, other = queue(connection, ANN, purpose), queue(connection, BEN, purpose)
    claimed = {each.id: each.state for each in claim(database)}
    blocked = scope in BLOCKED_BY[purpose]
    assert claimed == {made: "withheld" if blocked else "sending", other: "sending"}
    assert row(database, made).reason == ("refused" if blocked else "")
    assert claim(database, NOW + timedelta(days=1)) == []


@pytest.mark.parametrize("purpose", LANES)
@pytest.mark.parametrize("scope", ["commercial", "reminders", "gateway"])
def test_a_refusal_withdraws_what_is_queued_in_its_scope(database: Database, purpose: str, scope: str) -> None:
    with database.begin() as connection:
        made, other = queue(connection, ANN, purpose), queue(connection, BEN, purpose)
        consents.record(connection, ANN, scope, "refused", "reply", "inbound:1", NOW)
    claimed = {each.id: each.state for each in claim(database)}
    gone = scope in BLOCKED_BY[purpose]
    assert claimed[other] == "sending"
    if not gone:
        assert claimed[made] == "sending"
    elif purpose in {"commercial", "reminder"}:
        assert made not in claimed
        assert (row(database, made).state, row(database, made).reason) == ("withdrawn", f"refused:{scope}")
    else:
        assert claimed[made] == "withheld"  # an answer waits for nobody's withdrawal: it just may not leave


def test_only_the_last_word_of_a_scope_counts(database: Database) -> None:
    with database.begin() as connection:
        for verdict in ("refused", "granted"):
            consents.record(connection, ANN, "commercial", verdict, "reply", "inbound:1", NOW)
        for verdict in ("granted", "refused"):
            consents.record(connection, BEN, "commercial", verdict, "reply", "inbound:1", NOW)
        consents.record(connection, BEN, "reminders", "granted", "reply", "inbound:1", NOW)
        lifted, refused = queue(connection, ANN, "commercial"), queue(connection, BEN, "commercial")
    assert {each.id: each.state for each in claim(database)} == {lifted: "sending", refused: "withheld"}


def test_what_is_with_the_gateway_cannot_be_withdrawn(database: Database) -> None:
    with database.begin() as connection:
        made = queue(connection, purpose="commercial")
    claim(database)
    with database.begin() as connection:
        consents.record(connection, ANN, "commercial", "refused", "reply", "inbound:1", NOW)
    assert row(database, made).state == "sending"


def test_no_offer_leaves_while_a_text_of_the_number_waits_for_its_turn(database: Database) -> None:
    with database.begin() as connection:
        offer, notice = queue(connection, purpose="commercial"), queue(connection, purpose="service")
        new = inbox.NewText("g", "1", ANN, "+1", "退订", 0, "", {})
        waiting = inbox.add(connection, new, NOW, state="waiting")
        assert waiting is not None
    assert ids(claim(database)) == [notice]
    with database.begin() as connection:
        inbox.take(connection, waiting)
    assert ids(claim(database)) == [offer]


@pytest.mark.postgres
def test_two_claimers_never_get_the_same_text(request: pytest.FixtureRequest) -> None:
    """Of two transactions that are open together, the second skips what the first holds, and its number's next."""
    from app.store.migrate import upgrade

    database = Database(request.getfixturevalue("postgres").fresh_url(upgrade), threads=4)
    with database.begin() as connection:
        mine, after_mine, other = queue(connection), queue(connection), queue(connection, BEN)
    with database.begin() as first, database.begin() as second:
        assert ids(outbox.claim(first, NOW, NOW + LEASE, 1)) == [mine]
        assert ids(outbox.claim(second, NOW, NOW + LEASE, 50)) == [other]
    assert claim(database) == []
    with database.begin() as connection:
        settled(connection, mine)
    assert ids(claim(database)) == [after_mine]
    database.close()


def test_a_claim_tells_by_which_gateway_a_text_leaves(database: Database) -> None:
    with database.begin() as connection:
        made, old = queue(connection), queue(connection, BEN, expires_at=NOW)
        outbox.claim(connection, NOW, NOW + LEASE, 50, gateway="standby")
    assert (row(database, made).gateway, row(database, old).gateway) == ("standby", None)


def test_only_some_purposes_are_claimed(database: Database) -> None:
    with database.begin() as connection:
        made = {purpose: queue(connection, f"+861380013800{n}", purpose) for n, purpose in enumerate(LANES)}
        claimed = outbox.claim(connection, NOW, NOW + LEASE, 50, purposes=("answer", "service"))
    assert set(ids(claimed)) == {made["answer"], made["service"]}


def test_what_was_tried_too_often_is_left(database: Database) -> None:
    with database.begin() as connection:
        queue(connection)
        fresh = queue(connection, BEN)
        connection.execute(update(tables.Message).where(tables.Message.phone == ANN).values(attempts=1))
        assert ids(outbox.claim(connection, NOW, NOW + LEASE, 50, tried=0)) == [fresh]


def test_what_is_too_old_ends_while_nothing_leaves(database: Database) -> None:
    """Only of these lanes, only what is due, and nothing that is true still."""
    later = NOW + timedelta(minutes=30)
    with database.begin() as connection:
        old = [queue(connection, f"+861380013{n:04}", expires_at=NOW + timedelta(minutes=10)) for n in range(5)]
        queue(connection, BEN)
        queue(connection, CEM, "commercial", expires_at=NOW + timedelta(minutes=10))
        assert outbox.expire(connection, NOW, (0, 0)) == 0
        assert outbox.expire(connection, later, (0, 0)) == 5
        assert outbox.expire(connection, later, (0, 0)) == 0
    assert {(row(database, made).state, row(database, made).reason) for made in old} == {("failed", "expired")}


def test_no_more_are_ended_than_were_looked_at(database: Database) -> None:
    """A limit holds however the database joins. Without these ways it reads a plain subquery once for each row."""
    with database.begin() as connection:
        for number in range(6):
            queue(connection, f"+861380013{number:04}", expires_at=NOW + timedelta(minutes=10))
        if not database.on_sqlite:
            for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        assert outbox.expire(connection, NOW + timedelta(minutes=30), (0, 0), most=2) == 2


def test_what_waits_is_counted_in_parts(database: Database) -> None:
    with database.begin() as connection:
        queue(connection, parts=3)
        settled(connection, queue(connection, BEN, parts=5))
        queue(connection, CEM, "commercial", parts=2)
        assert outbox.parts_queued(connection) == 5
        assert [outbox.any_queued(connection, {phone}) for phone in (ANN, BEN)] == [True, False]
