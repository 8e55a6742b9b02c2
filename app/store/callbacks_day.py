"""The list of callbacks that agents work from: a day's, and those of the days before that nobody called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, select
from sqlalchemy.orm import aliased

from app.store import callbacks, people, tables

ROW, CALL, CUSTOMER = tables.Callback, tables.Call, tables.Customer


@dataclass(frozen=True, slots=True)
class DayRow:
    """`due_from`, `due_until`: when the next call is due. `agent`: who calls now, since `started_at`; `last_agent`: who
    called last. `name` and `title` are empty when the number is bound to nobody or to several."""

    id: int
    phone: str
    call_phone: str
    starts_at: datetime
    ends_at: datetime
    due_from: datetime
    due_until: datetime
    topic: str
    state: str
    tries: int
    retry_at: datetime | None
    agent: str
    started_at: datetime | None
    last_agent: str
    settled_at: datetime | None
    settled_by: str
    name: str
    title: str


def of_day(connection: Connection, start: datetime, end: datetime, most: int = 500) -> list[DayRow]:
    """Callbacks whose slot, or second try, begins within the day; moved and cancelled ones are left out."""
    first = _select().where(ROW.starts_at >= start, ROW.starts_at < end, ROW.state != "cancelled")
    again = _select().where(ROW.retry_at >= start, ROW.retry_at < end, ROW.state == "booked", ROW.starts_at < start)
    found = {row.id: row for query in (first, again) for row in _rows(connection, query, most)}
    return sorted(found.values(), key=lambda row: (row.due_from, row.id))


def missed(connection: Connection, since: datetime, until: datetime, most: int = 100) -> list[DayRow]:
    """Callbacks that nobody kept, of slots in this time, whose customer has not booked anew since."""
    later = aliased(ROW)
    anew = exists().where(later.phone == ROW.phone, later.id > ROW.id)
    wanted = _select().where(ROW.starts_at >= since, ROW.starts_at < until, ROW.state == "missed", ~anew)
    return sorted(_rows(connection, wanted, most), key=lambda row: (row.due_from, row.id))


def one(connection: Connection, callback_id: int) -> DayRow | None:
    """One callback as the list shows it."""
    found = _rows(connection, _select().where(ROW.id == callback_id), 1)
    return found[0] if found else None


def booked_starts(connection: Connection, start: datetime, end: datetime) -> Sequence[datetime]:
    """The starts of booked callbacks within a time: how much each of the coming days holds."""
    booked = select(ROW.starts_at).where(ROW.state == "booked", ROW.starts_at >= start, ROW.starts_at < end)
    return connection.execute(booked).scalars().all()


def _select() -> Any:
    call = aliased(CALL)
    latest = select(call.agent).where(call.callback_id == ROW.id).order_by(call.id.desc()).limit(1)
    runs = select(call.started_at).where(call.callback_id == ROW.id, call.outcome == "").limit(1)
    return select(
        *ROW.__table__.columns,
        CUSTOMER.name,
        CUSTOMER.title,
        latest.correlate(ROW).scalar_subquery().label("last_agent"),
        runs.correlate(ROW).scalar_subquery().label("started_at"),
    ).outerjoin(CUSTOMER, CUSTOMER.customer_id == people.sole_owner(ROW))


def _rows(connection: Connection, query: Any, most: int) -> list[DayRow]:
    return [_row(row) for row in connection.execute(query.order_by(ROW.starts_at, ROW.id).limit(most))]


def _row(row: Any) -> DayRow:
    due_from, due_until = callbacks.window(row)
    return DayRow(
        id=row.id,
        phone=row.phone,
        call_phone=row.call_phone,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        due_from=due_from,
        due_until=due_until,
        topic=row.topic,
        state=row.state,
        tries=row.tries,
        retry_at=row.retry_at,
        agent=row.agent,
        started_at=row.started_at,
        last_agent=row.last_agent or "",
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        name=row.name or "",
        title=row.title or "",
    )
