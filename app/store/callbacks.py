"""Callbacks: booked, moved, cancelled, kept or missed (A7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update

from app.store import tables

ROW = tables.Callback
BOOKING = 7_210_001  # advisory lock: bookings are counted one at a time, so that no slot is filled past capacity


def one_at_a_time(connection: Connection) -> None:
    """Until the transaction ends nobody else books. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": BOOKING})


def booked(connection: Connection, phone: str) -> Any:
    return connection.execute(select(*ROW.__table__.columns).where(ROW.phone == phone, ROW.state == "booked")).first()


def by_id(connection: Connection, callback_id: int) -> Any:
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id == callback_id)).first()


def taken(connection: Connection, since: datetime, until: datetime) -> dict[datetime, int]:
    """How many callbacks are booked by their start, within a time."""
    rows = connection.execute(
        select(ROW.starts_at, func.count())
        .where(ROW.state == "booked", ROW.starts_at >= since, ROW.starts_at < until)
        .group_by(ROW.starts_at)
    )
    return dict(rows.all())


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
    """`cancelled`, `kept` or `missed`. False when it was settled before."""
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
