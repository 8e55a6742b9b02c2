"""A page told that it is open: who is there, what they look at, whether they type. Pages hear of it when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.handlers.service import Service
from app.store import events, presence, staffing, tickets
from app.store.presence import Looking

LOOKS = timedelta(seconds=60)
"""How long somebody is taken to be there after the last word of a page of theirs (three pings)."""
TYPES = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class Told:
    """What one page said. `ticket_id` is None on a page that shows no ticket; `left`: it is being closed."""

    agent_id: int
    agent: str
    ticket_id: int | None = None
    typing: bool = False
    left: bool = False


def tell(service: Service, told: Sequence[Told]) -> bool:
    """Writes down what pages said; whether anything changed that others must hear of.

    A ticket that is not there or closed is looked at by nobody.
    """
    if not told:
        return False
    now = service.clock()
    with service.database.begin() as connection:
        here = staffing.hold(connection, {one.agent for one in told if not one.left})
        came = any(one.alive_until is None or one.alive_until <= now for one in here)
        staffing.alive(connection, [one.name for one in here], now + LOOKS)
        if came:
            events.tell(connection, "agents", now)
        at_tickets = [one for one in told if one.ticket_id is not None]
        changed = _look(connection, at_tickets, now) if at_tickets else set()
        for ticket_id in sorted(changed):
            events.tell(connection, "presence", now, ticket_id)
        if changed:
            presence.forget(connection, now - LOOKS)
    if came or changed:
        service.wake("console")
    return came or bool(changed)


def _look(connection: Connection, told: Sequence[Told], now: datetime) -> set[int]:
    """Tickets at which something is different now."""
    known = {_key(one): one for one in presence.looked_at_by(connection, {one.agent for one in told}, now)}
    changed: set[int] = set()
    looks: dict[tuple[int, str], tuple[int, str, datetime, datetime | None]] = {}
    for one in told:
        ticket_id, before = one.ticket_id or 0, known.get(_key(one))
        if one.left:
            presence.leave(connection, ticket_id, one.agent)
            changed |= {ticket_id} if before else set()
        elif before or _is_open(connection, ticket_id):
            looks[_key(one)] = (ticket_id, one.agent, now + LOOKS, now + TYPES if one.typing else None)
            changed |= {ticket_id} if before is None or before.typing != one.typing else set()
    if looks:
        presence.look(connection, [looks[key] for key in sorted(looks)])
    return changed


def _key(one: Told | Looking) -> tuple[int, str]:
    return (one.ticket_id or 0, one.agent)


def _is_open(connection: Connection, ticket_id: int) -> bool:
    ticket = tickets.by_id(connection, ticket_id)
    return ticket is not None and ticket.state != "closed"
