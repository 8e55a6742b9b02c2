"""Thousands of values in one statement. Each as a parameter of its own costs more than the statement itself: on
PostgreSQL they travel as one."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, any_, literal, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute

from app.store.insert import INSERTS
from app.store.tables import Base

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
MANY = """
WITH added AS (
  INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given ({typed})
  ON CONFLICT DO NOTHING RETURNING 1
) SELECT count(*) FROM added
"""


def among(connection: Connection, column: InstrumentedAttribute[str], values: Collection[str]) -> ColumnElement[bool]:
    """That a text column has one of these values."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(list(values), postgresql.ARRAY(String)))
    return column.in_(values)


def insert_new(connection: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """Inserts rows that name the same columns, and lets those stand that are there already; how many were new."""
    if not rows:
        return 0
    if connection.dialect.name != "postgresql":
        statement = INSERTS[connection.dialect.name](table).on_conflict_do_nothing()
        return len(connection.execute(statement.returning(*table.__table__.primary_key), rows).all())
    columns = [table.__table__.columns[name] for name in rows[0]]
    many = MANY.format(
        table=table.__tablename__,
        names=", ".join(column.name for column in columns),
        typed=", ".join(f"{column.name} {column.type.compile(DIALECT)}" for column in columns),
    )
    return int(connection.execute(text(many), {"rows": json.dumps(rows, default=_plain)}).scalar_one())


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a row")
