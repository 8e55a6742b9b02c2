"""What customers' texts said to texts that begin conversations: written with the turn (law 4), once per text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from app.store import tables
from app.store.insert import InsertNew

ROW = tables.Response
ADD = InsertNew(
    ROW, "inbound_id", "occasion_id", "phone", "meaning", "choice", "confidence", "at", returning=ROW.id.key
)

TALK_LASTS_HOURS = 2
"""A person who is called so long after a reply is called in the talk that the reply began."""


def add(
    connection: Connection,
    *,
    inbound_id: int,
    occasion_id: int,
    phone: str,
    meaning: str,
    choice: str,
    confidence: float,
    now: datetime,
) -> None:
    """A row, unless this text has one. `meaning`: see `tables.Response`."""
    ADD(
        connection,
        inbound_id=inbound_id,
        occasion_id=occasion_id,
        phone=phone,
        meaning=meaning,
        choice=choice[:40],
        confidence=round(confidence, 3),
        at=now,
    )


def to(connection: Connection, occasion_id: int) -> Sequence[Any]:
    """What was answered to one text, in order: (inbound_id, meaning, choice, confidence, at)."""
    return connection.execute(
        select(ROW.inbound_id, ROW.meaning, ROW.choice, ROW.confidence, ROW.at)
        .where(ROW.occasion_id == occasion_id)
        .order_by(ROW.id)
    ).all()
