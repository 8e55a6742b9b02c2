"""Wrong tries at somebody's password or code: counted in their row, after five the account is locked for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from app.handlers.service import Service
from app.store import agents, audit

TRIES = 5
LOCKED = timedelta(minutes=15)


def may_try(service: Service, row: Any) -> bool:
    """False while the account is closed or locked: then the right password opens nothing either."""
    return row.disabled_at is None and (row.locked_until is None or row.locked_until <= service.clock())


def wrong(service: Service, connection: Connection, row: Any, what: str, address: str) -> None:
    """One more wrong try at `what` (password, code), in a transaction that holds the row and commits."""
    now, subject = service.clock(), f"agent:{row.id}"
    why = what if may_try(service, row) else "disabled" if row.disabled_at else "locked"
    audit.add(connection, row.name, "session.refuse", subject, now, detail={"why": why}, address=address)
    if why != what:
        return  # a lock that is tried at is not prolonged: the person it belongs to could be kept out for ever
    tries = (0 if row.locked_until else row.wrong) + 1  # a lock that is over: counted from the beginning
    if tries < TRIES:
        agents.change(connection, row.id, wrong=tries, locked_until=None)
        return
    agents.change(connection, row.id, wrong=tries, locked_until=now + LOCKED)
    audit.add(connection, row.name, "session.lock", subject, now, detail={"tries": tries}, address=address)
