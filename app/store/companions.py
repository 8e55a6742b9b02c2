"""What goes beside texts by other channels: rows that are their own queue, claimed with a lease (A13).

A state never goes back: queued → sending → sent → confirmed | declined | failed. A customer's own answer stands over
everything that we thought of the way there, also over `failed`; the first of two answers stands.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, insert, or_, select, update

from app.store import tables

ROW, MESSAGE = tables.Companion, tables.Message
ON_ITS_WAY = ("queued", "sending")
ANSWERED = ("confirmed", "declined")


@dataclass(frozen=True, slots=True)
class NewCompanion:
    """See `tables.Companion`; moments are aware."""

    phone: str
    customer_id: str
    channel: str
    subject: str
    token: str
    language: str
    due_at: datetime
    expires_at: datetime
    message_id: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def add(connection: Connection, new: NewCompanion, now: datetime) -> int:
    made: int = connection.execute(
        insert(ROW)
        .values(
            phone=new.phone,
            customer_id=new.customer_id,
            channel=new.channel,
            subject=new.subject,
            token=new.token,
            language=new.language,
            message_id=new.message_id,
            detail=dict(new.detail),
            state="queued",
            reason="",
            attempts=0,
            created_at=now,
            due_at=new.due_at,
            expires_at=new.expires_at,
        )
        .returning(ROW.id)
    ).scalar_one()
    return made


def due(connection: Connection, channel: str, now: datetime, most: int) -> Sequence[Any]:
    """Rows that are due, the longest due first, locked until the transaction ends; others pass them by. A row that is
    `sending` is one whose lease is over: whoever had it is gone, or still waits."""
    return connection.execute(
        select(*ROW.__table__.columns)
        .where(ROW.channel == channel, ROW.state.in_(ON_ITS_WAY), ROW.due_at <= now)
        .order_by(ROW.due_at, ROW.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()


def take(connection: Connection, ids: Collection[int], lease: datetime) -> None:
    """These are sent now; until `lease` nobody else has them."""
    connection.execute(
        update(ROW).where(ROW.id.in_(ids)).values(state="sending", due_at=lease, attempts=ROW.attempts + 1)
    )


def put_off(connection: Connection, companion_id: int, due_at: datetime, reason: str = "") -> bool:
    """It was not sent, and is due again. False when it is settled by now."""
    return _settle(connection, companion_id, state="queued", due_at=due_at, reason=reason[:80])


def sent(connection: Connection, companion_id: int, now: datetime) -> bool:
    return _settle(connection, companion_id, state="sent", sent_at=now, reason="")


def failed(connection: Connection, companion_id: int, reason: str, now: datetime) -> bool:
    return _settle(connection, companion_id, state="failed", settled_at=now, reason=reason[:80])


def _settle(connection: Connection, companion_id: int, **values: Any) -> bool:
    open_one = (ROW.id == companion_id, ROW.state.in_(ON_ITS_WAY))
    return connection.execute(update(ROW).where(*open_one).values(**values)).rowcount == 1


def answer(connection: Connection, token: str, said: str, now: datetime) -> str:
    """The second channel's word on what was told: `noted`, `known` (nothing changed), or `` when there is no such
    row. It may come before we noted that it was told. `said`: confirmed · declined · undeliverable."""
    row = connection.execute(
        select(ROW.id, ROW.state).where(ROW.token == token, ROW.channel == "second").with_for_update()
    ).first()
    if row is None:
        return ""
    if row.state in ANSWERED or (said == "undeliverable" and row.state == "failed"):
        return "known"
    state, reason = ("failed", said) if said == "undeliverable" else (said, "")
    connection.execute(
        update(ROW)
        .where(ROW.id == row.id)
        .values(state=state, reason=reason, settled_at=now, sent_at=func.coalesce(ROW.sent_at, now))
    )
    return "noted"


def text_beside(connection: Connection, message_id: int) -> Any:
    """How the text stands that a row goes beside, and what it says; None when it is past its time and gone."""
    wanted = select(MESSAGE.state, MESSAGE.status, MESSAGE.purpose, MESSAGE.body, MESSAGE.created_at)
    return connection.execute(wanted.where(MESSAGE.id == message_id)).first()


def mails_since(connection: Connection, phone: str, moment: datetime) -> Sequence[Any]:
    """Mails of a number since then that were or will be sent: `subject`, `created_at`."""
    return connection.execute(
        select(ROW.subject, ROW.created_at).where(
            ROW.phone == phone, ROW.channel == "email", ROW.created_at > moment, ROW.state != "failed"
        )
    ).all()


def of_messages(connection: Connection, message_ids: Collection[int]) -> dict[int, list[Any]]:
    """What goes beside each of these texts, the oldest first."""
    found: dict[int, list[Any]] = {}
    if message_ids:
        rows = select(*ROW.__table__.columns).where(ROW.message_id.in_(message_ids)).order_by(ROW.id)
        for row in connection.execute(rows):
            found.setdefault(row.message_id, []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of a channel that are due or were tried already. `oldest`: since when the first of them waits."""

    rows: int
    oldest: datetime


def waiting(connection: Connection, now: datetime) -> dict[str, Waiting]:
    """By channel; one for which nothing waits is not there."""
    # Each try moves `due_at`; and what was never tried may have waited for its text to leave, which is nobody's delay.
    since = case((ROW.attempts > 0, ROW.created_at), else_=ROW.due_at)
    rows = connection.execute(
        select(ROW.channel, func.count(), func.min(since))
        .where(ROW.state.in_(ON_ITS_WAY), or_(ROW.due_at <= now, ROW.attempts > 0))
        .group_by(ROW.channel)
    )
    return {channel: Waiting(count, oldest) for channel, count, oldest in rows}
