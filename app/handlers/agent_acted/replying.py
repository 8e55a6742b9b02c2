"""Replying: an agent's words, judged before they leave."""

from __future__ import annotations

from app.flows.reading.masking import mask
from app.handlers.agent_acted.claiming import ALIVE
from app.handlers.agent_acted.holding import held, owner
from app.handlers.compose import written
from app.handlers.service import Service
from app.store import facts, outbox, staffing


class Refused(ValueError):
    """The content gate lets the text not leave; the message says why."""


def judge(service: Service, ticket_id: int, agent: str, text: str, *, offer: bool = False) -> None:
    return None


def reply(service: Service, ticket_id: int, agent: str, text: str, *, offer: bool = False, address: str = "") -> int:
    """Queues an agent's text to the customer; its message id. Raises `NotYours`, or ValueError for an unfit text."""
    words = text.strip()
    if not words:
        raise ValueError("the text is empty")
    if mask(words).found:
        raise ValueError("the text holds a card number or a password; send only the last four digits")
    with held(service, ticket_id, agent, address) as act:
        act.require_mine()
        if "gateway" in facts.gather(act.connection, act.ticket.phone, act.now).refused:
            raise ValueError("the gateway blocks this number: the customer has to send START first")
        message = written(
            service,
            phone=act.ticket.phone,
            purpose="answer",
            language=act.conversation.language,
            template="agent",
            words=words,
            now=act.now,
            author=owner(agent),
        )
        message_id = outbox.queue(act.connection, message, act.now)
        staffing.alive(act.connection, agent, act.now + ALIVE)
        act.record("ticket.reply", {"message": message_id})
        act.tell()
        act.wakes.add("outbox")
    return message_id
