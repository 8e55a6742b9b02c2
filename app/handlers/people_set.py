"""A supervisor sees to the people of the desk: what they take on, whether they are there, and whether they may sign in.

Supervisors act on agents and on other supervisors. Operators and auditors are made and closed at a terminal (`huifu
agents`): whoever sees customers' data does not choose who watches over it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from app.handlers.accounts import others
from app.handlers.accounts.others import BadAccount
from app.handlers.service import Service
from app.store import agents, audit, events
from app.store.agents import Agent

DESK = ("agent", "supervisor")
MOST_OPEN = range(1, 51)
LONGEST_SKILLS = 200


class NotAllowed(ValueError):
    """`why`: nobody (there is no such person) · role (not one that a supervisor sees to) · oneself · last (nobody
    would be left to see to people)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def add(service: Service, actor: Agent, name: str, role: str, *, address: str = "", **values: Any) -> str:
    """A new agent or supervisor; their one-time password, which is shown once. Raises `BadAccount`, `NotAllowed`."""
    if role not in DESK:
        raise NotAllowed("role")
    return others.add(service, name, role, actor=actor.name, address=address, **values)


def set_work(
    service: Service,
    actor: Agent,
    agent_id: int,
    *,
    skills: Collection[str],
    languages: Collection[str],
    most_open: int,
    address: str = "",
) -> None:
    """Which topics and languages they take on (none: all), and how many conversations at once."""
    joined = ",".join(sorted(skills))
    if most_open not in MOST_OPEN or len(joined) > LONGEST_SKILLS or not set(languages) <= others.LANGUAGES:
        raise ValueError("no such work")
    values = {"skills": joined, "languages": ",".join(sorted(languages)), "most_open": most_open}
    with service.database.begin() as connection:
        row = _held(connection, agent_id)
        if all(getattr(row, name) == value for name, value in values.items()):
            return
        agents.change(connection, agent_id, **values)
        _record(service, connection, actor, "agent.work", agent_id, address, values)
    service.wake("console")


def set_away(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> None:
    """No conversation is offered to them until they come back themselves; what they have stays with them."""
    with service.database.begin() as connection:
        if _held(connection, agent_id).status == "away":
            return
        agents.change(connection, agent_id, status="away")
        _record(service, connection, actor, "agent.status", agent_id, address, {"to": "away"})
    service.wake("console")


def set_role(service: Service, actor: Agent, agent_id: int, role: str, *, address: str = "") -> None:
    """Agent or supervisor; their sessions end, so that no page keeps what it may no longer show."""
    if role not in DESK:
        raise NotAllowed("role")
    with service.database.begin() as connection:
        row = _held(connection, agent_id, but=actor)
        if row.role == role:
            return
        agents.change(connection, agent_id, role=role)
        agents.end_sessions(connection, agent_id)
        _record(service, connection, actor, "agent.role", agent_id, address, {"from": row.role, "to": role})
    service.wake("console")


def end_sessions(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> None:
    """They are signed out everywhere; a conversation of theirs comes back to the queue when their pages are gone."""
    with service.database.begin() as connection:
        _held(connection, agent_id)
        agents.end_sessions(connection, agent_id)
        _record(service, connection, actor, "agent.end_sessions", agent_id, address)
    service.wake("console")


def unlock(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> None:
    others.unlock(service, _name(service, agent_id), actor=actor.name, address=address)


def reset(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> str:
    """A new one-time password, shown once; their second factor and sessions are gone."""
    return others.reset(service, _name(service, agent_id, but=actor), actor=actor.name, address=address)


def disable(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> None:
    """They can sign in no more, and are signed out at once; what they did stays."""
    with service.database.begin() as connection:
        row = _held(connection, agent_id, but=actor)
        if row.disabled_at is not None:
            return
        agents.change(connection, agent_id, disabled_at=service.clock(), status="away", alive_until=None)
        agents.end_sessions(connection, agent_id)
        if not any(one.role == "supervisor" and one.disabled_at is None for one in agents.listed(connection)):
            raise NotAllowed("last")
        _record(service, connection, actor, "agent.disable", agent_id, address)
    service.wake("console")


def enable(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> None:
    """They can sign in again, with the password that they had."""
    others.enable(service, _name(service, agent_id), actor=actor.name, address=address)


def _held(connection: Connection, agent_id: int, but: Agent | None = None) -> Any:
    """The row, while nobody changes it or that of `but`, who cannot do this to themselves. Raises `NotAllowed`."""
    if but is not None:
        if agent_id == but.id:
            raise NotAllowed("oneself")
        # In the order of ids, so that two who act on each other meet here: the second is by then no supervisor.
        held = {one: agents.by_id(connection, one, hold=True) for one in sorted((agent_id, but.id))}
        actor = held[but.id]
        if actor is None or actor.role != "supervisor" or actor.disabled_at is not None:
            raise NotAllowed("last")
        row = held[agent_id]
    else:
        row = agents.by_id(connection, agent_id, hold=True)
    if row is None:
        raise NotAllowed("nobody")
    if row.role not in DESK:
        raise NotAllowed("role")
    return row


def _name(service: Service, agent_id: int, but: Agent | None = None) -> str:
    with service.database.begin() as connection:
        return str(_held(connection, agent_id, but).name)


def _record(
    service: Service,
    connection: Connection,
    actor: Agent,
    action: str,
    agent_id: int,
    address: str,
    detail: dict[str, Any] | None = None,
) -> None:
    now = service.clock()
    audit.add(connection, actor.name, action, f"agent:{agent_id}", now, detail=detail, address=address)
    events.tell(connection, "agents", now)


__all__ = [
    "BadAccount",
    "NotAllowed",
    "add",
    "disable",
    "enable",
    "end_sessions",
    "reset",
    "set_away",
    "set_role",
    "set_work",
    "unlock",
]
