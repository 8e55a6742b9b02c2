"""Who is there, what they hold, and how much more they may: for claims, offers and agents who vanish.

While a bank has no accounts, people who work from the terminal have no row here: nothing limits them, and nothing
takes their tickets away.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from app.store import tables

AGENT, TICKET = tables.Agent, tables.Ticket
TAKE_TICKETS = ("agent", "supervisor")


def takes_tickets(connection: Connection, name: str) -> bool:
    """True for somebody who works here and may hold a ticket."""
    found = select(AGENT.id).where(AGENT.name == name, AGENT.disabled_at.is_(None), AGENT.role.in_(TAKE_TICKETS))
    return connection.execute(found).first() is not None


def has_room(connection: Connection, name: str) -> bool:
    """Whether somebody may hold one more conversation. Their row stays locked: two claims at once count each other."""
    most = connection.execute(select(AGENT.most_open).where(AGENT.name == name).with_for_update()).scalar()
    return most is None or _open_of(connection, name) < most


def hold(connection: Connection, names: Collection[str]) -> Sequence[Any]:
    """Locks the rows of several people, in one order wherever that is done, so that no two wait for each other:
    `name`, `alive_until`. Who changes more than one person's row in a transaction asks for this first."""
    found = select(AGENT.name, AGENT.alive_until).where(AGENT.name.in_(names)).order_by(AGENT.id).with_for_update()
    return connection.execute(found).all()


def alive(connection: Connection, names: Collection[str], until: datetime) -> None:
    """Something was heard of these people: they are there until then at least."""
    later = or_(AGENT.alive_until.is_(None), AGENT.alive_until < until)
    connection.execute(update(AGENT).where(AGENT.name.in_(names), later).values(alive_until=until))


def is_there(connection: Connection, name: str, now: datetime) -> bool:
    """False for somebody of whom nothing was heard for too long, or who may not work here any more."""
    found = select(AGENT.id).where(AGENT.name == name, AGENT.alive_until > now, AGENT.disabled_at.is_(None))
    return connection.execute(found).first() is not None


def idle(connection: Connection, name: str, now: datetime) -> None:
    """A conversation of theirs ended."""
    connection.execute(update(AGENT).where(AGENT.name == name).values(idle_since=now))


def left_behind(connection: Connection, now: datetime, most: int) -> Sequence[Any]:
    """Claimed talks whose agent has gone without a word: `id`, `agent`."""
    return connection.execute(
        select(TICKET.id, TICKET.agent)
        .join(AGENT, AGENT.name == TICKET.agent)
        .where(TICKET.state == "claimed", TICKET.kind == "talk", or_(AGENT.alive_until <= now, _disabled()))
        .order_by(TICKET.id)
        .limit(most)
    ).all()


def ready(connection: Connection, now: datetime) -> Sequence[Any]:
    """Agents who are there, available and below their limit: `name`, `skills`, `languages`, `idle_since`, `room`."""
    holds = select(func.count()).where(TICKET.agent == AGENT.name, TICKET.state == "claimed", TICKET.kind == "talk")
    room = (AGENT.most_open - holds.correlate(AGENT).scalar_subquery()).label("room")
    rows = connection.execute(
        select(AGENT.name, AGENT.skills, AGENT.languages, AGENT.idle_since, room)
        .where(AGENT.role.in_(TAKE_TICKETS), AGENT.disabled_at.is_(None))
        .where(AGENT.status == "available", AGENT.alive_until > now)
        .order_by(AGENT.id)
    )
    return [row for row in rows if row.room > 0]


def _open_of(connection: Connection, name: str) -> int:
    held = select(func.count()).where(TICKET.agent == name, TICKET.state == "claimed", TICKET.kind == "talk")
    return int(connection.execute(held).scalar_one())


def _disabled() -> Any:
    return AGENT.disabled_at.is_not(None)
