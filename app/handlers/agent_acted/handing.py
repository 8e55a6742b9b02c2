"""Handing on: back to the bot, to a colleague or a team, or to an end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.flows.catalogue import BEGUN_BY_THE_ENGINE
from app.flows.vocabulary import Closed, Released, Requeued
from app.handlers import options
from app.handlers.agent_acted.holding import Held, NotYours, held, whose
from app.handlers.service import Service
from app.rules.promise import PROMISE
from app.rules.urgency import GRAVE
from app.store import notes, staffing, surveys, tickets, waits

KEPT_FOR = timedelta(seconds=60)
"""How long a ticket that was handed on to one colleague is kept for them; then anybody may claim it."""
SURVEYED_ONCE_IN = timedelta(hours=24)
OUTCOMES = ("answered", "callback", "no_reply", "wrong_person", "duplicate")
"""How a ticket can end by an agent's hand; `handed_back` is what `release` writes."""


def release(
    service: Service,
    ticket_id: int,
    agent: str,
    flow: str | None = None,
    slots: Mapping[str, str] | None = None,
    *,
    address: str = "",
) -> None:
    """Hands the conversation back to the bot where it stood, or into `flow` with `slots` filled.

    Raises `NotYours`, and `KeyError` for a flow that does not exist or that nobody begins.
    """
    if flow is not None and (flow not in service.catalogue.flows or flow in BEGUN_BY_THE_ENGINE):
        raise KeyError(f"no flow is called {flow}")
    with held(service, ticket_id, agent, address) as act:
        act.require_mine()
        _end(act, "handed_back")
        act.record("ticket.release", {"flow": flow or ""})
        act.turn(Released(flow, dict(slots or {})))


def close(
    service: Service, ticket_id: int, agent: str, outcome: str, *, survey: bool = True, address: str = ""
) -> None:
    """Ends a ticket. With `survey` the customer of a talk is asked once, by text, how it was.

    A flag that waits can be closed without claiming it. Raises `NotYours`, and ValueError for an outcome that is none
    of `OUTCOMES`.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome must be one of {', '.join(OUTCOMES)}")
    with held(service, ticket_id, agent, address) as act:
        if act.is_talk or act.ticket.state != "waiting":
            act.require_mine()
        _end(act, outcome)
        asks = survey and act.is_talk and outcome != "wrong_person" and _may_ask(act)
        if asks:
            surveys.ask(act.connection, ticket_id, act.ticket.phone, agent, act.now)
        act.record("ticket.close", {"outcome": outcome, "survey": asks})
        act.turn(Closed(str(ticket_id) if asks else ""))


def transfer(
    service: Service,
    ticket_id: int,
    agent: str,
    *,
    to_agent: str = "",
    to_team: str = "",
    note: str = "",
    address: str = "",
) -> None:
    """Hands a ticket on to a colleague, for whom it is kept a minute, or to a team (a skill). The customer hears
    nothing of it.

    Raises `NotYours`, and ValueError when neither or both are named, or when nobody of that name works here.
    """
    if bool(to_agent) == bool(to_team):
        raise ValueError("name a colleague or a team, one of them")
    if to_agent == agent:
        raise ValueError("it is yours already")
    with held(service, ticket_id, agent, address) as act:
        act.require_mine()
        if to_agent and not staffing.takes_tickets(act.connection, to_agent):
            raise ValueError(f"{to_agent} is no agent who takes tickets")
        if note.strip():
            notes.add(act.connection, act.ticket.phone, ticket_id, agent, note.strip(), act.now)
        tickets.requeue(
            act.connection,
            ticket_id,
            act.now,
            meant_for=to_agent,
            until=act.now + KEPT_FOR if to_agent else None,
            team=to_team,
        )
        staffing.idle(act.connection, agent, act.now)
        act.record("ticket.transfer", {"to": to_agent or to_team})
        wait_again(act)


def wait_again(act: Held) -> None:
    """The customer waits for a person as before, under the same promise."""
    act.turn(Requeued(act.ticket.topic))
    if act.is_talk:
        waits.set_timer(act.connection, act.ticket.phone, "promise", act.ticket.id, act.now + PROMISE)
    act.tell()


def _end(act: Held, outcome: str) -> None:
    if not tickets.close(act.connection, act.ticket.id, act.agent, act.now, outcome=outcome):
        raise NotYours(whose(act.ticket))
    staffing.idle(act.connection, act.agent, act.now)
    act.tell()


def _may_ask(act: Held) -> bool:
    """Nobody is asked while the operator wants no survey, nor after what is grave, nor twice within a day."""
    if act.ticket.topic in GRAVE or not options.survey_wanted(act.connection):
        return False
    return not surveys.asked_since(act.connection, act.ticket.phone, act.now - SURVEYED_ONCE_IN)
