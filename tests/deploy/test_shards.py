"""The phone number is the shard key: no statement of the hot path spans two numbers (`docs/scale.md`).

Heard on PostgreSQL while a customer is served whom another one stands beside, in everything the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from app.store.migrate import upgrade
from app.worker.once import work_once
from tests.clock import Clock
from tests.rig import Rig

HERS, HIS = "+8613800138000", "+8613900139000"

# Of no customer: what the bank's people set, and what open pages are told. Every shard has its own, or all read one.
EVERYBODYS = {"options", "console_events", "agents"}
BY_NUMBER = {
    "conversations",
    "inbound",
    "messages",
    "receipts",
    "trace",
    "one_time_codes",
    "bank_questions",
    "timers",
    "tickets",
    "consents",
    "callbacks",
    "phone_bindings",
    "notes",
    "surveys",
}
CUSTOMERS = "customers"
"""By customer, and reached from the number: a customer with two numbers has a row in the shard of each."""


Heard = list[tuple[str, str]]
"""Statements, each with its values as text."""


@contextmanager
def listening(rig: Rig) -> Iterator[Heard]:
    heard: Heard = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> tuple[str, Any]:
        heard.append((statement, repr(values)))
        return statement, values

    event.listen(rig.service.database.engine, "before_cursor_execute", note, retval=True)
    yield heard
    event.remove(rig.service.database.engine, "before_cursor_execute", note)


def names_of(rig: Rig, phone: str) -> set[str]:
    """All that may stand for a number in a statement: itself, and the ids of its rows, ours and the gateway's."""
    with rig.service.database.begin() as connection:
        found = {phone}
        for table in sorted(BY_NUMBER - {"receipts", "conversations"}):
            ids = connection.execute(text(f"SELECT id FROM {table} WHERE phone = :p"), {"p": phone}).scalars()
            found |= {str(one) for one in ids}
        for table in ("inbound", "messages"):
            query = text(f"SELECT gateway_id FROM {table} WHERE phone = :p AND gateway_id IS NOT NULL")
            found |= set(connection.execute(query, {"p": phone}).scalars())
        query = text("SELECT customer_id FROM phone_bindings WHERE phone = :p")
        return found | set(connection.execute(query, {"p": phone}).scalars())


def touched(statement: str) -> set[str]:
    found = re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE|LATERAL)\s+(?:ONLY\s+)?([a-z_]+)", statement, flags=re.IGNORECASE)
    return set(found) & (BY_NUMBER | EVERYBODYS | {CUSTOMERS})


def stands_in(name: str, values: str) -> bool:
    return re.search(rf"(?<![\w+]){re.escape(name)}(?!\w)", values) is not None


def spanning(heard: Heard, rig: Rig) -> list[str]:
    """Statements on tables of numbers that are about both, or about none."""
    owners = [names_of(rig, phone) for phone in (HERS, HIS)]
    return [
        statement
        for statement, values in heard
        if touched(statement) & (BY_NUMBER | {CUSTOMERS})
        and sum(any(stands_in(name, values) for name in own) for own in owners) != 1
    ]


def far_ids(rig: Rig) -> None:
    """No id of a row is a number that something else could be as well."""
    with rig.service.database.begin() as connection:
        sequences = connection.execute(text("SELECT sequencename FROM pg_sequences")).scalars().all()
        for place, sequence in enumerate(sequences, start=1):
            connection.execute(text(f"SELECT setval('{sequence}', {place * 10_000_000})"))


@pytest.fixture
def rig(fresh_postgres_url: Callable[..., str], clock: Clock) -> Iterator[Rig]:
    rig = Rig(fresh_postgres_url(upgrade), clock)
    far_ids(rig)
    for phone, customer in ((HERS, "C1"), (HIS, "C2")):
        rig.customer(phone, customer)
        rig.say(phone, "怎么还钱")
        rig.say(phone, "转人工")
    yield rig
    rig.close()


@pytest.mark.postgres
@pytest.mark.parametrize("body", ["额度", "TD", "转人工", "菜单", "？？？"])
def test_a_text_is_taken_within_its_number(rig: Rig, body: str) -> None:
    with listening(rig) as heard:
        rig.text(HERS, body)
    assert any("messages" in statement for statement, _ in heard), "nothing was heard"
    assert spanning(heard, rig) == []
    assert [statement for statement, values in heard if stands_in(HIS, values)] == []


@pytest.mark.postgres
def test_only_the_room_for_callbacks_is_counted_over_all_numbers(rig: Rig) -> None:
    """How many calls fit into an hour is one figure for the whole bank: a shard has its share of it."""
    with listening(rig) as heard:
        rig.text(HERS, "明天下午给我打电话")
    spans = spanning(heard, rig)
    assert spans and {table for statement in spans for table in touched(statement)} == {"callbacks"}


@pytest.mark.postgres
def test_so_are_its_receipts_and_a_repeat(rig: Rig) -> None:
    sid = rig.text(HERS, "额度")
    work_once(rig.service)
    with listening(rig) as heard:
        rig.text(HERS, "额度", sid=sid)
        rig.clock.advance(seconds=30)
        rig.network.carry(rig.clock(), rig.post)
    assert any("receipts" in statement for statement, _ in heard), "no receipt came"
    assert spanning(heard, rig) == []


@pytest.mark.postgres
def test_the_search_finds_what_spans(rig: Rig) -> None:
    """Broken on purpose: a count over all numbers, and one over two. People are no number's."""
    with listening(rig) as heard, rig.service.database.begin() as connection:
        connection.execute(text("SELECT count(*) FROM messages WHERE state = 'queued'"))
        connection.execute(text("SELECT body FROM inbound WHERE phone IN (:a, :b)"), {"a": HIS, "b": HERS})
        connection.execute(text("SELECT name FROM agents"))
        connection.execute(text("SELECT body FROM inbound WHERE phone = :p"), {"p": HERS})
    assert len(spanning(heard, rig)) == 2
