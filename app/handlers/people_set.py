"""A supervisor sees to the people of the desk: what they take on, whether they are there, and whether they may sign in.

Supervisors act on agents and on other supervisors. Operators and auditors are made and closed at a terminal (`huifu
agents`): whoever sees customers' data does not choose who watches over it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection

from app.handlers.accounts import others
from app.handlers.accounts.others import BadAccount
from app.handlers.service import Service
from app.store import agents
from app.store.agents import Agent

DESK = ("agent", "supervisor")
MOST_OPEN = others.MOST_OPEN
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
        if any(getattr(row, name) != value for name, value in values.items()):
            others.apply(service, connection, agent_id, "agent.work", actor.name, address, values, values)
    service.wake("console")


def set_away(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> None:
    """No conversation is offered to them until they come back themselves; what they have stays with them."""
    values = {"status": "away"}
    with service.database.begin() as connection:
        if _held(connection, agent_id).status != "away":
            others.apply(service, connection, agent_id, "agent.status", actor.name, address, values, {"to": "away"})
    service.wake("console")


def set_role(service: Service, actor: Agent, agent_id: int, role: str, *, address: str = "") -> None:
    """Agent or supervisor; their sessions end."""
    if role not in DESK:
        raise NotAllowed("role")
    with service.database.begin() as connection:
        row = _held(connection, agent_id, but=actor)
        if row.role != role:
            told = {"from": row.role, "to": role}
            others.apply(service, connection, agent_id, "agent.role", actor.name, address, {"role": role}, told)
    service.wake("console")


def end_sessions(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> None:
    """They are signed out everywhere; a conversation of theirs comes back to the queue when their pages are gone."""
    _do(service, actor, agent_id, "agent.end_sessions", address, {})


def unlock(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> None:
    """Ends a lock after wrong tries; sessions and password stay."""
    _do(service, actor, agent_id, "agent.unlock", address, others.UNLOCKED)


def enable(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> None:
    """They can sign in again, with the password that they had."""
    _do(service, actor, agent_id, "agent.enable", address, others.OPENED)


def reset(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> str:
    """A new one-time password, shown once; their second factor and sessions are gone."""
    given = others.one_time_password()
    _do(service, actor, agent_id, "agent.reset", address, others.as_new(given), but=actor)
    return given


def disable(service: Service, actor: Agent, agent_id: int, *, address: str = "") -> None:
    """They can sign in no more, and are signed out at once; what they did stays."""
    with service.database.begin() as connection:
        if _held(connection, agent_id, but=actor).disabled_at is not None:
            return
        closed = others.closed(service)
        others.apply(service, connection, agent_id, "agent.disable", actor.name, address, closed)
        if not any(one.role == "supervisor" and one.disabled_at is None for one in agents.listed(connection)):
            raise NotAllowed("last")
    service.wake("console")


def _do(
    service: Service,
    actor: Agent,
    agent_id: int,
    action: str,
    address: str,
    values: Mapping[str, Any],
    but: Agent | None = None,
) -> None:
    with service.database.begin() as connection:
        _held(connection, agent_id, but)
        others.apply(service, connection, agent_id, action, actor.name, address, values)
    service.wake("console")


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
