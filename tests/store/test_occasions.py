"""Occasions: each once, taken by one, stopped as a whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.store import conversations, deliveries, leaving, occasions, outbox, tables
from app.store.database import Database
from app.store.occasions import NewOccasion
from app.store.outbox import NewMessage
from tests.clock import START

LATER = START + timedelta(hours=4)


def new(customer: str = "C1", occasion: str = "birthday:2026-06-10", **how: Any) -> NewOccasion:
    given: dict[str, Any] = {
        "programme": "birthday",
        "customer_id": customer,
        "phone": f"+861380013800{customer[1:]}",
        "occasion": occasion,
        "template": "birthday",
        "language": "zh-CN",
        "purpose": "commercial",
        "kind": "care",
        "due_at": START,
        "closes_at": LATER,
    }
    return NewOccasion(**(given | how))


def rows(database: Database) -> list[Any]:
    with database.begin() as connection:
        return list(connection.execute(select(*tables.Occasion.__table__.columns).order_by(tables.Occasion.id)))


def add(database: Database, *planned: NewOccasion) -> int:
    with database.begin() as connection:
        return occasions.add(connection, planned, START)


def queue(database: Database, occasion_id: int, phone: str, state: str = "queued") -> int:
    """Its text stands in the outbox; the id of the message."""
    with database.begin() as connection:
        conversations.hold(connection, phone, "zh-CN", START)
        message = NewMessage(phone, "commercial", 2, "care.birthday@0", "…", 1, START, LATER)
        message_id = outbox.queue(connection, message, START)
        occasions.queued(connection, occasion_id, message_id=message_id, version=0, menu={}, now=START)
        if state != "queued":
            sent = tables.Message.__table__.update().where(tables.Message.id == message_id)
            connection.execute(sent.values(state=state))
    return message_id


def test_an_occasion_has_one_text_however_often_it_is_planned(database: Database) -> None:
    assert add(database) == 0
    assert add(database, new(), new("C2")) == 2
    assert add(database, new(), new(), new("C3")) == 1
    assert add(database, new(occasion="birthday:2027-06-10"), new(programme="settled")) == 2
    assert [(row.customer_id, row.state, row.menu, row.given) for row in rows(database)] == [
        (customer, "planned", {}, {}) for customer in ("C1", "C2", "C3", "C1", "C1")
    ]


def test_one_that_is_over_is_not_planned_again(database: Database) -> None:
    add(database, new())
    with database.begin() as connection:
        assert leaving.hold_stopped(connection, "birthday") == 1
    assert add(database, new()) == 0
    assert [(row.state, row.reason) for row in rows(database)] == [("held", "stopped")]


def test_a_programme_that_stops_takes_back_what_nobody_is_sending(database: Database) -> None:
    add(database, new("C1"), new("C2"), new("C3"), new("C4", programme="settled"), new("C5", programme="settled"))
    waits, leaves, _, other, _ = rows(database)
    queue(database, waits.id, waits.phone)
    queue(database, leaves.id, leaves.phone, "sending")
    queue(database, other.id, other.phone)
    with database.begin() as connection:
        assert occasions.stop(connection, "birthday", START) == (1, 1)
    with database.begin() as connection:
        sent = connection.execute(select(tables.Message.state, tables.Message.reason).order_by(tables.Message.id))
        assert sent.all() == [("withdrawn", "stopped"), ("sending", ""), ("queued", "")]


def test_what_is_being_sent_as_its_programme_stops_is_not_tried_again(database: Database) -> None:
    add(database, new())
    message_id = queue(database, rows(database)[0].id, rows(database)[0].phone, "sending")
    with database.begin() as connection:
        occasions.stop(connection, "birthday", START)
        deliveries.try_later(connection, message_id, START, "429")
        lease = START + timedelta(minutes=1)
        assert [row.state for row in outbox.claim(connection, START, lease, 10)] == ["failed"]


def test_what_is_planned_for_one_that_is_off_is_held_some_at_a_time(database: Database) -> None:
    many = leaving.OLDEST
    soon = [new(f"C{number}") for number in range(1, many + 1)]
    add(database, new("C0", due_at=LATER), *soon, new("C0", programme="settled"))
    with database.begin() as connection:
        assert leaving.hold_stopped(connection, "birthday") == many
    assert [row.customer_id for row in rows(database) if row.state == "planned"] == ["C0", "C0"]
    with database.begin() as connection:
        assert [leaving.hold_stopped(connection, "birthday") for _ in range(2)] == [1, 0]
    assert [(row.state, row.reason) for row in rows(database)] == [*[("held", "stopped")] * (many + 1), ("planned", "")]
