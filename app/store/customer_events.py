"""What customers did elsewhere (B2). A row never changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from app.store import tables
from app.store.insert import INSERTS

EVENT, CUSTOMER = tables.CustomerEvent, tables.Customer


class Event(NamedTuple):
    """What one event says; `detail` as `app.care.event_kinds` keeps it."""

    event_key: str
    customer_id: str
    kind: str
    at: datetime
    detail: dict[str, Any]


def customers(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of them who are customers."""
    return set(connection.execute(select(CUSTOMER.customer_id).where(CUSTOMER.customer_id.in_(ids))).scalars())


def add(connection: Connection, events: Sequence[Event], source: str, now: datetime) -> set[str]:
    """The keys of those that are new. Of one that another process adds at the same moment its row is waited for.

    Keys must be different.
    """
    if not events:
        return set()
    rows = [{**event._asdict(), "received_at": now, "source": source[:60]} for event in events]
    # In one order: two senders of the same events must not wait for each other.
    rows.sort(key=lambda row: row["event_key"])
    statement = INSERTS[connection.dialect.name](EVENT).on_conflict_do_nothing().returning(EVENT.event_key)
    return set(connection.execute(statement, rows).scalars())


def held(connection: Connection, keys: Collection[str]) -> dict[str, Event]:
    """The events with these keys, by key."""
    columns = (EVENT.event_key, EVENT.customer_id, EVENT.kind, EVENT.at, EVENT.detail)
    rows = connection.execute(select(*columns).where(EVENT.event_key.in_(keys)))
    return {row.event_key: Event(*row) for row in rows}


def latest(connection: Connection, customer_id: str, kind: str, until: datetime) -> dict[str, Any]:
    """What the customer's last event of that kind up to that moment says; empty when there was none."""
    found = connection.execute(
        select(EVENT.detail)
        .where(EVENT.customer_id == customer_id, EVENT.kind == kind, EVENT.at <= until)
        .order_by(EVENT.at.desc())
        .limit(1)
    )
    return dict(found.scalar() or {})


def last_before(connection: Connection, moment: datetime) -> int:
    """The id of the last event that was received before that moment; 0 when there is none."""
    # From the newest back, along the key: as many rows are passed as have come since.
    earlier = select(EVENT.id).where(EVENT.received_at < moment).order_by(EVENT.id.desc()).limit(1)
    return int(connection.execute(earlier).scalar() or 0)


def heard_after(connection: Connection, after_id: int, until: datetime, most: int) -> Sequence[Any]:
    """The next events behind that id that were received until then: `id`, `customer_id`, `kind`."""
    rows = select(EVENT.id, EVENT.customer_id, EVENT.kind).where(EVENT.id > after_id, EVENT.received_at <= until)
    return connection.execute(rows.order_by(EVENT.id).limit(most)).all()
