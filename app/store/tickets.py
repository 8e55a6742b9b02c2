"""Tickets: opened, claimed by one agent, released, closed. The database decides who has one (law 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from app.store import tables

ROW = tables.Ticket


def open_talk(connection: Connection, phone: str) -> Any:
    """The number's open conversation with a person, waiting or claimed."""
    return connection.execute(
        select(*ROW.__table__.columns).where(ROW.phone == phone, ROW.kind == "talk", ROW.state != "closed")
    ).first()


def is_flagged(connection: Connection, phone: str, topic: str) -> bool:
    """True when a queue has been told of this already and has not dealt with it."""
    found = select(ROW.id).where(ROW.phone == phone, ROW.kind == "flag", ROW.topic == topic[:40], ROW.state != "closed")
    return connection.execute(found.limit(1)).first() is not None


def add(
    connection: Connection,
    *,
    phone: str,
    kind: str,
    topic: str,
    place: str,
    reason: str,
    language: str,
    now: datetime,
) -> int:
    made: int = connection.execute(
        insert(ROW)
        .values(
            phone=phone,
            kind=kind,
            topic=topic[:40],
            place=place[:120],
            reason=reason,
            language=language,
            state="waiting",
            agent="",
            opened_at=now,
        )
        .returning(ROW.id)
    ).scalar_one()
    return made


def raise_flag(
    connection: Connection, phone: str, topic: str, about: str, now: datetime, *, reason: str = "", language: str = ""
) -> None:
    """Tells a queue of something. `about` is the row that it is about: `message:17`."""
    add(
        connection,
        phone=phone,
        kind="flag",
        topic=topic,
        place=about,
        reason=reason,
        language=language,
        now=now,
    )


def ahead_of(connection: Connection, ticket_id: int) -> int:
    """How many talks wait in front of this one."""
    return int(
        connection.execute(
            select(func.count()).where(ROW.kind == "talk", ROW.state == "waiting", ROW.id < ticket_id)
        ).scalar_one()
    )


def by_id(connection: Connection, ticket_id: int) -> Any:
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id == ticket_id)).first()


def claim(connection: Connection, ticket_id: int, agent: str, now: datetime) -> bool:
    """True for the one agent who gets it."""
    taken = connection.execute(
        update(ROW)
        .where(ROW.id == ticket_id, ROW.state == "waiting")
        .values(state="claimed", agent=agent, claimed_at=now)
    )
    return taken.rowcount == 1


def close(connection: Connection, ticket_id: int, agent: str, now: datetime) -> bool:
    """Closes a ticket that this agent holds, or a flag that waits. False when somebody else has it."""
    closed = connection.execute(
        update(ROW)
        .where(ROW.id == ticket_id, ROW.state != "closed", ROW.agent.in_((agent, "")))
        .values(state="closed", closed_at=now, agent=agent)
    )
    return closed.rowcount == 1


def text_came(connection: Connection, phone: str, now: datetime) -> None:
    """The customer wrote again while the ticket is open."""
    connection.execute(
        update(ROW).where(ROW.phone == phone, ROW.kind == "talk", ROW.state != "closed").values(last_text_at=now)
    )


def listed(connection: Connection, states: Sequence[str], most: int) -> Sequence[Any]:
    return connection.execute(
        select(*ROW.__table__.columns).where(ROW.state.in_(states)).order_by(ROW.id).limit(most)
    ).all()
