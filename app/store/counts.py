"""What waits, counted over the partial indexes of the queues."""

from __future__ import annotations

from sqlalchemy import Connection, text

WAITING = text(
    """
    SELECT (SELECT count(*) FROM messages WHERE state = 'queued') AS outbox,
           (SELECT count(*) FROM messages WHERE state IN ('sending', 'unsettled')) AS unsettled,
           (SELECT count(*) FROM inbound WHERE state = 'waiting') AS inbox,
           (SELECT count(*) FROM bank_questions WHERE state = 'open') AS bank,
           (SELECT count(*) FROM tickets WHERE state = 'waiting') AS tickets
    """
)


def waiting(connection: Connection) -> dict[str, int]:
    row = connection.execute(WAITING).mappings().one()
    return {name: int(count) for name, count in row.items()}


def touch(connection: Connection) -> None:
    """Raises when the database cannot be read."""
    connection.execute(text("SELECT 1"))
