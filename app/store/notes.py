"""What agents tell each other about a customer. Notes are never sent, and follow the number through all its tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from app.store import audit, tables

ROW = tables.Note


def add(connection: Connection, phone: str, ticket_id: int | None, agent: str, body: str, now: datetime) -> int:
    """Writes a note; its id. The audit row is the caller's, and holds no word of it (law 11)."""
    values = {"phone": phone, "ticket_id": ticket_id, "agent": agent, "body": body, "at": now}
    return int(connection.execute(insert(ROW).values(values).returning(ROW.id)).scalar_one())


def kept_with(connection: Connection, ticket_id: int, agent: str, token: str, body: str) -> bool:
    """True when this agent has kept these words in this ticket with this token, among their latest notes there. Other
    words are another note: a page without scripts sends them with the token that it has."""
    kept = audit.told_with(connection, agent, ("note.add",), f"ticket:{ticket_id}", token)
    return kept is not None and connection.scalar(select(ROW.body).where(ROW.id == kept["note"])) == body
