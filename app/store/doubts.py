"""Texts whose reading a person should look at. Read only, newest first, never the hot path."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from app.store import tables

TRACE, INBOUND = tables.Trace, tables.Inbound


def heard_since(connection: Connection, since: datetime, most: int) -> Sequence[Any]:
    """The last `most` texts of any number since a moment, as (id, phone, body, detail, at); `detail` is the trace's:
    what the text was read as, how surely, and which steps followed."""
    return connection.execute(
        select(INBOUND.id, TRACE.phone, INBOUND.body, TRACE.detail, TRACE.at)
        .join(INBOUND, INBOUND.id == TRACE.inbound_id)
        .where(TRACE.event == "heard", TRACE.at >= since)
        .order_by(TRACE.id.desc())
        .limit(most)
    ).all()
