"""The one question after a talk, and its answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from app.store import tables

ROW = tables.Survey


def ask(connection: Connection, ticket_id: int, phone: str, agent: str, now: datetime) -> None:
    connection.execute(insert(ROW).values(ticket_id=ticket_id, phone=phone, agent=agent, asked_at=now))


def asked_since(connection: Connection, phone: str, moment: datetime) -> bool:
    """True when this number was asked from that moment on."""
    found = select(ROW.id).where(ROW.phone == phone, ROW.asked_at >= moment).limit(1)
    return connection.execute(found).first() is not None


def keep(connection: Connection, phone: str, ticket_id: int, score: int, now: datetime) -> bool:
    """Keeps the first answer about a ticket, 1 to 5. False when there is one, or the number was not asked."""
    kept = connection.execute(
        update(ROW)
        .where(ROW.ticket_id == ticket_id, ROW.phone == phone, ROW.score.is_(None))
        .values(score=score, answered_at=now)
    )
    return kept.rowcount == 1
