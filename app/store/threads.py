"""One number's recent history, for a page that shows a conversation. Read only, bounded, never the hot path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from app.store import tables

MESSAGE, TRACE, BINDING, CUSTOMER = tables.Message, tables.Trace, tables.PhoneBinding, tables.Customer
CONSENT = tables.Consent


def messages(connection: Connection, phone: str, most: int) -> Sequence[Any]:
    """The last `most` texts of ours to a number, the newest first."""
    columns = (MESSAGE.id, MESSAGE.gateway_id, MESSAGE.body, MESSAGE.parts, MESSAGE.code_id, MESSAGE.state)
    more = (MESSAGE.reason, MESSAGE.status, MESSAGE.error_code, MESSAGE.created_at)
    return connection.execute(
        select(*columns, *more).where(MESSAGE.phone == phone).order_by(MESSAGE.id.desc()).limit(most)
    ).all()


def traces(connection: Connection, phone: str, most: int) -> Sequence[Any]:
    """Why the last `most` turns of a number went as they did, the newest first."""
    return connection.execute(
        select(TRACE.id, TRACE.event, TRACE.detail, TRACE.at, TRACE.inbound_id)
        .where(TRACE.phone == phone)
        .order_by(TRACE.id.desc())
        .limit(most)
    ).all()


def bound_customers(connection: Connection, most: int) -> Sequence[Any]:
    """Live bindings in the order in which they were made: the customer's columns, `phone`, and `commercial`, the
    number's last verdict on offers."""
    last = select(CONSENT.verdict).where(CONSENT.phone == BINDING.phone, CONSENT.scope == "commercial")
    commercial = last.order_by(CONSENT.id.desc()).limit(1).scalar_subquery().label("commercial")
    return (
        connection.execute(
            select(BINDING.phone, commercial, *CUSTOMER.__table__.columns)
            .join(CUSTOMER, CUSTOMER.customer_id == BINDING.customer_id)
            .where(BINDING.ended_at.is_(None))
            .order_by(BINDING.id)
            .limit(most)
        )
        .mappings()
        .all()
    )
