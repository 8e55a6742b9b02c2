"""What counts for a batch of texts that leave is read by indexes, however many customers and texts there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from app.store import leaving
from app.store.database import Database
from tests.clock import START

MANY = 20_000
"""Customers, each with two numbers, one of which they gave back, and a text for each."""
NAMES = ("name", "title", "language", "segment", "region", "card_last4", "loan_product", "manager_name")
EMPTY = (*NAMES, "manager_phone", "email")
FILL = (
    f"INSERT INTO customers (customer_id, {', '.join(EMPTY)}) SELECT 'C' || n, {', '.join(repr('') for _ in EMPTY)}"
    f" FROM generate_series(1, {MANY}) n",
    "INSERT INTO phone_bindings (phone, customer_id, bound_at, ended_at, ended_because)"
    " SELECT '+86' || (13800000000 + n * 2 + late), 'C' || n, :now, CASE late WHEN 0 THEN :now END, ''"
    f" FROM generate_series(1, {MANY}) n, generate_series(0, 1) late",
    "INSERT INTO occasions (programme, customer_id, phone, occasion, template, variant, language, purpose, kind,"
    " segment, priority, zone, state, reason, given, menu, due_at, closes_at, planned_at, queued_at)"
    " SELECT 'p', customer_id, phone, phone, 't', '', 'zh-CN', 'commercial', 'care', '', 0, '', 'queued', '', '{}',"
    " '{}', :now, :now, :now, :now FROM phone_bindings",
    "ANALYZE customers, phone_bindings, occasions",
)


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_batch_is_counted_by_indexes(database: Database) -> None:
    with database.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"now": START} if ":now" in statement else {})
    told: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN {statement}", values)
            told.append("\n".join(row[0] for row in cursor.fetchall()))

    customers = [f"C{number * 700}" for number in range(1, 26)]
    event.listen(database.engine, "before_cursor_execute", explain)
    with database.begin() as connection:
        live, ever = leaving.numbers(connection, customers)
        had = leaving.had(connection, ever, START + timedelta(hours=1))
    event.remove(database.engine, "before_cursor_execute", explain)
    assert (len(live), len(ever), len(had)) == (25, 50, 50)
    assert {one.customer_id for one in had} == set(customers)
    numbers, texts = told
    assert "ix_phone_bindings_customer_id" in numbers and "Seq Scan" not in numbers
    assert "ix_occasions_phone_id" in texts and "Seq Scan" not in texts
