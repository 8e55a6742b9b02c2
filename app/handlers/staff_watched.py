"""What the clock does for the people at the console: takes back what a vanished agent holds, and makes offers."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import Connection

from app.handlers import options
from app.handlers.agent_acted.handing import wait_again
from app.handlers.agent_acted.holding import NotYours, held
from app.handlers.service import Service
from app.rules.routing import Ready, Waiting, offers
from app.store import agents, audit, events, queue, staffing, tickets

log = structlog.get_logger()

CLOCK = "clock"
"""Who acts when nobody does."""
KEPT = timedelta(days=1)
"""How long events stay for a page that comes back."""


def return_left_behind(service: Service, most: int = 100) -> int:
    """Conversations of agents who have gone without a word wait in the queue again. How many."""
    with service.database.begin() as connection:
        rows = staffing.left_behind(connection, service.clock(), most)
    for row in rows:
        try:
            _return(service, row.id, row.agent)
        except NotYours:
            continue  # they handed it on at this very moment
        except Exception as error:
            log.error("ticket_not_returned", ticket=row.id, error=type(error).__name__, exc_info=True)
    return len(rows)


def _return(service: Service, ticket_id: int, agent: str) -> None:
    with held(service, ticket_id, agent, "") as act:
        act.require_mine()
        if staffing.is_there(act.connection, agent, act.now):
            raise NotYours("they are back")
        tickets.requeue(act.connection, ticket_id, act.now)
        audit.add(act.connection, CLOCK, "ticket.return", f"ticket:{ticket_id}", act.now, detail={"from": agent})
        wait_again(act)


def make_offers(service: Service) -> int:
    """Offers waiting conversations to agents, where the bank has chosen so. How many offers were made."""
    with service.database.begin() as connection:
        how = options.routing(connection)
        if how.mode != "offer":
            return 0
        made = _offer(service, connection, timedelta(seconds=how.seconds))
    if made:
        service.wake("console")
    return made


def _offer(service: Service, connection: Connection, lasts: timedelta) -> int:
    now = service.clock()
    rows = [row for row in queue.rows(connection, states=("waiting",)) if row.kind == "talk"]
    kept = [row for row in rows if row.meant_for and row.offered_until and row.offered_until > now]
    ready = [
        Ready(
            row.name,
            agents.listing(row.skills),
            agents.listing(row.languages),
            row.idle_since,
            row.room - sum(one.meant_for == row.name for one in kept),
        )
        for row in staffing.ready(connection, now)
    ]
    free = [row for row in rows if row not in kept]
    waiting = [Waiting(row.id, row.team or row.topic, row.language, {row.meant_for}) for row in free]
    chosen = offers(waiting, ready)
    for ticket_id, agent in chosen:
        if tickets.offer(connection, ticket_id, agent, now + lasts):
            audit.add(connection, CLOCK, "ticket.offer", f"ticket:{ticket_id}", now, detail={"to": agent})
            events.tell(connection, "ticket", now, ticket_id)
    return len(chosen)


def forget_events(service: Service) -> int:
    """Drops what no page will ask for any more. How many events."""
    with service.database.begin() as connection:
        return events.forget(connection, service.clock() - KEPT)
