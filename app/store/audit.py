"""What people did. A row is written in the transaction that did it, so that neither is without the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from app.store import tables

ROW = tables.Audit
FEW = 20


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


def told_with(
    connection: Connection, actor: str, actions: Collection[str], subject: str, token: str
) -> Mapping[str, Any] | None:
    """The detail of what this person did with this token, among their latest acts of the kind; None for a new one."""
    if not token:
        return None
    done = select(ROW.detail).where(ROW.subject == subject, ROW.actor == actor, ROW.action.in_(actions))
    latest = connection.execute(done.order_by(ROW.id.desc()).limit(FEW)).scalars()
    return next((detail for detail in latest if detail.get("token") == token), None)
