"""Somebody opens a talk: what they see, and what is recorded of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.handlers.service import Service
from app.store import audit, events, queue, talks, tickets
from app.store.queue import QueueRow
from app.store.talks import Talk

OWN = timedelta(days=30)
"""How long an agent may go on reading a customer whose ticket was theirs; search finds them as long."""
READ_ONCE_IN = timedelta(minutes=10)
"""A page that is open asks again and again; one row says that it was read."""


class NotForYou(Exception):
    """An agent asked for a closed ticket that was never theirs, or not for a long time."""


@dataclass(frozen=True, slots=True)
class Opened:
    """`row`: the ticket as the queue shows it. `mine`: what the reader holds, the oldest first."""

    row: QueueRow
    talk: Talk
    mine: list[QueueRow]


def open_talk(
    service: Service,
    ticket_id: int,
    reader: str,
    *,
    supervisor: bool = False,
    before: datetime | None = None,
    looks: bool = True,
    address: str = "",
) -> Opened | None:
    """The talk of a ticket; None when there is no such ticket. `before`: an earlier page of it. `looks`: the reader has
    it in front of them, so that what came is read now.

    Reading what somebody else holds leaves a row in the audit. Raises `NotForYou`.
    """
    now = service.clock()
    told = False
    with service.database.begin() as connection:
        ticket = tickets.by_id(connection, ticket_id)
        if ticket is None:
            return None
        theirs = ticket.agent == reader
        if ticket.state == "closed" and not supervisor and not (theirs and ticket.closed_at >= now - OWN):
            raise NotForYou(str(ticket_id))
        holds = theirs and ticket.state == "claimed"
        if not holds and not talks.was_read(connection, reader, ticket_id, now - READ_ONCE_IN):
            audit.add(connection, reader, "ticket.read", f"ticket:{ticket_id}", now, address=address)
        if holds and looks and talks.see(connection, ticket_id, reader, now):
            events.tell(connection, "ticket", now, ticket_id)
            told = True
        opened = Opened(
            row=queue.rows(connection, ids=[ticket_id])[0],
            talk=talks.read(connection, ticket, before=before),
            mine=queue.held(connection, reader),
        )
    if told:
        service.wake("console")
    return opened
