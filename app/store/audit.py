"""What people did. A row is written in the transaction that did it, so that neither is without the other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from app.store import tables

ROW = tables.Audit


def add(
    connection: Connection,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    *,
    detail: Mapping[str, Any] | None = None,
    address: str = "",
) -> None:
    """`action` is a verb and its object: `ticket.claim`. `detail`: ids and words of our own, never bodies or full
    numbers (law 11)."""
    connection.execute(
        insert(ROW).values(
            at=now,
            actor=actor[:60],
            action=action[:40],
            subject=subject[:80],
            detail=dict(detail or {}),
            address=address[:45],
        )
    )
