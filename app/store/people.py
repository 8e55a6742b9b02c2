"""Who is bound to a number, and what the bank's file says of a customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select, update

from app.store import occasions, tables
from app.store.statement import Statement

CUSTOMER, BINDING, MESSAGE = tables.Customer, tables.PhoneBinding, tables.Message
BOUND = Statement(
    select(BINDING.customer_id, CUSTOMER.card_last4)
    .join(CUSTOMER, CUSTOMER.customer_id == BINDING.customer_id)
    .where(BINDING.phone == bindparam("p"), BINDING.ended_at.is_(None))
    .order_by(BINDING.id)
)


def bound(connection: Connection, phone: str) -> Sequence[Any]:
    """Live bindings of a number, the oldest first: `customer_id`, `card_last4`."""
    return BOUND.all(connection, {"p": phone})


def sole_owner(table: Any) -> Any:
    """In a query over `table`, which has a `phone`: the id of the customer whose number that is, NULL when it is bound
    to nobody or to several."""
    alone = case((func.count() == 1, func.min(BINDING.customer_id)))
    owner = select(alone).where(BINDING.ended_at.is_(None), BINDING.phone == table.phone)
    return owner.correlate(table).scalar_subquery()


def disown(connection: Connection, phone: str, because: str, now: datetime) -> list[str]:
    """Ends every binding of a number and withdraws what is queued and what is planned for it; the customers who owned
    it (A14). Callers hold its conversation."""
    owners = connection.execute(
        update(BINDING)
        .where(BINDING.phone == phone, BINDING.ended_at.is_(None))
        .values(ended_at=now, ended_because=because)
        .returning(BINDING.customer_id)
    )
    found = list(owners.scalars())
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.phone == phone, MESSAGE.state == "queued")
        .values(state="withdrawn", reason=because)
    )
    # One that is under way cannot be called back; but it is not tried again.
    connection.execute(update(MESSAGE).where(MESSAGE.phone == phone, MESSAGE.state == "sending").values(expires_at=now))
    occasions.unbound(connection, [phone])
    return found


def customer(connection: Connection, customer_id: str) -> dict[str, Any] | None:
    """The columns of `customers.csv` of one customer, typed."""
    row = connection.execute(select(*CUSTOMER.__table__.columns).where(CUSTOMER.customer_id == customer_id))
    found = row.mappings().first()
    return dict(found) if found else None
