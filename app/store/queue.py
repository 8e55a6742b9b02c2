"""The queue as people see it: open tickets with what helps to choose one, in the order in which they are served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from app.store import people, tables

TICKET, INBOUND, CUSTOMER = tables.Ticket, tables.Inbound, tables.Customer


@dataclass(frozen=True, slots=True)
class QueueRow:
    """`kind`: talk · flag. `name` and `title` are empty when the number is bound to nobody or to several.
    `last_words`: the customer's latest text, masked as it was stored. `since`: what the clock counts from.
    `unread`: the customer wrote, and the agent who has it has not looked since."""

    id: int
    phone: str
    kind: str
    topic: str
    team: str
    place: str
    reason: str
    language: str
    mood: str
    priority: int
    state: str
    agent: str
    meant_for: str
    offered_until: datetime | None
    since: datetime
    opened_at: datetime
    asked_at: datetime | None
    claimed_at: datetime | None
    last_text_at: datetime | None
    name: str
    title: str
    last_words: str
    unread: bool = False


def rows(
    connection: Connection,
    *,
    ids: Sequence[int] | None = None,
    states: Sequence[str] = ("waiting", "claimed"),
    most: int = 500,
) -> list[QueueRow]:
    """Tickets of these states (any state when `ids` names them): by priority, then by age."""
    found = _select().order_by(TICKET.priority.desc(), func.coalesce(TICKET.waiting_since, TICKET.opened_at), TICKET.id)
    found = found.where(TICKET.state.in_(states)) if ids is None else found.where(TICKET.id.in_(ids))
    return [_row(row) for row in connection.execute(found.limit(most))]


def held(connection: Connection, agent: str) -> list[QueueRow]:
    """What an agent holds, talks before flags, in the order in which they were claimed."""
    found = _select().where(TICKET.agent == agent, TICKET.state == "claimed")
    return [_row(row) for row in connection.execute(found.order_by(TICKET.kind.desc(), TICKET.claimed_at, TICKET.id))]


def _select() -> Any:
    latest = aliased(INBOUND)
    last_words = (
        select(latest.body)
        .where(latest.phone == TICKET.phone)
        .order_by(latest.id.desc())
        .limit(1)
        .correlate(TICKET)
        .scalar_subquery()
    )
    return select(*TICKET.__table__.columns, CUSTOMER.name, CUSTOMER.title, last_words.label("last_words")).outerjoin(
        CUSTOMER, CUSTOMER.customer_id == people.sole_owner(TICKET)
    )


def _row(row: Any) -> QueueRow:
    return QueueRow(
        id=row.id,
        phone=row.phone,
        kind=row.kind,
        topic=row.topic,
        team=row.team,
        place=row.place,
        reason=row.reason,
        language=row.language,
        mood=row.mood,
        priority=row.priority,
        state=row.state,
        agent=row.agent,
        meant_for=row.meant_for,
        offered_until=row.offered_until,
        since=row.waiting_since or row.opened_at,
        opened_at=row.opened_at,
        asked_at=row.asked_at,
        claimed_at=row.claimed_at,
        last_text_at=row.last_text_at,
        name=row.name or "",
        title=row.title or "",
        last_words=row.last_words or "",
        unread=row.state == "claimed"
        and row.last_text_at is not None
        and row.last_text_at > max(row.seen_at or row.opened_at, row.claimed_at or row.opened_at),
    )
