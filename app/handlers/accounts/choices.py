"""What people choose for themselves: language, theme, and whether they take conversations now."""

from __future__ import annotations

from app.handlers.service import Service
from app.store import agents, audit, events
from app.store.agents import Agent


def choose(service: Service, agent: Agent, column: str, value: str, *, address: str = "") -> None:
    """`column`: interface or theme."""
    if column not in {"interface", "theme"}:
        raise ValueError(f"{column} is nothing that people choose")
    if getattr(agent, column) == value:
        return
    with service.database.begin() as connection:
        agents.change(connection, agent.id, **{column: value})
        audit.add(
            connection,
            agent.name,
            f"account.{column}",
            f"agent:{agent.id}",
            service.clock(),
            detail={"to": value},
            address=address,
        )


def set_status(service: Service, agent: Agent, status: str, *, address: str = "") -> None:
    """available: conversations are offered; away: none. Who comes back waits behind those who were there."""
    if status not in {"available", "away"}:
        raise ValueError(f"{status} is no status")
    now = service.clock()
    with service.database.begin() as connection:
        row = agents.by_id(connection, agent.id, hold=True)
        if row.status == status:
            return
        values = {"status": status, **({"idle_since": now} if status == "available" else {})}
        agents.change(connection, agent.id, **values)
        subject = f"agent:{agent.id}"
        audit.add(connection, agent.name, "agent.status", subject, now, detail={"to": status}, address=address)
        events.tell(connection, "agents", now)
    service.wake("console")
