"""Texts as they came: stored once, taken once, in the order in which they were stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from app.store import tables
from app.store.insert import InsertNew

ROW = tables.Inbound
ADD = InsertNew(
    ROW,
    "gateway",
    "gateway_id",
    "phone",
    "recipient",
    "body",
    "media",
    "keyword",
    "raw",
    "received_at",
    "state",
    "attempts",
    returning="id",
)
WAITING_PHONES = (
    select(ROW.phone, func.min(ROW.id))
    .where(ROW.state == "waiting")
    .group_by(ROW.phone)
    .order_by(func.min(ROW.id))
    .limit(bindparam("most"))
)
OLDEST = (
    select(*ROW.__table__.columns).where(ROW.phone == bindparam("p"), ROW.state == "waiting").order_by(ROW.id).limit(1)
)


@dataclass(frozen=True, slots=True)
class NewText:
    """A text to be stored, masked already (`flows/reading/masking.py`)."""

    gateway: str
    gateway_id: str
    phone: str
    recipient: str
    body: str
    media: int
    keyword: str
    raw: Mapping[str, Sequence[str]]


def add(connection: Connection, new: NewText, now: datetime, *, state: str = "taken") -> int | None:
    """Stores a text; its id, or None when the gateway delivered it before (law 2)."""
    found: int | None = ADD(
        connection,
        gateway=new.gateway,
        gateway_id=new.gateway_id,
        phone=new.phone,
        recipient=new.recipient,
        body=new.body,
        media=new.media,
        keyword=new.keyword,
        raw=dict(new.raw),
        received_at=now,
        state=state,
        attempts=0,
    )
    return found


def put_off(connection: Connection, inbound_id: int, until: datetime | None = None) -> None:
    """The turn comes later, in order."""
    connection.execute(update(ROW).where(ROW.id == inbound_id).values(state="waiting", retry_at=until))


def take(connection: Connection, inbound_id: int) -> None:
    connection.execute(update(ROW).where(ROW.id == inbound_id).values(state="taken", reason=""))


def hide_body(connection: Connection, inbound_id: int, body: str, raw: Mapping[str, Any]) -> None:
    """Puts a body without its one-time code in place of the stored one (A11)."""
    connection.execute(update(ROW).where(ROW.id == inbound_id).values(body=body, raw=dict(raw)))


def waiting_phones(connection: Connection, most: int) -> list[str]:
    return [phone for phone, _ in connection.execute(WAITING_PHONES, {"most": most})]


def oldest_waiting(connection: Connection, phone: str) -> Mapping[Any, Any] | None:
    return connection.execute(OLDEST, {"p": phone}).mappings().first()


def by_id(connection: Connection, inbound_id: int) -> Any:
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id == inbound_id)).one()


def failed_once(connection: Connection, inbound_id: int, reason: str, retry_at: datetime, *, most: int) -> bool:
    """Counts a failed turn of a waiting text. True when it was the last try: the text is given up and blocks nothing
    any more."""
    attempts = connection.execute(
        update(ROW)
        .where(ROW.id == inbound_id, ROW.state == "waiting")
        .values(attempts=ROW.attempts + 1, reason=reason[:200], retry_at=retry_at)
        .returning(ROW.attempts)
    ).scalar()
    if attempts is None or attempts < most:
        return False
    connection.execute(update(ROW).where(ROW.id == inbound_id).values(state="failed"))
    return True
