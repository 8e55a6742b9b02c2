"""What agents tell each other about a customer. Notes are never sent, and follow the number through all its tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from app.store import tables

ROW = tables.Note


def add(connection: Connection, phone: str, ticket_id: int | None, agent: str, body: str, now: datetime) -> int:
    """Writes a note; its id. The audit row is the caller's, and holds no word of it (law 11)."""
    values = {"phone": phone, "ticket_id": ticket_id, "agent": agent, "body": body, "at": now}
    return int(connection.execute(insert(ROW).values(values).returning(ROW.id)).scalar_one())
