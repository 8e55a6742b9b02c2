"""Who a session belongs to, and what they owe before they may work: read anew at every request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from app.handlers import options
from app.handlers.service import Service
from app.store import agents
from app.store.agents import Agent


@dataclass(frozen=True, slots=True)
class Standing:
    """`epoch` is the one that a session must carry. `owes`: password · factor · nothing (empty)."""

    agent: Agent
    epoch: int
    owes: str
    has_factor: bool
    idle: timedelta
    longest: timedelta


def standing(service: Service, agent_id: int) -> Standing | None:
    """None when nobody has that id, or may no longer sign in."""
    with service.database.begin() as connection:
        row = agents.by_id(connection, agent_id)
        return standing_of(connection, row) if row is not None and row.disabled_at is None else None


def standing_of(connection: Connection, row: Any) -> Standing:
    access = options.access(connection)
    required = row.role in access.second_factor
    owes = "password" if row.must_change else "factor" if required and row.totp_since is None else ""
    return Standing(
        agent=agents.agent(row),
        epoch=row.epoch,
        owes=owes,
        has_factor=row.totp_since is not None,
        idle=timedelta(minutes=access.idle_minutes),
        longest=timedelta(hours=access.hours),
    )
