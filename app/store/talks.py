"""One customer's whole talk with the bank, as an agent reads it: both directions, all tickets, what happened between.

Read only and bounded: every source gives its latest rows before a moment, found by the number's index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, update

from app.flows.vocabulary import Conversation
from app.store import audit, conversations, people, tables

OCCASION, COMPANION = tables.Occasion, tables.Companion
INBOUND, MESSAGE, TRACE, NOTE = tables.Inbound, tables.Message, tables.Trace, tables.Note
TICKET, CALLBACK, CONSENT, SURVEY, AUDIT = (
    tables.Ticket,
    tables.Callback,
    tables.Consent,
    tables.Survey,
    tables.Audit,
)
MOST = 100
FEW = 20
MOVES = (
    "ticket.claim",
    "ticket.offer",
    "ticket.return",
    "ticket.transfer",
    "ticket.take_over",
    "ticket.reassign",
    "ticket.release",
    "code.ask",
)
"""Of the audit rows about a ticket, those that a transcript shows."""
WRITES = ("ticket.reply", "ticket.guide")
"""Those by which an agent sent a text."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Rows of a number, the newest first, each with the columns of its table."""

    heard: Sequence[Any]
    said: Sequence[Any]
    traces: Sequence[Any]
    notes: Sequence[Any]
    consents: Sequence[Any]
    deeds: Sequence[Any]
    surveys: Sequence[Any]
    begun: Sequence[Any] = ()
    """Occasions of the texts that began conversations: the latest that were queued."""
    beside: Sequence[Any] = ()
    """What went beside texts by other channels."""


@dataclass(frozen=True, slots=True)
class Talk:
    """`ticket`: the row that was asked for. `tickets`, `callbacks`: all of the number, the newest first. `customer`:
    the bank's file of the one customer who is bound to the number; None with `owners` 0 (nobody) or several."""

    ticket: Any
    conversation: Conversation | None
    customer: dict[str, Any] | None
    owners: int
    refused: dict[str, Any]
    """Scope (`commercial`, `reminders`, `gateway`) -> its last row of the ledger."""
    tickets: Sequence[Any]
    callbacks: Sequence[Any]
    pages: Pages


def read(connection: Connection, ticket: Any, *, before: datetime | None = None, most: int = MOST) -> Talk:
    """The talk that a ticket is about. `before`: only what happened earlier, for the page above."""
    phone = ticket.phone
    bound = people.bound(connection, phone)
    found = _rows(connection, select(*TICKET.__table__.columns).where(TICKET.phone == phone), TICKET, FEW)
    return Talk(
        ticket=ticket,
        conversation=conversations.read(connection, phone),
        customer=people.customer(connection, bound[0].customer_id) if len(bound) == 1 else None,
        owners=len(bound),
        refused=_standing(connection, phone),
        tickets=found,
        callbacks=_rows(connection, select(*CALLBACK.__table__.columns).where(CALLBACK.phone == phone), CALLBACK, FEW),
        pages=_pages(connection, phone, [row.id for row in found], before, most),
    )


def _pages(connection: Connection, phone: str, tickets: Sequence[int], before: datetime | None, most: int) -> Pages:
    def of(table: Any, moment: Any, *more: ColumnElement[bool]) -> Sequence[Any]:
        found = select(*table.__table__.columns).where(*(more or (table.phone == phone,)))
        return _rows(connection, found.where(moment < before) if before else found, table, most)

    subjects = [f"ticket:{ticket}" for ticket in tickets]
    moved = AUDIT.action.in_(MOVES)
    return Pages(
        heard=of(INBOUND, INBOUND.received_at),
        said=of(MESSAGE, MESSAGE.created_at),
        traces=of(TRACE, TRACE.at),
        notes=of(NOTE, NOTE.at),
        consents=of(CONSENT, CONSENT.at),
        deeds=of(AUDIT, AUDIT.at, AUDIT.subject.in_(subjects), moved),
        surveys=of(SURVEY, SURVEY.asked_at),
        beside=of(COMPANION, COMPANION.created_at),
        begun=of(OCCASION, OCCASION.queued_at, OCCASION.phone == phone, OCCASION.state == "queued"),
    )


def _rows(connection: Connection, found: Select[Any], table: Any, most: int) -> Sequence[Any]:
    return connection.execute(found.order_by(table.id.desc()).limit(most)).all()


def _standing(connection: Connection, phone: str) -> dict[str, Any]:
    rows = connection.execute(
        select(CONSENT.scope, CONSENT.verdict, CONSENT.source, CONSENT.at)
        .where(CONSENT.phone == phone)
        .order_by(CONSENT.id.desc())
        .limit(MOST)
    )
    last: dict[str, Any] = {}
    for row in rows:
        last.setdefault(row.scope, row)
    return last


def was_read(connection: Connection, actor: str, ticket_id: int, since: datetime) -> bool:
    """True when the audit holds that this person read the ticket, at `since` or later."""
    found = select(AUDIT.id).where(
        AUDIT.subject == f"ticket:{ticket_id}", AUDIT.actor == actor, AUDIT.action == "ticket.read", AUDIT.at >= since
    )
    return connection.execute(found.limit(1)).first() is not None


def see(connection: Connection, ticket_id: int, agent: str, now: datetime) -> bool:
    """The agent who has the ticket looks at it. True when there was something unread."""
    unread = (
        TICKET.last_text_at > TICKET.claimed_at,
        (TICKET.seen_at.is_(None)) | (TICKET.last_text_at > TICKET.seen_at),
    )
    seen = connection.execute(
        update(TICKET)
        .where(TICKET.id == ticket_id, TICKET.state == "claimed", TICKET.agent == agent, *unread)
        .values(seen_at=now)
    )
    return seen.rowcount == 1


def sent_with(connection: Connection, ticket_id: int, agent: str, token: str) -> int | None:
    """The message that this agent has sent in this ticket with this token, among their latest; None for a new one."""
    sent = audit.told_with(connection, agent, WRITES, f"ticket:{ticket_id}", token)
    return int(sent["message"]) if sent else None
