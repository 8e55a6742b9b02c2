"""What open pages must hear of: rows that are written with the change itself, and read by each server's feed.

An event says only *what* changed, never how it is now: hearing one twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select

from app.store import tables

ROW = tables.ConsoleEvent
Kind = Literal["ticket", "talk", "presence", "agents", "callbacks", "settings"]
"""ticket: its place in the queue · talk: something in its conversation · presence: who looks or types · agents: who
came, went or changed · callbacks: the list of the day · settings: hours, wording, routing."""


def tell(connection: Connection, kind: Kind, now: datetime, ticket_id: int | None = None) -> None:
    """Wake the lane `console` after the commit, so that nobody waits for a sweep."""
    connection.execute(insert(ROW).values(kind=kind, ticket_id=ticket_id, at=now))


def after(connection: Connection, event_id: int, most: int) -> Sequence[Any]:
    """Events with a higher id, in order: `id`, `kind`, `ticket_id`, `at`."""
    return connection.execute(
        select(*ROW.__table__.columns).where(ROW.id > event_id).order_by(ROW.id).limit(most)
    ).all()


def among(connection: Connection, ids: Sequence[int]) -> Sequence[Any]:
    """Of these ids the events that are there: a transaction may commit after one that took a higher id."""
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id.in_(ids)).order_by(ROW.id)).all()


def since(connection: Connection, moment: datetime, most: int) -> Sequence[Any]:
    """Events from a moment on, in order of their ids."""
    return connection.execute(select(*ROW.__table__.columns).where(ROW.at >= moment).order_by(ROW.id).limit(most)).all()


def last(connection: Connection) -> int:
    """The highest id so far, 0 when there is none."""
    return connection.execute(select(func.max(ROW.id))).scalar() or 0


def forget(connection: Connection, before: datetime) -> int:
    """Drops events that no page will ask for any more; how many. The last one stays: SQLite numbers anew when none is
    left, and then feeds would wait for ids that they have passed long ago."""
    return connection.execute(delete(ROW).where(ROW.at < before, ROW.id < last(connection))).rowcount
