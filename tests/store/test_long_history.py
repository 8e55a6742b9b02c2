"""What is asked every few seconds or every minute: no statement of it reads through all that was ever sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app.store import pacing, results_refusals
from app.store.database import Database
from tests.clock import START
from tests.handlers.care.outcomes import text

SINCE = {"birthday": START - timedelta(days=30), "settled": START - timedelta(days=2)}


@contextmanager
def ways(database: Database) -> Iterator[list[str]]:
    """How SQLite goes about each statement of the block: `SEARCH … (programme=? AND queued_at>?)`, `SCAN …`."""
    steps: list[str] = []

    def explain(connection: Any, _: Any, statement: str, values: Any, *__: Any) -> tuple[str, Any]:
        driver = connection.connection.driver_connection
        if not statement.startswith("BEGIN"):
            steps.extend(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", values))
        return statement, values

    event.listen(database.engine, "before_cursor_execute", explain, retval=True)
    yield steps
    event.remove(database.engine, "before_cursor_execute", explain)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_is_scanned(database: Database) -> None:
    text(database, START, answers=("refused",))
    with ways(database) as steps, database.reading() as connection:
        pacing.any_since(connection, "settled", START)
        pacing.under_way(connection, "settled", START, START)
        assert results_refusals.annoyed(connection, SINCE)
    assert [step.partition(" USING ")[2] for step in steps if not step.startswith("USE TEMP B-TREE")] == [
        "COVERING INDEX ix_occasions_programme_queued_at (programme=? AND queued_at>?)",
        "COVERING INDEX ix_occasions_programme_queued_at (programme=? AND queued_at>?)",
        "INDEX ix_responses_annoyed (at>?)",
        "INTEGER PRIMARY KEY (rowid=?)",
        "INTEGER PRIMARY KEY (rowid=?)",
    ]
