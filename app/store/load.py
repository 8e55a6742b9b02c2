"""How much each person has in hand now."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from app.store import tables

TICKET = tables.Ticket


def open_talks(connection: Connection) -> dict[str, int]:
    """Claimed conversations by the name of who holds them."""
    held = select(TICKET.agent, func.count()).where(TICKET.state == "claimed", TICKET.kind == "talk")
    return {name: int(count) for name, count in connection.execute(held.group_by(TICKET.agent))}
