"""Figures of the desk: who waits, how fast people were there, and what the bot did alone. Every query is bounded by a
time and led by an index; the arithmetic is in `rules/promise.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, select

from app.rules.promise import Asked
from app.store import load, tables
from app.store.staffing import TAKE_TICKETS

TICKET, AGENT, TRACE, SURVEY = tables.Ticket, tables.Agent, tables.Trace, tables.Survey
MOST_TICKETS = 100_000
MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """Now: talks and flags that nobody has claimed, and since when the talk waits that waits longest."""

    talks: int
    flags: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the desk. `open`: talks they hold, of at most `most_open`. `alive`: a page of theirs is open."""

    name: str
    role: str
    status: str
    open: int
    most_open: int
    idle_since: datetime | None
    alive: bool


@dataclass(frozen=True, slots=True)
class Talked:
    """Conversations in which the customer wrote within a time; `handed`: those that came to a person then."""

    conversations: int
    handed: int

    @property
    def contained(self) -> float | None:
        """The share that the bot brought to an end alone, from 0 to 1; None when nobody wrote."""
        return 1 - self.handed / self.conversations if self.conversations else None


@dataclass(frozen=True, slots=True)
class Scores:
    """Of the questions asked within a time: the mean of the answers, 1 to 5, and how many there are."""

    mean: float | None
    answered: int
    asked: int


def waiting(connection: Connection) -> Waiting:
    since = func.min(func.coalesce(TICKET.waiting_since, TICKET.opened_at))
    rows = connection.execute(
        select(TICKET.kind, func.count().label("n"), since.label("since"))
        .where(TICKET.state == "waiting")
        .group_by(TICKET.kind)
    )
    found = {row.kind: row for row in rows}
    talk, flag = found.get("talk"), found.get("flag")
    return Waiting(talk.n if talk else 0, flag.n if flag else 0, talk.since if talk else None)


def asked(connection: Connection, start: datetime, end: datetime) -> Sequence[Asked]:
    """Talks that were opened within a time, in order: when a person was asked for, and when one came."""
    rows = connection.execute(
        select(
            TICKET.topic,
            func.coalesce(TICKET.asked_at, TICKET.opened_at).label("asked_at"),
            func.coalesce(TICKET.first_claimed_at, TICKET.claimed_at).label("claimed_at"),
            TICKET.closed_at,
        )
        .where(TICKET.opened_at >= start, TICKET.opened_at < end, TICKET.kind == "talk")
        .order_by(TICKET.opened_at, TICKET.id)
        .limit(MOST_TICKETS)
    )
    return [Asked(row.topic, row.asked_at, row.claimed_at, row.closed_at) for row in rows]


def flags(connection: Connection, start: datetime, end: datetime) -> dict[str, int]:
    """Flags that were raised within a time, by topic."""
    rows = connection.execute(
        select(TICKET.topic, func.count())
        .where(TICKET.opened_at >= start, TICKET.opened_at < end, TICKET.kind == "flag")
        .group_by(TICKET.topic)
    )
    return dict(rows.all())


def people(connection: Connection, now: datetime) -> list[Person]:
    """Who can take conversations, by name; those whose account is closed are left out."""
    held = load.open_talks(connection)
    rows = connection.execute(
        select(*AGENT.__table__.columns)
        .where(AGENT.disabled_at.is_(None), AGENT.role.in_(TAKE_TICKETS))
        .order_by(AGENT.name)
        .limit(MOST_PEOPLE)
    )
    return [_person(row, held.get(row.name, 0), now) for row in rows]


def talked(connection: Connection, start: datetime, end: datetime) -> Talked:
    """Conversations with a customer's text within a time, and which of them came to a person then."""
    first, last = _first_turn(connection, start), _first_turn(connection, end)
    heard = (TRACE.id >= first, TRACE.id < last, TRACE.event == "heard")
    conversations = connection.execute(select(func.count(TRACE.phone.distinct())).where(*heard)).scalar_one()
    wrote = exists().where(TRACE.phone == TICKET.phone, *heard)
    handed = connection.execute(
        select(func.count(TICKET.phone.distinct())).where(
            TICKET.opened_at >= start, TICKET.opened_at < end, TICKET.kind == "talk", wrote
        )
    ).scalar_one()
    return Talked(int(conversations), int(handed))


def scores(connection: Connection, start: datetime, end: datetime) -> Scores:
    row = connection.execute(
        select(func.avg(SURVEY.score), func.count(SURVEY.score), func.count()).where(
            SURVEY.asked_at >= start, SURVEY.asked_at < end
        )
    ).one()
    return Scores(float(row[0]) if row[0] is not None else None, int(row[1]), int(row[2]))


def _first_turn(connection: Connection, moment: datetime) -> int:
    """The first turn from a moment on, by its id; one above the last when there is none.

    Turns are numbered as they happen, so their numbers are searched and the hottest table needs no second index: some
    thirty looks at its key, however long it is.
    """
    # One look each, at the key's ends.
    ends = (select(edge(TRACE.id)).scalar_subquery() for edge in (func.min, func.max))
    low, last = connection.execute(select(*ends)).one()
    if low is None:
        return 0
    high = last + 1
    while low < high:
        middle = (low + high) // 2
        found = connection.execute(
            select(TRACE.id, TRACE.at).where(TRACE.id >= middle).order_by(TRACE.id).limit(1)
        ).one()
        if found.at < moment:
            low = found.id + 1
        else:
            high = middle
    return int(low)


def _person(row: Any, holds: int, now: datetime) -> Person:
    alive = row.alive_until is not None and row.alive_until > now
    return Person(row.name, row.role, row.status, holds, row.most_open, row.idle_since, alive)
