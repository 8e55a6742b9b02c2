"""The numbers that the bank sends from, as they are on file with the authority."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from app.store import tables
from app.store.insert import INSERTS

ROW = tables.SenderNumber


def put(
    connection: Connection,
    number: str,
    *,
    registered_to: str,
    registration: str,
    valid_from: date | None,
    expires_on: date | None,
    by: str,
    now: datetime,
) -> None:
    """What is on file for a number; replaces what was."""
    given = {
        "registered_to": registered_to,
        "registration": registration,
        "valid_from": valid_from,
        "expires_on": expires_on,
        "recorded_by": by,
        "recorded_at": now,
    }
    statement = INSERTS[connection.dialect.name](ROW).values(number=number, **given)
    connection.execute(statement.on_conflict_do_update(index_elements=["number"], set_=given))


def drop(connection: Connection, number: str) -> bool:
    """False when it was not on file."""
    return connection.execute(delete(ROW).where(ROW.number == number)).rowcount > 0


def listed(connection: Connection) -> Sequence[Any]:
    """Every row, by number."""
    return connection.execute(select(*ROW.__table__.columns).order_by(ROW.number)).all()
