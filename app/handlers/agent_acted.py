"""An agent acted: claimed, replied, handed back. A conversation has one owner, and the database decides (law 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from app.flows.reading.masking import mask
from app.flows.vocabulary import Claimed, Conversation, Released
from app.handlers.compose import written
from app.handlers.service import Service
from app.handlers.text_arrived import wake
from app.handlers.turns import take
from app.store import conversations, facts, outbox, tickets, waits


class NotYours(Exception):
    """The ticket is not this agent's to act on; the message says who has it, or that it is closed."""


def owner(agent: str) -> str:
    return f"agent:{agent}"


def claim(service: Service, ticket_id: int, agent: str) -> None:
    """Takes a ticket, and with a talk the conversation: from here on the bot is silent. Raises `NotYours`."""
    with service.database.begin() as connection:
        ticket, conversation = _hold(service, connection, ticket_id)
        if not tickets.claim(connection, ticket_id, agent, service.clock()):
            taken = tickets.by_id(connection, ticket_id)
            raise NotYours(_whose(taken))
        if ticket.kind == "talk":
            waits.drop_timer(connection, "promise", ticket_id)
            take(service, connection, conversation, Claimed(owner(agent)))


def reply(service: Service, ticket_id: int, agent: str, text: str) -> int:
    """Queues an agent's text to the customer; its message id. Raises `NotYours`, or ValueError for an unfit text."""
    words = text.strip()
    if not words:
        raise ValueError("the text is empty")
    if mask(words).found:
        raise ValueError("the text holds a card number or a password; send only the last four digits")
    now = service.clock()
    with service.database.begin() as connection:
        ticket, conversation = _hold(service, connection, ticket_id)
        if ticket.state != "claimed" or ticket.agent != agent or conversation.owner != owner(agent):
            raise NotYours(_whose(ticket))
        if "gateway" in facts.gather(connection, ticket.phone, now).refused:
            raise ValueError("the gateway blocks this number: the customer has to send START first")
        message = written(
            service,
            phone=ticket.phone,
            purpose="answer",
            language=conversation.language,
            template="agent",
            words=words,
            now=now,
            author=owner(agent),
        )
        message_id = outbox.queue(connection, message, now)
    service.wake("outbox")
    return message_id


def release(
    service: Service, ticket_id: int, agent: str, flow: str | None = None, slots: Mapping[str, str] | None = None
) -> None:
    """Hands the conversation back to the bot where it stood, or into `flow`. Raises `NotYours`, `KeyError`."""
    if flow is not None and flow not in service.catalogue.flows:
        raise KeyError(f"no flow is called {flow}")
    with service.database.begin() as connection:
        ticket, conversation = _hold(service, connection, ticket_id)
        if (
            ticket.state != "claimed"
            or ticket.agent != agent
            or not tickets.close(connection, ticket_id, agent, service.clock())
        ):
            raise NotYours(_whose(ticket))
        done = None
        if ticket.kind == "talk" and conversation.owner == owner(agent):
            done = take(service, connection, conversation, Released(flow, dict(slots or {})))
    if done:
        wake(service, done)


def _hold(service: Service, connection: Connection, ticket_id: int) -> tuple[Any, Conversation]:
    """The ticket as it stands once the customer's conversation is held: nobody else changes either now."""
    ticket = tickets.by_id(connection, ticket_id)
    if ticket is None:
        raise NotYours(f"there is no ticket {ticket_id}")
    conversation = conversations.hold(connection, ticket.phone, service.language, service.clock())
    return tickets.by_id(connection, ticket_id), conversation


def _whose(ticket: Any) -> str:
    if ticket.state == "closed":
        return f"ticket {ticket.id} is closed"
    if ticket.agent:
        return f"ticket {ticket.id} is already with {ticket.agent}"
    return f"ticket {ticket.id} waits: claim it first"
