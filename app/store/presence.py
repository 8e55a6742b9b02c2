"""Who is there: agents with an open page, who looks at a ticket and who types. All of it ends by itself at a moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from app.store import tables
from app.store.insert import INSERTS

ROW, AGENT = tables.Presence, tables.Agent


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody with a ticket before them. `until`: when to look again whether that still holds."""

    ticket_id: int
    agent: str
    typing: bool
    until: datetime


def looking(connection: Connection, tickets: Collection[int], now: datetime) -> list[Looking]:
    """Who looks at these tickets now, by ticket and name."""
    rows = connection.execute(
        select(*ROW.__table__.columns)
        .where(ROW.ticket_id.in_(tickets), ROW.looking_until > now)
        .order_by(ROW.ticket_id, ROW.agent)
    )
    return [_looking(row, now) for row in rows]


def looked_at_by(connection: Connection, agents: Collection[str], now: datetime) -> list[Looking]:
    """What these people look at now."""
    rows = connection.execute(
        select(*ROW.__table__.columns).where(ROW.agent.in_(agents), ROW.looking_until > now).order_by(ROW.ticket_id)
    )
    return [_looking(row, now) for row in rows]


def look(connection: Connection, looks: Sequence[tuple[int, str, datetime, datetime | None]]) -> None:
    """Ticket, agent, until when they look, and until when they type, of each: as of now, whatever was before."""
    insert = INSERTS[connection.dialect.name](ROW)
    until = {"looking_until": insert.excluded.looking_until, "typing_until": insert.excluded.typing_until}
    names = ("ticket_id", "agent", "looking_until", "typing_until")
    connection.execute(
        insert.on_conflict_do_update(index_elements=["ticket_id", "agent"], set_=until),
        [dict(zip(names, look, strict=True)) for look in looks],
    )


def leave(connection: Connection, ticket_id: int, agent: str) -> None:
    connection.execute(delete(ROW).where(ROW.ticket_id == ticket_id, ROW.agent == agent))


def forget(connection: Connection, before: datetime) -> None:
    """Drops rows that ended before a moment."""
    connection.execute(delete(ROW).where(ROW.looking_until < before))


def sessions(connection: Connection, agents: Collection[int]) -> Sequence[Any]:
    """Of these people who may still sign in: `id`, `epoch`, `role`."""
    found = select(AGENT.id, AGENT.epoch, AGENT.role).where(AGENT.id.in_(agents), AGENT.disabled_at.is_(None))
    return connection.execute(found).all()


def _looking(row: Any, now: datetime) -> Looking:
    typing = row.typing_until is not None and row.typing_until > now
    return Looking(row.ticket_id, row.agent, typing, row.typing_until if typing else row.looking_until)
