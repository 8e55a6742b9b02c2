"""Inserts that let an existing row stand, on either database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from app.store.statement import Statement
from app.store.tables import Base

INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class InsertNew:
    """`INSERT … ON CONFLICT DO NOTHING RETURNING …`, built once per table and database."""

    def __init__(self, table: type[Base], *columns: str, returning: str | Sequence[str]) -> None:
        wanted = (returning,) if isinstance(returning, str) else returning
        self._statement = Statement(
            {
                name: insert(table).on_conflict_do_nothing().returning(*(getattr(table, column) for column in wanted))
                for name, insert in INSERTS.items()
            },
            columns,
        )

    def __call__(self, connection: Connection, **values: Any) -> Any:
        """The value of the first returned column, or None when such a row was there already."""
        return self._statement.scalar(connection, values)

    def row(self, connection: Connection, **values: Any) -> Any:
        """As a call, but all returned columns."""
        return self._statement.first(connection, values)
