"""What the bank's people set while the service runs, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from app.store import locks, tables

ROW = tables.Option


def one(connection: Connection, name: str) -> dict[str, Any] | None:
    """One option, or None while nobody has set it."""
    return connection.execute(select(ROW.value).where(ROW.name == name)).scalar()


def some(connection: Connection, *names: str) -> dict[str, dict[str, Any]]:
    """Those of these options that were ever set, by name."""
    rows = connection.execute(select(ROW.name, ROW.value).where(ROW.name.in_(names)))
    return {row.name: row.value for row in rows}


def rows(connection: Connection, begins: str) -> Sequence[Any]:
    """Those whose names begin so, with who set them and when."""
    return connection.execute(select(*ROW.__table__.columns).where(ROW.name.startswith(begins, autoescape=True))).all()


def one_at_a_time(connection: Connection) -> None:
    """Until the transaction ends nobody else sets an option."""
    locks.one_at_a_time(connection, locks.SETTING)


def write(connection: Connection, name: str, value: Mapping[str, Any], by: str, now: datetime) -> None:
    """Sets an option. The audit row is the caller's."""
    connection.execute(delete(ROW).where(ROW.name == name))
    connection.execute(insert(ROW).values(name=name, value=dict(value), set_by=by, set_at=now))
