"""People at the console, for tests: rows of their own, and the one ticket that they act on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update

from app.store import tables, tickets
from tests.rig import Rig

ANN = "+8613800138000"


def hire(rig: Rig, name: str, role: str = "agent", *, alive: bool = True, **columns: Any) -> None:
    """Somebody who works here, available, and heard of just now."""
    given = {"password": "-", "must_change": False, "status": "available", "created_at": rig.clock(), **columns}
    until = rig.clock() + timedelta(seconds=60) if alive else None
    with rig.service.database.begin() as connection:
        connection.execute(insert(tables.Agent).values(name=name, role=role, alive_until=until, **given))


def keep_alive(rig: Rig, *names: str) -> None:
    """Their pages are open."""
    with rig.service.database.begin() as connection:
        until = rig.clock() + timedelta(seconds=60)
        connection.execute(update(tables.Agent).where(tables.Agent.name.in_(names)).values(alive_until=until))


def call_a_person(rig: Rig, phone: str = ANN, words: str = "转人工") -> int:
    """The customer's open talk."""
    rig.say(phone, words)
    with rig.service.database.begin() as connection:
        return int(tickets.open_talk(connection, phone).id)


def ticket(rig: Rig, ticket_id: int) -> Any:
    return next(row for row in rig.rows(tables.Ticket) if row.id == ticket_id)


def owner(rig: Rig, phone: str = ANN) -> str:
    return str(next(row.owner for row in rig.rows(tables.Conversation) if row.phone == phone))


def actions(rig: Rig) -> list[tuple[str, str]]:
    """Who did what, as the audit has it."""
    return [(row.actor, row.action) for row in rig.rows(tables.Audit)]
