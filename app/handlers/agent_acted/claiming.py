"""Claiming: one agent gets it, whoever clicks at the same moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.flows.vocabulary import Claimed, Requeued
from app.handlers.agent_acted.holding import Held, NotYours, held, owner, whose
from app.handlers.service import Service
from app.store import staffing, tickets, waits

ALIVE = timedelta(seconds=60)
"""An agent of whom nothing is heard for so long has gone (a closed laptop), and loses what they hold."""


class AtTheLimit(NotYours):
    """The agent holds as many conversations as they may."""


def claim(service: Service, ticket_id: int, agent: str, *, address: str = "") -> float | None:
    """Takes a ticket, and with a talk the conversation: from here on the bot is silent.

    Gives how long the customer waited, in seconds from their text, when this ends the promise of 30 seconds; None when
    somebody has had the talk before, and for a flag. Raises `NotYours`.
    """
    with held(service, ticket_id, agent, address) as act:
        _require_room(act)
        if not tickets.claim(act.connection, ticket_id, agent, act.now):
            raise NotYours(whose(act.ticket))
        act.record("ticket.claim")
        return _own(act, agent)


def take_over(service: Service, ticket_id: int, supervisor: str, *, address: str = "") -> float | None:
    """A supervisor takes a ticket, whoever has it or is offered it. Gives what `claim` gives. Raises `NotYours` for a
    closed one."""
    with held(service, ticket_id, supervisor, address) as act:
        if act.ticket.state == "closed" or act.ticket.agent == supervisor:
            raise NotYours(whose(act.ticket))
        act.record("ticket.take_over", {"from": act.ticket.agent})
        return _give(act, supervisor)


def reassign(service: Service, ticket_id: int, supervisor: str, to_agent: str, *, address: str = "") -> float | None:
    """A supervisor gives a ticket to an agent, who holds it from here on. Gives what `claim` gives. Raises `NotYours`
    for a closed ticket, and ValueError when nobody of that name works here."""
    with held(service, ticket_id, supervisor, address) as act:
        if act.ticket.state == "closed" or act.ticket.agent == to_agent:
            raise NotYours(whose(act.ticket))
        if not staffing.takes_tickets(act.connection, to_agent):
            raise ValueError(f"{to_agent} is no agent who takes tickets")
        act.record("ticket.reassign", {"from": act.ticket.agent, "to": to_agent})
        return _give(act, to_agent)


def _require_room(act: Held) -> None:
    """The limit binds talks alone. The agent's row is locked, so two claims at once are counted one after the other."""
    if act.is_talk and not staffing.has_room(act.connection, act.agent):
        raise AtTheLimit("you hold as many conversations as your limit allows: close or hand on one first")


def _give(act: Held, agent: str) -> float | None:
    """From whoever holds it, or from the queue, into an agent's hands."""
    staffing.hold(act.connection, {act.ticket.agent, agent})
    if act.ticket.state == "claimed":
        tickets.requeue(act.connection, act.ticket.id, act.now)
        staffing.idle(act.connection, act.ticket.agent, act.now)
        if act.is_talk and act.conversation.owner == owner(act.ticket.agent):
            act.turn(Requeued(act.ticket.topic))
    tickets.claim(act.connection, act.ticket.id, agent, act.now, whoever=True)
    return _own(act, agent)


def _own(act: Held, agent: str) -> float | None:
    """What follows from a claim, whoever made it; the seconds that the customer waited, when a promise ends."""
    staffing.alive(act.connection, [agent], act.now + ALIVE)
    act.tell()
    if not act.is_talk:
        return None
    waits.drop_timer(act.connection, "promise", act.ticket.id)
    act.turn(Claimed(owner(agent)))
    if act.ticket.first_claimed_at is not None:
        return None
    asked: datetime = act.ticket.asked_at or act.ticket.opened_at
    return max(0.0, (act.now - asked).total_seconds())
