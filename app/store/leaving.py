"""Planned texts as they leave: what is due of each programme, what stands against one, how it went with the first.

A million texts can be due at once: every statement reads as many rows as it takes, and no more. Order of locks: see
`store/occasions.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Connection, func, select, text, update

from app.store import tables
from app.store.many import among
from app.store.statement import Statement
from app.store.types import Moment

ROW, TICKET, INBOUND, BINDING = tables.Occasion, tables.Ticket, tables.Inbound, tables.PhoneBinding
MONTHS = timedelta(days=63)
"""This month and last, in whatever zone."""
OLDEST = 500
"""Texts that are held in one pass, of those that come too late or whose programme is off: the longest due are too old
first."""

FIRST = Statement(
    text(
        "SELECT m.state AS state, m.status AS status, m.handed_at AS handed_at,"
        " EXISTS (SELECT 1 FROM links l WHERE l.occasion_id = o.id AND l.followed_at IS NOT NULL) AS followed,"
        " EXISTS (SELECT 1 FROM responses r WHERE r.occasion_id = o.id) AS answered"
        " FROM occasions o LEFT JOIN messages m ON m.id = o.message_id WHERE o.id = :first"
    ).columns(handed_at=Moment(), followed=Boolean(), answered=Boolean())
)


@dataclass(frozen=True, slots=True)
class Had:
    """A text that was queued: `id` of its occasion."""

    id: int
    phone: str
    customer_id: str
    kind: str
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class Waits:
    """A text that is planned: it may leave between `due_at` and `closes_at`, which are the same when it is put off to
    its end."""

    id: int
    phone: str
    customer_id: str
    programme: str
    due_at: datetime
    closes_at: datetime


def programmes(connection: Connection, now: datetime) -> list[str]:
    """The programmes that have planned texts whose time has come: two looks into the index for each that has any."""
    found: list[str] = []
    key = ""
    while True:
        following = select(func.min(ROW.programme)).where(ROW.state == "planned", ROW.programme > key)
        key = connection.execute(following).scalar() or ""
        if not key:
            return found
        due_now = select(ROW.id).where(ROW.state == "planned", ROW.programme == key, ROW.due_at <= now)
        if connection.execute(due_now.limit(1)).first() is not None:
            found.append(key)


def due(connection: Connection, programme: str, now: datetime, most: int, ids: Collection[int] = ()) -> Sequence[Any]:
    """Texts of a programme whose time has come, the longest due first; of `ids` alone if they are given. Locked until
    the transaction ends, and those that others hold are left out."""
    found = (
        select(*ROW.__table__.columns)
        .where(ROW.state == "planned", ROW.programme == programme, ROW.due_at <= now)
        .order_by(ROW.due_at, ROW.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(found.where(ROW.id.in_(ids)) if ids else found).all()


def hold_stale(connection: Connection, programme: str, now: datetime) -> int:
    """Of the texts that are due for longest, those whose window is over are held: as `stale`, or for what put them off
    until it was. How many."""
    oldest = _oldest(programme, ROW.due_at <= now)
    late = select(oldest.c.id).where(oldest.c.closes_at <= now)
    reason = func.coalesce(func.nullif(ROW.reason, ""), "stale")
    held = update(ROW).where(ROW.id.in_(late), ROW.state == "planned").values(state="held", reason=reason)
    return len(connection.execute(held.returning(ROW.id)).all())


def hold_stopped(connection: Connection, programme: str) -> int:
    """Of a programme that is off, the planned texts that are due first are held, due or not. How many; 0 when none is
    left."""
    oldest = select(_oldest(programme).c.id)
    held = update(ROW).where(ROW.id.in_(oldest), ROW.state == "planned").values(state="held", reason="stopped")
    return len(connection.execute(held.returning(ROW.id)).all())


def in_a_talk(connection: Connection, phones: Collection[str]) -> frozenset[str]:
    """The numbers whose conversation a person has, or shall have, or of which a text waits for its turn."""
    with_a_person = select(TICKET.phone).where(
        among(connection, TICKET.phone, phones), TICKET.kind == "talk", TICKET.state != "closed"
    )
    waiting = select(INBOUND.phone).where(among(connection, INBOUND.phone, phones), INBOUND.state == "waiting")
    return frozenset(connection.execute(with_a_person.union(waiting)).scalars())


def numbers(connection: Connection, customers: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The numbers that these customers have, and all that they ever had."""
    rows = select(BINDING.phone, BINDING.ended_at).where(among(connection, BINDING.customer_id, customers))
    found = connection.execute(rows).all()
    return frozenset(row.phone for row in found if row.ended_at is None), frozenset(row.phone for row in found)


def had(connection: Connection, phones: Collection[str], now: datetime) -> list[Had]:
    """The texts that were queued for these numbers this month and last. Callers hold the conversations of those that
    are still somebody's, so that nobody else queues one meanwhile."""
    rows = select(ROW.id, ROW.phone, ROW.customer_id, ROW.kind, ROW.queued_at).where(
        among(connection, ROW.phone, phones), ROW.state == "queued", ROW.queued_at >= now - MONTHS
    )
    found = connection.execute(rows)
    return [Had(row.id, row.phone, row.customer_id, row.kind, row.queued_at) for row in found]


def waiting(connection: Connection, phones: Collection[str], now: datetime) -> list[Waits]:
    """The texts that are planned for these numbers and whose window is not over. They are only read: whoever lets one
    go waits for the conversations that callers hold."""
    rows = select(ROW.state, ROW.id, ROW.phone, ROW.customer_id, ROW.programme, ROW.due_at, ROW.closes_at).where(
        among(connection, ROW.phone, phones), ROW.closes_at > now
    )
    # Asked for the state, PostgreSQL may go through all that is planned: it reckons with few rows until it has counted.
    return [
        Waits(row.id, row.phone, row.customer_id, row.programme, row.due_at, row.closes_at)
        for row in connection.execute(rows)
        if row.state == "planned"
    ]


def is_now(connection: Connection, occasion_id: int, purpose: str, kind: str) -> None:
    """A newer version of the template made it another sort of text, which caps and results count as such."""
    connection.execute(update(ROW).where(ROW.id == occasion_id).values(purpose=purpose, kind=kind))


def first(connection: Connection, occasion_id: int) -> Any:
    """How it went with the text before a second one: `state`, `status` and `handed_at` of its message, whether its link
    was `followed` by a person, and whether it was `answered`. None when there is no such text."""
    return FIRST.first(connection, {"first": occasion_id})


def _oldest(programme: str, *which: ColumnElement[bool]) -> Any:
    # A common table is read once. A plain subquery in an UPDATE may be read for each row: then its limit is none.
    return (
        select(ROW.id, ROW.closes_at)
        .where(ROW.state == "planned", ROW.programme == programme, *which)
        .order_by(ROW.due_at, ROW.id)
        .limit(OLDEST)
        .with_for_update(skip_locked=True)
        .cte("oldest")
    )
