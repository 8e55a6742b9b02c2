"""The checker's only look into the service: plain SQL, read-only, good for SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import create_engine, event, text

INBOUND = "SELECT id, gateway_id, phone, state, received_at FROM inbound ORDER BY id"
BODIES = "SELECT gateway_id, body, raw FROM inbound WHERE state = 'taken'"
SAID = "SELECT id, body FROM messages"
DETAILS = "SELECT id, detail FROM trace"
HEARD = "SELECT phone, inbound_id FROM trace WHERE event = 'heard' ORDER BY id"
PROOFS = "SELECT phone, at, detail FROM trace ORDER BY id"
MESSAGES = (
    "SELECT id, phone, purpose, template, inbound_id, gateway_id, status, state, reason, expires_at, handed_at"
    " FROM messages ORDER BY id"
)
OCCASIONS = """
SELECT state || CASE WHEN state = 'held' THEN ', ' || reason ELSE '' END AS what, count(*) AS times FROM occasions
WHERE message_id IS NOT NULL OR state <> 'queued' GROUP BY state, reason ORDER BY what
"""
HAD = "SELECT phone, kind, queued_at FROM occasions WHERE state = 'queued' AND message_id IS NULL"
"""What customers had before the city began."""
QUEUED = "SELECT message_id, queued_at FROM occasions WHERE message_id IS NOT NULL"
ANSWERS = """
SELECT r.inbound_id, r.meaning, r.phone, o.message_id, o.phone AS told FROM responses r
LEFT JOIN occasions o ON o.id = r.occasion_id ORDER BY r.id
"""
STATUSES = "SELECT id, status FROM messages"
SENDING = "SELECT id FROM messages WHERE state IN ('sending', 'unsettled')"
SENDING_TO = f"{SENDING} AND phone = :phone"
FAILED_PLACES = "SELECT place FROM tickets WHERE reason <> ''"
OPEN = """
SELECT (SELECT count(*) FROM inbound WHERE state = 'waiting')
 + (SELECT count(*) FROM messages WHERE state IN ('queued', 'sending', 'unsettled'))
 + (SELECT count(*) FROM bank_questions WHERE state = 'open') AS waiting
"""

TORN = {
    "a taken text without its trace": """
        SELECT i.id FROM inbound i WHERE i.state = 'taken' AND i.phone LIKE '+%'
        AND NOT EXISTS (SELECT 1 FROM trace t WHERE t.inbound_id = i.id AND t.event = 'heard')""",
    "a trace of a text that is not taken": """
        SELECT t.inbound_id FROM trace t WHERE t.inbound_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM inbound i WHERE i.id = t.inbound_id AND i.state = 'taken')""",
    "an answer without its text": """
        SELECT m.id FROM messages m WHERE m.inbound_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM inbound i WHERE i.id = m.inbound_id AND i.state = 'taken')""",
    "a code that was issued and not told": """
        SELECT o.id FROM one_time_codes o WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.code_id = o.id)""",
    "a code that was told and not issued": """
        SELECT m.id FROM messages m WHERE m.code_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM one_time_codes o WHERE o.id = m.code_id AND o.phone = m.phone)""",
}
TWO_OWNERS = {
    "an owner without a claimed ticket": """
        SELECT c.phone FROM conversations c WHERE c.owner <> 'bot' AND NOT EXISTS
        (SELECT 1 FROM tickets k WHERE k.phone = c.phone AND k.state = 'claimed' AND 'agent:' || k.agent = c.owner)""",
    "a claimed talk that another owns": """
        SELECT k.id FROM tickets k JOIN conversations c ON c.phone = k.phone
        WHERE k.kind = 'talk' AND k.state = 'claimed' AND c.owner <> 'agent:' || k.agent""",
    "two open talks": """
        SELECT phone FROM tickets WHERE kind = 'talk' AND state <> 'closed' GROUP BY phone HAVING count(*) > 1""",
}
TOLD_TWICE = {
    "an occasion that stands there twice": """
        SELECT min(id) FROM occasions GROUP BY programme, customer_id, occasion HAVING count(*) > 1""",
    "a first text with two second ones": """
        SELECT first_id FROM occasions WHERE first_id IS NOT NULL GROUP BY first_id HAVING count(*) > 1""",
    "a message of no occasion, or of two": """
        SELECT m.id FROM messages m WHERE m.template LIKE 'care.%' AND 1 <>
        (SELECT count(*) FROM occasions o WHERE o.message_id = m.id AND o.state = 'queued')""",
    "an occasion whose message is not there": """
        SELECT o.id FROM occasions o WHERE o.message_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = o.message_id AND m.phone = o.phone)""",
}
UNFINISHED = {
    "a text still waits": "SELECT id FROM inbound WHERE state = 'waiting'",
    "a message never left": "SELECT id FROM messages WHERE state = 'queued'",
    "a send was never settled": "SELECT id FROM messages WHERE state IN ('sending', 'unsettled')",
    "a question to the bank is open": "SELECT id FROM bank_questions WHERE state = 'open'",
}


class Looks:
    """Reads from any thread, and can write nothing."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_pre_ping=True)
        on_sqlite = self._engine.dialect.name == "sqlite"
        statement = "PRAGMA query_only = ON" if on_sqlite else "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"

        @event.listens_for(self._engine, "connect")
        def read_only(connection: Any, _: Any) -> None:
            cursor = connection.cursor()
            cursor.execute(statement)
            cursor.close()
            connection.commit()

    def close(self) -> None:
        self._engine.dispose()

    def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        with self._engine.connect() as connection:
            return connection.execute(text(statement), values).all()

    def sending_to(self, phone: str) -> frozenset[int]:
        """Ids of the messages to a number that are being sent right now, or whose sender stands still or has died."""
        return frozenset(row.id for row in self.rows(SENDING_TO, phone=phone))

    def sending(self) -> frozenset[int]:
        """As `sending_to`, to all numbers."""
        return frozenset(row.id for row in self.rows(SENDING))

    @property
    def waiting(self) -> int:
        """How many rows still have work before them."""
        return int(self.rows(OPEN)[0].waiting)


def moment(kept: Any) -> datetime:
    """Aware, whatever a database calls a moment."""
    if isinstance(kept, datetime):
        return kept.astimezone(UTC) if kept.tzinfo else kept.replace(tzinfo=UTC)
    found = datetime.fromisoformat(kept)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def path(kept: Any) -> Sequence[str]:
    """The steps that a turn went through, from its trace."""
    found: dict[str, Any] = json.loads(kept) if isinstance(kept, str) else kept
    steps: Sequence[str] = found.get("path", [])
    return steps
