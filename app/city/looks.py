"""The checker's only look into the service: plain SQL, read-only, good for SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import create_engine, event, text

INBOUND = "SELECT id, gateway_id, phone, state FROM inbound ORDER BY id"
HEARD = "SELECT phone, inbound_id FROM trace WHERE event = 'heard' ORDER BY id"
PROOFS = "SELECT phone, at, detail FROM trace ORDER BY id"
MESSAGES = "SELECT id, phone, purpose, inbound_id, gateway_id, status FROM messages ORDER BY id"
STATUSES = "SELECT id, status FROM messages"
SENDING = "SELECT id FROM messages WHERE phone = :phone AND state = 'sending'"
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
UNFINISHED = {
    "a text still waits": "SELECT id FROM inbound WHERE state = 'waiting'",
    "a message never left": "SELECT id FROM messages WHERE state = 'queued'",
    "a send was never settled": "SELECT id FROM messages WHERE state IN ('sending', 'unsettled')",
    "a question to the bank is open": "SELECT id FROM bank_questions WHERE state = 'open'",
}


class Looks:
    """Reads from any thread, and can write nothing."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
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

    def sending(self, phone: str) -> frozenset[int]:
        """Ids of the messages to a number that are being sent right now."""
        return frozenset(row.id for row in self.rows(SENDING, phone=phone))

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
