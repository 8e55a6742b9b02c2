"""Somebody sets how the console works: routing, sign-in, the question after closing. Each with its audit row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from app.handlers.options import ROUTING, SECOND_FACTOR, SESSIONS, SURVEY, Access, Routing
from app.handlers.service import Service
from app.store import audit, events, options
from app.store.agents import Agent
from app.store.tables.agents import ROLES

SECONDS = range(5, 301)
"""How long an offer may wait for its agent: less cannot be seen, more breaks the 30-second promise for good."""
IDLE_MINUTES = range(5, 481)
HOURS = range(1, 25)

Value = Mapping[str, Any]


def set_routing(service: Service, agent: Agent, routing: Routing, *, address: str = "") -> bool:
    """False when it was so already. Raises ValueError for a mode or a time that does not exist."""
    if routing.mode not in {"free", "offer"} or routing.seconds not in SECONDS:
        raise ValueError(f"{routing} is no routing")
    return put(service, agent, ROUTING, {"mode": routing.mode, "seconds": routing.seconds}, address)


def set_access(service: Service, agent: Agent, access: Access, *, address: str = "") -> bool:
    """Holds from everybody's next request on. Raises ValueError for a role or a time that does not exist."""
    if not access.second_factor <= frozenset(ROLES):
        raise ValueError(f"no such role: {sorted(access.second_factor - frozenset(ROLES))}")
    if access.idle_minutes not in IDLE_MINUTES or access.hours not in HOURS:
        raise ValueError(f"{access} is no time for a session")
    sessions = {"idle_minutes": access.idle_minutes, "hours": access.hours}
    changed = put(service, agent, SECOND_FACTOR, {"roles": sorted(access.second_factor)}, address)
    return put(service, agent, SESSIONS, sessions, address) or changed


def set_survey(service: Service, agent: Agent, wanted: bool, *, address: str = "") -> bool:
    return put(service, agent, SURVEY, {"wanted": wanted}, address)


def put(service: Service, agent: Agent, name: str, value: Value, address: str) -> bool:
    """Sets an option as a whole. False, and no rows, when it was so already."""
    return change(service, agent, name, lambda *_: value, address)


def change(
    service: Service,
    agent: Agent,
    name: str,
    made: Callable[[Connection, Value], Value],
    address: str,
    told: Callable[[Value], Any] = lambda value: value,
) -> bool:
    """Sets an option to what `made` makes of its present value ({} while nobody has set it). `told` makes of a value
    what the audit row may hold."""
    now = service.clock()
    with service.database.begin() as connection:
        before = _held(connection, name)
        after = made(connection, before)
        if after == before:
            return False
        options.write(connection, name, after, agent.name, now)
        detail = {"from": told(before), "to": told(after)}
        audit.add(connection, agent.name, f"{name}.set", f"option:{name}", now, detail=detail, address=address)
        events.tell(connection, "settings", now)
    service.wake("console")
    return True


def _held(connection: Connection, name: str) -> Value:
    """The present value, while nobody else may change any option."""
    options.one_at_a_time(connection)
    return options.one(connection, name) or {}
