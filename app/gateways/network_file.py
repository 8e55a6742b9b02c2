"""The small SQLite file in which the simulated network keeps handsets, texts, and what is still to happen."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from app.gateways.faults import Fault
from app.gateways.parts import measure
from app.gateways.port import OutboundText, Status

# Times are seconds since 1970. A step moves a text on; a call is a webhook that is to be posted.
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS handset (
    phone TEXT PRIMARY KEY, switched_on INTEGER NOT NULL DEFAULT 1, blocked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS text (
    id INTEGER PRIMARY KEY AUTOINCREMENT, gateway_id TEXT NOT NULL UNIQUE, phone TEXT NOT NULL,
    to_handset INTEGER NOT NULL, body TEXT NOT NULL, parts INTEGER NOT NULL, status TEXT NOT NULL,
    error_code TEXT, at REAL NOT NULL, valid_until REAL, status_url TEXT, fault TEXT NOT NULL DEFAULT '',
    fault_code TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS text_by_phone ON text (phone, revision);
CREATE TABLE IF NOT EXISTS step (
    id INTEGER PRIMARY KEY, due REAL NOT NULL, text_id INTEGER NOT NULL, name TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS step_due ON step (due);
CREATE INDEX IF NOT EXISTS step_by_text ON step (text_id);
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY, due REAL NOT NULL, url TEXT NOT NULL, form TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, claimed_until REAL NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS call_due ON call (due);
CREATE TABLE IF NOT EXISTS plan (
    id INTEGER PRIMARY KEY, phone TEXT, kind TEXT NOT NULL, code TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Handset:
    phone: str
    switched_on: bool = True
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class HandsetText:
    """A text as its handset knows it. `revision` grows with every change of any text."""

    id: int
    revision: int
    gateway_id: str
    to_handset: bool
    body: str
    parts: int
    status: Status
    error_code: str | None
    at: datetime


class Rows:
    """The statements of one open transaction."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def all(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        return self._database.execute(statement, values).fetchall()

    def one(self, statement: str, *values: Any) -> sqlite3.Row | None:
        rows = self.all(statement, *values)
        return rows[0] if rows else None

    def do(self, statement: str, *values: Any) -> None:
        self._database.execute(statement, values)

    def next(self, tally: str) -> int:
        """The next number of a named tally, from 1."""
        counted = self.all(
            "INSERT INTO tally VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            tally,
        )
        return int(counted[0]["value"])

    def handset(self, phone: str) -> Handset:
        row = self.one("SELECT * FROM handset WHERE phone = ?", phone)
        return Handset(phone, bool(row["switched_on"]), bool(row["blocked"])) if row else Handset(phone)

    def switch(self, phone: str, on: bool) -> None:
        self.do(
            "INSERT INTO handset (phone, switched_on) VALUES (?1, ?2) "
            "ON CONFLICT (phone) DO UPDATE SET switched_on = ?2",
            phone,
            on,
        )

    def block(self, phone: str, blocked: bool) -> None:
        self.do(
            "INSERT INTO handset (phone, blocked) VALUES (?1, ?2) ON CONFLICT (phone) DO UPDATE SET blocked = ?2",
            phone,
            blocked,
        )

    def add_text(self, gateway_id: str, phone: str, body: str, at: float, status: Status, *, to_handset: bool) -> int:
        """Gives the text's row id."""
        added = self.all(
            "INSERT INTO text (gateway_id, phone, to_handset, body, parts, status, at, revision) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            *(
                gateway_id,
                phone,
                to_handset,
                body,
                measure(body).parts,
                status.name,
                at,
                self.next("revision"),
            ),
        )
        return int(added[0]["id"])

    def add_outbound(self, gateway_id: str, text: OutboundText, at: float, fault: Fault | None) -> int:
        """A text that the gateway took, not yet sent. Gives its row id."""
        text_id = self.add_text(gateway_id, text.to, text.body, at, Status.QUEUED, to_handset=True)
        self.do(
            "UPDATE text SET valid_until = ?, status_url = ?, fault = ?, fault_code = ? WHERE id = ?",
            *(at + text.validity.total_seconds(), text.status_url),
            *((fault.kind, fault.code) if fault else ("", "")),
            text_id,
        )
        return text_id

    def plan_step(self, due: float, text_id: int, name: str) -> None:
        self.do("INSERT INTO step (due, text_id, name) VALUES (?, ?, ?)", due, text_id, name)

    def plan_call(self, due: float, url: str, form: Mapping[str, str]) -> None:
        self.do("INSERT INTO call (due, url, form) VALUES (?, ?, ?)", due, url, json.dumps(form))


class NetworkFile:
    """One connection behind a lock; other processes open the same path. None keeps everything in memory.

    Open it after a fork, not before: SQLite connections do not survive one.
    """

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path or ":memory:", timeout=20, isolation_level=None, check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")  # a play network may forget its last second
        self._database.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Rows]:
        """All or nothing, alone among all threads and processes."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield Rows(self._database)
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._database.close()


def read_text(row: sqlite3.Row) -> HandsetText:
    return HandsetText(
        id=row["id"],
        revision=row["revision"],
        gateway_id=row["gateway_id"],
        to_handset=bool(row["to_handset"]),
        body=row["body"],
        parts=row["parts"],
        status=Status[row["status"]],
        error_code=row["error_code"],
        at=datetime.fromtimestamp(row["at"], UTC),
    )
