"""Callbacks: booked, moved, cancelled, kept, missed or failed (A7). Who calls, and what came of it: `calls.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, func, insert, or_, select, update

from app.rules.roster import GRAIN
from app.store import locks, tables

ROW = tables.Callback


def one_at_a_time(connection: Connection) -> None:
    """Until the transaction ends nobody else books."""
    locks.one_at_a_time(connection, locks.BOOKING)


def booked(connection: Connection, phone: str) -> Any:
    return connection.execute(select(*ROW.__table__.columns).where(ROW.phone == phone, ROW.state == "booked")).first()


def by_id(connection: Connection, callback_id: int) -> Any:
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id == callback_id)).first()


def window(row: Any) -> tuple[datetime, datetime]:
    """When the next call of a callback is due, from and until: its slot, or what is left of it or a half hour later for
    the second try."""
    if row.retry_at is None:
        return row.starts_at, row.ends_at
    return row.retry_at, row.ends_at if row.retry_at < row.ends_at else row.retry_at + GRAIN


def taken(connection: Connection, since: datetime, until: datetime) -> dict[datetime, int]:
    """How many callbacks are booked by their start, within a time. A second try outside the slot takes its place."""
    start = case((ROW.retry_at >= ROW.ends_at, ROW.retry_at), else_=ROW.starts_at)
    within = or_(and_(ROW.starts_at >= since, ROW.starts_at < until), and_(ROW.retry_at >= since, ROW.retry_at < until))
    rows = connection.execute(select(start, func.count()).where(ROW.state == "booked", within).group_by(start))
    return {moment: count for moment, count in rows if since <= moment < until}


def book(
    connection: Connection,
    *,
    phone: str,
    call_phone: str,
    starts_at: datetime,
    ends_at: datetime,
    topic: str,
    now: datetime,
) -> int:
    made: int = connection.execute(
        insert(ROW)
        .values(
            phone=phone,
            call_phone=call_phone,
            starts_at=starts_at,
            ends_at=ends_at,
            topic=topic[:40],
            state="booked",
            booked_at=now,
            settled_by="",
        )
        .returning(ROW.id)
    ).scalar_one()
    return made


def settle(connection: Connection, callback_id: int, state: str, by: str, now: datetime) -> bool:
    """`cancelled`, `kept`, `missed` or `failed`. False when it was settled before."""
    done = connection.execute(
        update(ROW)
        .where(ROW.id == callback_id, ROW.state == "booked")
        .values(state=state, settled_at=now, settled_by=by)
    )
    return done.rowcount == 1


def listed(connection: Connection, states: Sequence[str], most: int) -> Sequence[Any]:
    return connection.execute(
        select(*ROW.__table__.columns).where(ROW.state.in_(states)).order_by(ROW.starts_at).limit(most)
    ).all()
