"""One number's recent history, for a page that shows a conversation. Read only, bounded, never the hot path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, cast, select

from app.store import tables

MESSAGE, TRACE, BINDING, CUSTOMER = tables.Message, tables.Trace, tables.PhoneBinding, tables.Customer
CONSENT, RECEIPT = tables.Consent, tables.Receipt
OCCASION, LINK = tables.Occasion, tables.Link


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


def message(connection: Connection, message_id: int) -> Any:
    """One text of ours with all its columns, or None."""
    return connection.execute(select(*MESSAGE.__table__.columns).where(MESSAGE.id == message_id)).first()


def trace_of(connection: Connection, phone: str, message_id: int) -> Any:
    """The turn that made a message, or None."""
    made = cast(TRACE.detail["message"].as_string(), TRACE.id.type) == message_id
    return connection.execute(select(TRACE.event, TRACE.detail).where(TRACE.phone == phone, made)).first()


def occasion_of(connection: Connection, message_id: int) -> Any:
    """The occasion of a text that began a conversation, or None for any other text."""
    return connection.execute(select(*OCCASION.__table__.columns).where(OCCASION.message_id == message_id)).first()


def links_of(connection: Connection, occasion_id: int) -> Sequence[Any]:
    """Where the links of a text lead, and when a person first followed each."""
    return connection.execute(select(LINK.target, LINK.followed_at).where(LINK.occasion_id == occasion_id)).all()


def consents_of(connection: Connection, phone: str) -> Sequence[Any]:
    """The consent ledger of a number, the oldest first."""
    return connection.execute(
        select(CONSENT.scope, CONSENT.verdict, CONSENT.source, CONSENT.at)
        .where(CONSENT.phone == phone)
        .order_by(CONSENT.id)
    ).all()


def receipts_of(connection: Connection, message_id: int) -> Sequence[Any]:
    """Every status callback of a message, in the order in which they came."""
    return connection.execute(
        select(RECEIPT.status, RECEIPT.error_code, RECEIPT.received_at)
        .where(RECEIPT.message_id == message_id)
        .order_by(RECEIPT.id)
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
