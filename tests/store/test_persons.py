"""Customers as programmes ask about them: the number that texts go to, consent, events and earlier texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, update

from app.care.audience import belongs
from app.care.person import Person, Waiting
from app.care.programme import Condition
from app.store import persons, tables
from app.store.database import Database
from tests.clock import START

PHONE, OTHER = "+8613800138000", "+8613800138001"
TODAY = date(2026, 6, 10)


def customer(connection: Connection, customer_id: str, *phones: str, **facts: Any) -> None:
    connection.execute(insert(tables.Customer).values(customer_id=customer_id, **facts))
    for phone in phones:
        bound = insert(tables.PhoneBinding).values(phone=phone, customer_id=customer_id, bound_at=START)
        connection.execute(bound)


def consent(connection: Connection, phone: str, scope: str, verdict: str) -> None:
    connection.execute(
        insert(tables.Consent).values(phone=phone, scope=scope, verdict=verdict, source="import", at=START)
    )


def occasion(connection: Connection, customer_id: str, phone: str, **how: Any) -> None:
    given = {"programme": "birthday", "occasion": f"{how}", "template": "t", "language": "zh-CN", "kind": "care"}
    given |= {"purpose": "commercial", "state": "planned", "due_at": START, "closes_at": START, "planned_at": START}
    given |= {"given": {}, "menu": {}, "customer_id": customer_id, "phone": phone, **how}
    connection.execute(insert(tables.Occasion).values(**given))


def everybody(database: Database, look: persons.Look = persons.PLAIN, most: int = 100) -> dict[str, Person]:
    with database.begin() as connection:
        return {one.customer_id: one for one in persons.batch(connection, "", most, START, look)}


def test_customers_come_in_the_order_of_their_ids(database: Database) -> None:
    with database.begin() as connection:
        for name in ("C3", "C1", "C5", "C2", "C4"):
            customer(connection, name)
        seen = []
        after = ""
        while people := persons.batch(connection, after, 2, START):
            after = people[-1].customer_id
            seen.append([one.customer_id for one in people])
        assert seen == [["C1", "C2"], ["C3", "C4"], ["C5"]]
        assert persons.count(connection) == 5


def test_all_columns_of_a_customer_arrive_as_what_they_are(database: Database) -> None:
    facts: dict[str, Any] = {
        "name": "王建国", "title": "先生", "language": "en", "segment": "vip", "region": "上海",
        "birthday": date(1990, 2, 28), "card_last4": "0042", "credit_limit": Decimal("50000.50"),
        "available_limit": Decimal("1.25"), "limit_expires_on": date(2027, 3, 31),
        "limit_activated_on": date(2026, 1, 1), "loan_product": "consumer", "loan_balance": Decimal("0.00"),
        "amount_due": Decimal("5360.00"), "due_on": date(2026, 6, 25), "overdue_days": 0, "autopay": False,
        "settled_on": date(2026, 5, 26), "opened_on": date(2020, 1, 1), "last_active_on": date(2026, 6, 1),
        "info_updated_on": date(2025, 6, 1), "manager_name": "李雷", "manager_phone": "02155550000",
        "email": "wang@example.com",
    }  # fmt: skip
    with database.begin() as connection:
        customer(connection, "C1", PHONE, **facts)
    assert everybody(database)["C1"] == Person(customer_id="C1", phone=PHONE, **facts)
    assert set(facts) | {"customer_id"} == set(persons.FACTS)


def test_texts_go_to_the_newest_number_that_is_still_the_customers(database: Database) -> None:
    with database.begin() as connection:
        customer(connection, "old and new", PHONE, OTHER)
        customer(connection, "lost the new one", "+8613800138002", "+8613800138003")
        customer(connection, "lost all", "+8613800138004")
        customer(connection, "never had one")
        ended = update(tables.PhoneBinding).where(tables.PhoneBinding.phone.in_(("+8613800138003", "+8613800138004")))
        connection.execute(ended.values(ended_at=START, ended_because="wrong_person"))
    assert {name: one.phone for name, one in everybody(database).items()} == {
        "old and new": OTHER,
        "lost the new one": "+8613800138002",
        "lost all": "",
        "never had one": "",
    }


def test_who_shares_a_number_is_counted(database: Database) -> None:
    with database.begin() as connection:
        for name in ("C1", "C2", "C3"):
            customer(connection, name, PHONE)
        customer(connection, "C4", OTHER)
        gone = update(tables.PhoneBinding).where(tables.PhoneBinding.customer_id == "C3")
        connection.execute(gone.values(ended_at=START))
    assert {name: one.owners for name, one in everybody(database).items()} == {"C1": 2, "C2": 2, "C3": 1, "C4": 1}


def test_the_last_word_of_each_scope_holds(database: Database) -> None:
    with database.begin() as connection:
        customer(connection, "C1", PHONE)
        customer(connection, "C2", OTHER)
        for scope, verdict in (
            ("commercial", "refused"),
            ("commercial", "granted"),
            ("reminders", "granted"),
            ("reminders", "refused"),
            ("gateway", "refused"),
        ):
            consent(connection, PHONE, scope, verdict)
    people = everybody(database)
    assert (people["C1"].refused, people["C1"].granted) == ({"reminders", "gateway"}, {"commercial"})
    assert (people["C2"].refused, people["C2"].granted) == (frozenset(), frozenset())


def test_the_zone_is_the_numbers_and_the_language_the_banks_where_none_is_known(database: Database) -> None:
    with database.begin() as connection:
        customer(connection, "C1", "+12125550100", language="en")
        customer(connection, "C2")
    people = everybody(database, persons.Look(language="en", zone="Europe/Berlin"))
    assert (people["C1"].zone, people["C1"].language) == ("America/New_York", "en")
    assert (people["C2"].zone, people["C2"].language) == ("Europe/Berlin", "en")


def test_events_are_those_asked_for_latest_first(database: Database) -> None:
    with database.begin() as connection:
        customer(connection, "C1", PHONE)
        given = [("page_seen", 3), ("page_seen", 1), ("loan_drawn", 2), ("page_seen", 401)]
        for number, (kind, days) in enumerate(given):
            row = {"event_key": f"{number}", "kind": kind, "at": START - timedelta(days=days), "detail": {}}
            connection.execute(insert(tables.CustomerEvent).values(customer_id="C1", received_at=START, **row))
    seen = tuple(START - timedelta(days=days) for days in (1, 3))
    assert everybody(database)["C1"].events == {"page_seen": seen, "loan_drawn": (START - timedelta(days=2),)}
    assert everybody(database, persons.Look(events=("page_seen",)))["C1"].events == {"page_seen": seen}
    assert everybody(database, persons.Look(events=()))["C1"].events == {}


def test_texts_count_for_the_number_and_the_customer_and_occasions_for_the_customer(database: Database) -> None:
    """What was queued this month and last binds the number, whoever it was for, and the customer, at whichever number;
    so does what waits. What was held never left, and is over all the same."""
    today, may, old = START - timedelta(hours=1), START - timedelta(days=40), START - timedelta(days=120)
    look = persons.Look(programmes=("birthday",))
    with database.begin() as connection:
        customer(connection, "C1", OTHER, PHONE)
        customer(connection, "C2", "+8613800138002", OTHER)
        occasion(connection, "C1", PHONE, occasion="old", state="queued", queued_at=old, planned_at=old)
        occasion(connection, "C0", PHONE, occasion="a", state="queued", queued_at=may, planned_at=may)
        occasion(connection, "C1", PHONE, occasion="b", state="queued", queued_at=START)
        occasion(connection, "C1", PHONE, occasion="c", due_at=START + timedelta(hours=1), kind="product")
        occasion(connection, "C1", PHONE, occasion="d", state="held", reason="stale")
        occasion(connection, "C1", OTHER, occasion="e", programme="settled", state="queued", queued_at=today)
        occasion(connection, "C2", "+8613800138002", occasion="f", kind="activity", due_at=today)
        occasion(connection, "C3", PHONE, occasion="g", kind="festival", due_at=today)
    one, two = (everybody(database, look)[name] for name in ("C1", "C2"))
    assert one.had == {"care": (today, START, may)}
    later = START + timedelta(hours=1)
    assert one.waiting == (Waiting("birthday", "festival", today), Waiting("birthday", "product", later))
    assert (two.phone, two.had) == (OTHER, {"care": (today,)})
    assert two.waiting == (Waiting("birthday", "activity", today),)
    assert two.planned == {("birthday", "f")}
    assert one.planned == {*(("birthday", letter) for letter in "bcd"), ("settled", "e")}
    longer = everybody(database, persons.Look(programmes=("birthday",), back=timedelta(days=120)))["C1"]
    assert ("birthday", "old") in longer.planned
    nothing = everybody(database)["C1"]
    assert (nothing.had, nothing.waiting, nothing.planned) == ({}, (), frozenset())


def test_one_customer_is_found_with_a_number_that_is_theirs(database: Database) -> None:
    with database.begin() as connection:
        customer(connection, "C1", PHONE, OTHER, name="王")
        customer(connection, "C2", "+8613800138002")
        for phone, found in ((PHONE, PHONE), (OTHER, OTHER), ("", OTHER)):
            one = persons.one(connection, "C1", phone, START)
            assert one is not None and (one.phone, one.name) == (found, "王")
        assert persons.one(connection, "C1", "+8613800138002", START) is None
        assert persons.one(connection, "C9", "", START) is None
        connection.execute(update(tables.PhoneBinding).where(tables.PhoneBinding.phone == OTHER).values(ended_at=START))
        assert persons.one(connection, "C1", OTHER, START) is None
        alone = persons.one(connection, "C2", "", START)
        assert alone is not None and alone.phone == "+8613800138002"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    told: list[str] = []

    def hear(*arguments: Any) -> None:
        told.append(arguments[2])

    event.listen(database.engine, "before_cursor_execute", hear)
    yield told
    event.remove(database.engine, "before_cursor_execute", hear)


def test_a_batch_takes_as_many_statements_for_one_customer_as_for_a_hundred(database: Database) -> None:
    with database.begin() as connection:
        for number in range(100):
            customer(connection, f"C{number:03}", f"+86138001{number:05}")
            consent(connection, f"+86138001{number:05}", "commercial", "granted")
    counted = []
    for most in (1, 100):
        with statements(database) as told:
            assert len(everybody(database, persons.Look(programmes=("birthday", "settled")), most)) == most
        counted.append(len([one for one in told if one.lstrip().startswith("SELECT")]))
    assert counted[0] == counted[1] <= 7


AUDIENCES = [
    (),
    (Condition("segment", "in", ("vip", "owner")),),
    (Condition("segment", "not_in", ("vip",)),),
    (Condition("age", "at_least", ("30",)), Condition("age", "at_most", ("40",))),
    (Condition("limit_used", "at_least", ("1000",)),),
    (Condition("days_silent", "at_least", ("180",)),),
    (Condition("days_settled_on", "known"), Condition("autopay", "is", ("no",))),
    (Condition("region", "unknown"),),
]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_those_who_are_meant_are_those_of_whom_the_rule_says_so(
    database: Database, audience: tuple[Condition, ...]
) -> None:
    with database.begin() as connection:
        for number in range(60):
            customer(
                connection,
                f"C{number}",
                *([f"+86138001380{number:02}"] if number % 7 else []),
                segment=("", "vip", "owner", "employee")[number % 4],
                region=("", "上海")[number % 2],
                birthday=date(1980 + number % 20, 1 + number % 12, 10) if number % 5 else None,
                credit_limit=Decimal(50_000) if number % 3 else None,
                available_limit=Decimal(50_000 - 100 * number) if number % 4 else None,
                last_active_on=TODAY - timedelta(days=10 * number) if number % 6 else None,
                settled_on=TODAY if number % 5 == 1 else None,
                autopay=(None, True, False)[number % 3],
            )
    belonging = belongs(audience, TODAY)
    expected = sum(1 for one in everybody(database).values() if one.phone and belonging(one))
    with database.begin() as connection:
        assert persons.meant(connection, audience, TODAY) == expected > 0
        connection.execute(delete(tables.PhoneBinding))
        assert persons.meant(connection, audience, TODAY) == 0
