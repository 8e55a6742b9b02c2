"""An auditor takes the audit away as a file; that they did is a row of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.handlers.service import Service
from app.store import audit, audited
from app.store.agents import Agent
from app.store.audited import Asked

CHUNK = 1000
COLUMNS = ("id", "at", "actor", "action", "subject", "detail", "address")
BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets read Chinese as something else
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def export(
    service: Service, agent: Agent, asked: Asked, told: Mapping[str, Any], *, address: str = ""
) -> Iterator[str]:
    """The rows as CSV, newest first, in pieces; none is held in memory, and no transaction is open between two.

    `told`: the filters as the audit row keeps them. That row is written before the first piece is given, and is not
    among them: it says up to which row the file goes.
    """
    with service.database.begin() as connection:
        last = audited.last(connection)
        detail = {**told, "to": last}
        audit.add(connection, agent.name, "audit.export", "audit", service.clock(), detail=detail, address=address)
    return _pieces(service, asked, last + 1)


def _pieces(service: Service, asked: Asked, below: int) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _lines([COLUMNS])
    while True:
        with service.database.begin() as connection:
            rows = audited.rows(connection, asked, below=below, most=CHUNK)
        if rows:
            yield _lines(_cells(service, row) for row in rows)
        if len(rows) < CHUNK:
            return
        below = rows[-1].id


def _cells(service: Service, row: Any) -> tuple[str, ...]:
    at = row.at.astimezone(service.zone).isoformat(timespec="milliseconds")
    detail = json.dumps(row.detail, ensure_ascii=False, sort_keys=True)
    return (str(row.id), at, *(harmless(one) for one in (row.actor, row.action, row.subject, detail, row.address)))


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(RISKY) else cell


def _lines(rows: Any) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
