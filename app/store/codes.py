"""One-time codes: hashed, counted, locked (A11). The code itself stands in no row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from app.store import tables
from app.store.statement import Statement

ROW = tables.OneTimeCode
ISSUE = Statement(
    insert(ROW).returning(ROW.id),
    ("phone", "customer_id", "nonce", "digest", "digits", "state", "wrong", "issued_at", "expires_at"),
)
REPLACE = Statement(update(ROW).where(ROW.phone == bindparam("p"), ROW.state == "open").values(state="replaced"))
LATEST = Statement(select(*ROW.__table__.columns).where(ROW.phone == bindparam("p")).order_by(ROW.id.desc()).limit(1))
ISSUED = Statement(select(func.count()).where(ROW.phone == bindparam("p"), ROW.issued_at >= bindparam("since")))
LOCKED = Statement(
    select(ROW.locked_until)
    .where(ROW.phone == bindparam("p"), ROW.locked_until > bindparam("now"))
    .order_by(ROW.id.desc())
    .limit(1)
)
PROVEN = Statement(
    select(ROW.customer_id).where(ROW.phone == bindparam("p"), ROW.state == "used").order_by(ROW.id.desc()).limit(1)
)


def issue(
    connection: Connection,
    *,
    phone: str,
    customer_id: str,
    nonce: str,
    digest: str,
    digits: int,
    now: datetime,
    expires_at: datetime,
) -> int:
    """A new open code; an older open one no longer counts. Its id."""
    REPLACE.run(connection, {"p": phone})
    made: int = ISSUE.scalar(
        connection,
        {
            "phone": phone,
            "customer_id": customer_id,
            "nonce": nonce,
            "digest": digest,
            "digits": digits,
            "state": "open",
            "wrong": 0,
            "issued_at": now,
            "expires_at": expires_at,
        },
    )
    return made


def latest(connection: Connection, phone: str) -> Any:
    return LATEST.first(connection, {"p": phone})


def by_id(connection: Connection, code_id: int) -> Any:
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id == code_id)).first()


def issued_since(connection: Connection, phone: str, since: datetime) -> int:
    return int(ISSUED.scalar(connection, {"p": phone, "since": since}))


def locked_until(connection: Connection, phone: str, now: datetime) -> datetime | None:
    found: datetime | None = LOCKED.scalar(connection, {"p": phone, "now": now})
    return found


def close(connection: Connection, code_id: int, state: str) -> None:
    connection.execute(update(ROW).where(ROW.id == code_id).values(state=state))


def wrong_try(connection: Connection, code_id: int) -> int:
    """Counts a wrong try; how many there were."""
    count: int = connection.execute(
        update(ROW).where(ROW.id == code_id).values(wrong=ROW.wrong + 1).returning(ROW.wrong)
    ).scalar_one()
    return count


def lock(connection: Connection, code_id: int, until: datetime) -> None:
    connection.execute(update(ROW).where(ROW.id == code_id).values(state="locked", locked_until=until))


def proven_customer(connection: Connection, phone: str) -> str | None:
    """The customer whose code was passed last."""
    found: str | None = PROVEN.scalar(connection, {"p": phone})
    return found
