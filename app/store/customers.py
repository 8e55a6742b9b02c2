"""Many customers and bindings at a time, for the import of a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, or_, select, update

from app.store import occasions, tables
from app.store.insert import INSERTS

CUSTOMER, BINDING, MESSAGE = tables.Customer, tables.PhoneBinding, tables.Message


class Bound(NamedTuple):
    """What a customer's bindings are: `live` number -> id of the row, and why each ended one ended last."""

    live: dict[str, int]
    ended: dict[str, str]


def known(connection: Connection, ids: Collection[str], columns: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """The named columns of those customers who are there, in that order."""
    rows = connection.execute(
        select(CUSTOMER.customer_id, *(getattr(CUSTOMER, name) for name in columns)).where(
            CUSTOMER.customer_id.in_(ids)
        )
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """New customers. One whom another import has just added gets these values instead. All rows name the same
    columns."""
    if not rows:
        return
    statement = INSERTS[connection.dialect.name](CUSTOMER)
    given = {name: statement.excluded[name] for name in rows[0] if name != "customer_id"}
    if given:
        statement = statement.on_conflict_do_update(index_elements=["customer_id"], set_=given)
    else:
        statement = statement.on_conflict_do_nothing()
    connection.execute(statement, rows)


def change(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes the given columns of customers who are there. All rows name the same columns."""
    if rows:
        given: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "customer_id"}
        connection.execute(
            update(CUSTOMER).where(CUSTOMER.customer_id == bindparam("who")).values(given),
            [{"who": row["customer_id"], **{f"new_{name}": row[name] for name in given}} for row in rows],
        )


def bindings(connection: Connection, ids: Collection[str]) -> dict[str, Bound]:
    """By customer; customers who never had a number are left out."""
    rows = connection.execute(
        select(BINDING.id, BINDING.phone, BINDING.customer_id, BINDING.ended_at, BINDING.ended_because)
        .where(BINDING.customer_id.in_(ids))
        .order_by(BINDING.id)
    )
    found: dict[str, Bound] = {}
    for row in rows:
        bound = found.setdefault(row.customer_id, Bound({}, {}))
        if row.ended_at is None:
            bound.live[row.phone] = row.id
        else:
            bound.ended[row.phone] = row.ended_because
    return found


def bind(connection: Connection, pairs: Collection[tuple[str, str]], now: datetime) -> None:
    """(number, customer) pairs; one that is bound already stays as it is."""
    if pairs:
        statement = INSERTS[connection.dialect.name](BINDING).on_conflict_do_nothing()
        rows = [{"phone": phone, "customer_id": customer, "bound_at": now} for phone, customer in pairs]
        connection.execute(statement, rows)


def unbind(connection: Connection, phones: Mapping[int, str], because: str, now: datetime) -> None:
    """Ends bindings (id -> number), and withdraws what is planned for these customers there, and what waits for those
    numbers: reminders, offers, figures (law 10).

    Callers hold the conversations of these numbers. That is enough, and `locks.PROGRAMMES` would be too much: whoever
    queues a text holds its number's, so it was queued before and is withdrawn here, or finds the number unbound."""
    if phones:
        numbers = set(phones.values())
        connection.execute(
            update(BINDING)
            .where(BINDING.id.in_(phones), BINDING.ended_at.is_(None))
            .values(ended_at=now, ended_because=because)
        )
        occasions.unbound(connection, numbers, list(phones))
        theirs = or_(MESSAGE.purpose.in_(("reminder", "commercial")), MESSAGE.figures.is_(True))
        texts = update(MESSAGE).where(MESSAGE.phone.in_(numbers), theirs)
        connection.execute(
            texts.where(MESSAGE.state == "queued").values(state="withdrawn", reason=f"unbound:{because}")
        )
        # One that is under way cannot be called back; but it is not tried again.
        connection.execute(texts.where(MESSAGE.state == "sending").values(expires_at=now))
