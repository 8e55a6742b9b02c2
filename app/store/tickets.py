"""Tickets: opened, claimed by one agent, released, closed. The database decides who has one (law 6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, true, update

from app.rules.urgency import priority
from app.store import events, tables

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


def say_anew(connection: Connection, phone: str, topic: str, reason: str, now: datetime) -> bool:
    """Gives the flag of that topic that still waits another reason. False when none waits."""
    waits = (ROW.phone == phone, ROW.kind == "flag", ROW.topic == topic, ROW.state == "waiting")
    newest = select(func.max(ROW.id)).where(*waits).scalar_subquery()
    changed = connection.execute(update(ROW).where(ROW.id == newest, *waits).values(reason=reason).returning(ROW.id))
    ticket_id = changed.scalar()
    if ticket_id is not None:
        events.tell(connection, "ticket", now, ticket_id)
    return ticket_id is not None


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
    priority: int = 0,
    mood: str = "",
    asked_at: datetime | None = None,
) -> int:
    """A ticket that waits; its id, which open pages are told. `asked_at`: when the customer's text came."""
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
            waiting_since=now,
            priority=priority,
            mood=mood,
            asked_at=asked_at or now,
        )
        .returning(ROW.id)
    ).scalar_one()
    events.tell(connection, "ticket", now, made)
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
        priority=priority("flag", topic, ""),
    )


def ahead_of(connection: Connection, ticket_id: int) -> int:
    """How many talks wait in front of this one: more urgent ones, and those of its urgency that came before."""
    own = by_id(connection, ticket_id)
    before = or_(ROW.priority > own.priority, and_(ROW.priority == own.priority, ROW.id < ticket_id))
    return int(
        connection.execute(select(func.count()).where(ROW.kind == "talk", ROW.state == "waiting", before)).scalar_one()
    )


def by_id(connection: Connection, ticket_id: int) -> Any:
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id == ticket_id)).first()


def claim(connection: Connection, ticket_id: int, agent: str, now: datetime, *, whoever: bool = False) -> bool:
    """True for the one agent who gets it. One that is offered to, or kept for, a colleague is theirs until that ends;
    `whoever` passes over that."""
    free = or_(ROW.meant_for.in_(("", agent)), ROW.offered_until.is_(None), ROW.offered_until <= now)
    taken = connection.execute(
        update(ROW)
        .where(ROW.id == ticket_id, ROW.state == "waiting", free if not whoever else true())
        .values(
            state="claimed",
            agent=agent,
            claimed_at=now,
            first_claimed_at=func.coalesce(ROW.first_claimed_at, bindparam("claimed", now, ROW.claimed_at.type)),
            meant_for="",
            offered_until=None,
        )
    )
    return taken.rowcount == 1


def requeue(
    connection: Connection,
    ticket_id: int,
    now: datetime,
    *,
    meant_for: str = "",
    until: datetime | None = None,
    team: str | None = None,
) -> bool:
    """A claimed ticket waits again, kept for `meant_for` until then; `team` None: as before. False when nobody holds
    it."""
    put = connection.execute(
        update(ROW)
        .where(ROW.id == ticket_id, ROW.state == "claimed")
        .values(
            state="waiting",
            agent="",
            waiting_since=now,
            meant_for=meant_for,
            offered_until=until,
            **({} if team is None else {"team": team[:40]}),
        )
    )
    return put.rowcount == 1


def offer(connection: Connection, ticket_id: int, agent: str, until: datetime) -> bool:
    """Keeps a waiting ticket for one agent until then. False when it waits no more."""
    kept = connection.execute(
        update(ROW).where(ROW.id == ticket_id, ROW.state == "waiting").values(meant_for=agent, offered_until=until)
    )
    return kept.rowcount == 1


def close(connection: Connection, ticket_id: int, agent: str, now: datetime, *, outcome: str = "answered") -> bool:
    """Closes a ticket that this agent holds, or a flag that waits. False when somebody else has it."""
    closed = connection.execute(
        update(ROW)
        .where(ROW.id == ticket_id, ROW.state != "closed", ROW.agent.in_((agent, "")))
        .values(state="closed", closed_at=now, agent=agent, outcome=outcome, meant_for="", offered_until=None)
    )
    return closed.rowcount == 1


def text_came(connection: Connection, phone: str, now: datetime, mood: str = "") -> None:
    """The customer wrote again while the ticket is open. A mood that shows now replaces a calm one."""
    talk = open_talk(connection, phone)
    if talk is None:
        return
    angrier = mood == "angry" and talk.mood != "angry"
    felt = {"mood": mood, "priority": priority("talk", talk.topic, mood)} if angrier or (mood and not talk.mood) else {}
    connection.execute(update(ROW).where(ROW.id == talk.id).values(last_text_at=now, **felt))
    events.tell(connection, "ticket", now, talk.id)


def talk_went_on(connection: Connection, phone: str, now: datetime) -> bool:
    """Open pages hear that something was said or done in the number's open talk. False when there is none any more."""
    talk = open_talk(connection, phone)
    if talk is not None:
        events.tell(connection, "talk", now, talk.id)
    return talk is not None


def talks_went_on(connection: Connection, phones: Collection[str], now: datetime) -> bool:
    """As `talk_went_on`, for several numbers of which few have one. False when none has."""
    open_ones = select(ROW.id).where(ROW.phone.in_(phones), ROW.kind == "talk", ROW.state != "closed")
    ids = connection.execute(open_ones).scalars().all()
    for ticket_id in ids:
        events.tell(connection, "talk", now, ticket_id)
    return bool(ids)


def listed(connection: Connection, states: Sequence[str], most: int) -> Sequence[Any]:
    return connection.execute(
        select(*ROW.__table__.columns).where(ROW.state.in_(states)).order_by(ROW.id).limit(most)
    ).all()
