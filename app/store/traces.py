"""Why each turn went as it did (X4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from app.store import tables
from app.store.statement import Statement

ROW = tables.Trace
ADD = Statement(insert(ROW).inline(), ("phone", "inbound_id", "event", "detail", "at"))


def add(
    connection: Connection,
    phone: str,
    inbound_id: int | None,
    event: str,
    detail: Mapping[str, Any],
    now: datetime,
) -> None:
    ADD.run(connection, {"phone": phone, "inbound_id": inbound_id, "event": event, "detail": dict(detail), "at": now})
