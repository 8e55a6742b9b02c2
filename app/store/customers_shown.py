"""Customers as examples: no more of them than how they are addressed, and their number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from app.store import tables

CUSTOMER, BINDING = tables.Customer, tables.PhoneBinding


def reading(connection: Connection, language: str, default: str, most: int) -> Sequence[Any]:
    """Customers with a live number whose language it is, in the order of ids: `customer_id`, `name`, `title`, `phone`.
    `default`: the language of those who told none."""
    phone = (
        select(BINDING.phone)
        .where(BINDING.customer_id == CUSTOMER.customer_id, BINDING.ended_at.is_(None))
        .order_by(BINDING.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = (
        select(CUSTOMER.customer_id, CUSTOMER.name, CUSTOMER.title, phone.label("phone"))
        .where(func.coalesce(func.nullif(CUSTOMER.language, ""), default) == language, phone.is_not(None))
        .order_by(CUSTOMER.customer_id)
        .limit(most)
    )
    return connection.execute(found).all()


def named(connection: Connection, ids: Collection[str]) -> dict[str, Any]:
    """`name` and `title` of these customers, by id."""
    columns = CUSTOMER.customer_id, CUSTOMER.name, CUSTOMER.title
    return {row.customer_id: row for row in connection.execute(select(*columns).where(CUSTOMER.customer_id.in_(ids)))}
