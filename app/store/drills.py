"""What the refusal drill looks at."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from app.store import tables

ROW = tables.Message


def state(connection: Connection, message_id: int) -> str:
    """Of a message, in the outbox."""
    return connection.execute(select(ROW.state).where(ROW.id == message_id)).scalar_one()


def answers(connection: Connection, phone: str, after: int) -> int:
    """How many answers to a number were queued after a message."""
    found = select(func.count()).where(ROW.phone == phone, ROW.id > after, ROW.purpose == "answer")
    return int(connection.execute(found).scalar_one())
