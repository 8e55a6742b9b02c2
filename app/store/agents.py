"""Rows of the bank's people: found, made, changed. Whoever changes one writes the audit row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from app.store import tables

ROW = tables.Agent
COLUMNS = ROW.__table__.columns


@dataclass(frozen=True, slots=True)
class Agent:
    """A person as pages and handlers know them. Empty `skills` or `languages` mean all; `interface` is the language of
    the pages, empty as the browser asks."""

    id: int
    name: str
    role: str
    skills: frozenset[str]
    languages: frozenset[str]
    most_open: int
    status: str
    interface: str
    theme: str


def agent(row: Any) -> Agent:
    return Agent(
        id=row.id,
        name=row.name,
        role=row.role,
        skills=listing(row.skills),
        languages=listing(row.languages),
        most_open=row.most_open,
        status=row.status,
        interface=row.interface,
        theme=row.theme,
    )


def listing(kept: str) -> frozenset[str]:
    """Skills or languages as their columns keep them, commas between them."""
    return frozenset(filter(None, kept.split(",")))


def by_id(connection: Connection, agent_id: int, *, hold: bool = False) -> Any:
    """The whole row, or None. `hold`: nobody else changes it until the transaction ends."""
    statement = select(*COLUMNS).where(ROW.id == agent_id)
    return connection.execute(statement.with_for_update() if hold else statement).first()


def by_name(connection: Connection, name: str, *, hold: bool = False) -> Any:
    """As `by_id`. Names are told apart exactly."""
    statement = select(*COLUMNS).where(ROW.name == name)
    return connection.execute(statement.with_for_update() if hold else statement).first()


def listed(connection: Connection) -> Sequence[Any]:
    """Every person, those who may no longer sign in as well, by role and name."""
    return connection.execute(select(*COLUMNS).order_by(ROW.role, ROW.name)).all()


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(ROW)).scalar_one()


def add(connection: Connection, name: str, role: str, password: str, now: datetime, **values: Any) -> int:
    """The new person's id; `password` is a digest. Raises `IntegrityError` when the name is taken."""
    row = {"name": name, "role": role, "password": password, "created_at": now, **values}
    return int(connection.execute(insert(ROW).values(row).returning(ROW.id)).scalar_one())


def change(connection: Connection, agent_id: int, **values: Any) -> None:
    connection.execute(update(ROW).where(ROW.id == agent_id).values(**values))


def end_sessions(connection: Connection, agent_id: int) -> None:
    """Every session of theirs ends at its next request."""
    connection.execute(update(ROW).where(ROW.id == agent_id).values(epoch=ROW.epoch + 1))
