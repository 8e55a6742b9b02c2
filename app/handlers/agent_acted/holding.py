"""A ticket with its conversation, held: until the transaction ends nobody else changes either (law 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.flows.vocabulary import Conversation, Event
from app.handlers.service import Lane, Service
from app.handlers.turns import take
from app.store import audit, conversations, events, tickets


class NotYours(Exception):
    """The ticket is not this agent's to act on; the message says who has it, or that it is closed."""


def owner(agent: str) -> str:
    """What the conversation of an agent is owned by."""
    return f"agent:{agent}"


@dataclass(slots=True)
class Held:
    """What an act of one agent works with. What it wakes is woken after the commit."""

    service: Service
    connection: Connection
    now: datetime
    agent: str
    address: str
    ticket: Any
    conversation: Conversation
    wakes: set[Lane] = field(default_factory=lambda: {"console"})

    @property
    def is_talk(self) -> bool:
        return bool(self.ticket.kind == "talk")

    def require_mine(self) -> None:
        """Raises `NotYours` unless the agent holds the ticket, and with a talk the conversation."""
        if self.ticket.state != "claimed" or self.ticket.agent != self.agent:
            raise NotYours(whose(self.ticket))
        if self.is_talk and self.conversation.owner != owner(self.agent):
            raise NotYours(whose(self.ticket))

    def turn(self, event: Event) -> None:
        """The conversation's part of the act: a turn of it, when the ticket is about a conversation."""
        if self.is_talk:
            done = take(self.service, self.connection, self.conversation, event)
            self.conversation = done.conversation
            self.wakes |= done.wakes

    def tell(self) -> None:
        """Open pages hear that the ticket, and what is said in it, changed."""
        events.tell(self.connection, "ticket", self.now, self.ticket.id)
        events.tell(self.connection, "talk", self.now, self.ticket.id)

    def record(self, action: str, detail: Mapping[str, Any] | None = None) -> None:
        audit.add(
            self.connection,
            self.agent,
            action,
            f"ticket:{self.ticket.id}",
            self.now,
            detail=detail,
            address=self.address,
        )


@contextmanager
def held(service: Service, ticket_id: int, agent: str, address: str) -> Iterator[Held]:
    """Opens the transaction of an act: commits at the end of the block, then wakes who has work now.

    Raises `NotYours` when there is no such ticket.
    """
    with service.database.begin() as connection:
        ticket = tickets.by_id(connection, ticket_id)
        if ticket is None:
            raise NotYours(f"there is no ticket {ticket_id}")
        now = service.clock()
        conversation = conversations.hold(connection, ticket.phone, service.language, now)
        act = Held(service, connection, now, agent, address, tickets.by_id(connection, ticket_id), conversation)
        yield act
    for lane in act.wakes:
        service.wake(lane)


def whose(ticket: Any) -> str:
    """Why a ticket cannot be acted on, in a sentence."""
    if ticket.state == "closed":
        return f"ticket {ticket.id} is closed"
    if ticket.agent:
        return f"ticket {ticket.id} is already with {ticket.agent}"
    if ticket.meant_for:
        return f"ticket {ticket.id} is offered to {ticket.meant_for}"
    return f"ticket {ticket.id} waits: claim it first"
