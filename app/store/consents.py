"""The consent ledger: append-only, one row per change, the last row of a number and scope holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from app.store import tables

ROW, MESSAGE = tables.Consent, tables.Message

BLOCKS = """
EXISTS (
  SELECT 1 FROM consents c
  WHERE c.phone = m.phone AND c.verdict = 'refused'
    AND (c.scope = 'gateway'
         OR (c.scope = 'commercial' AND m.purpose = 'commercial')
         OR (c.scope = 'reminders' AND m.purpose = 'reminder'))
    AND NOT EXISTS (SELECT 1 FROM consents n WHERE n.phone = c.phone AND n.scope = c.scope AND n.id > c.id)
)
"""
"""True for a message `m` that its number refuses now. Part of the statement that claims it (law 5)."""

WITHDRAWS = {"commercial": ("commercial",), "reminders": ("reminder",), "gateway": ("commercial", "reminder")}


def record(
    connection: Connection, phone: str, scope: str, verdict: str, source: str, evidence: str, now: datetime
) -> None:
    """Adds a row. A refusal also withdraws what is queued for the number in its scope, in the same transaction."""
    connection.execute(
        insert(ROW).values(phone=phone, scope=scope, verdict=verdict, source=source, evidence=evidence, at=now)
    )
    if verdict == "refused":
        connection.execute(
            update(MESSAGE)
            .where(MESSAGE.phone == phone, MESSAGE.state == "queued", MESSAGE.purpose.in_(WITHDRAWS[scope]))
            .values(state="withdrawn", reason=f"refused:{scope}")
        )


def verdict(connection: Connection, phone: str, scope: str) -> str | None:
    """`refused`, `granted`, or None when the ledger has no row."""
    return connection.execute(
        select(ROW.verdict).where(ROW.phone == phone, ROW.scope == scope).order_by(ROW.id.desc()).limit(1)
    ).scalar()
