"""One-time codes: hashed, counted, locked (A11). The code itself stands in no row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from app.store import tables

ROW = tables.OneTimeCode


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
    connection.execute(update(ROW).where(ROW.phone == phone, ROW.state == "open").values(state="replaced"))
    made: int = connection.execute(
        insert(ROW)
        .values(
            phone=phone,
            customer_id=customer_id,
            nonce=nonce,
            digest=digest,
            digits=digits,
            state="open",
            wrong=0,
            issued_at=now,
            expires_at=expires_at,
        )
        .returning(ROW.id)
    ).scalar_one()
    return made


def latest(connection: Connection, phone: str) -> Any:
    return connection.execute(
        select(*ROW.__table__.columns).where(ROW.phone == phone).order_by(ROW.id.desc()).limit(1)
    ).first()


def by_id(connection: Connection, code_id: int) -> Any:
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id == code_id)).first()


def issued_since(connection: Connection, phone: str, since: datetime) -> int:
    return int(connection.execute(select(func.count()).where(ROW.phone == phone, ROW.issued_at >= since)).scalar_one())


def locked_until(connection: Connection, phone: str, now: datetime) -> datetime | None:
    found: datetime | None = connection.execute(
        select(ROW.locked_until).where(ROW.phone == phone, ROW.locked_until > now).order_by(ROW.id.desc()).limit(1)
    ).scalar()
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
    return connection.execute(
        select(ROW.customer_id).where(ROW.phone == phone, ROW.state == "used").order_by(ROW.id.desc()).limit(1)
    ).scalar()
