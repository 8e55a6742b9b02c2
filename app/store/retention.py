"""What is past its time, table by table: which rows may go, which stay and why, and how they are walked.

Rows are walked by their key in batches of one short transaction each, so nobody waits, and a walk that is cut off is
simply begun again. The last row of a table never goes: SQLite numbers anew when none is left, and a receipt that comes
late would find a new message under an old number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, text

from app.store import tables
from app.store.database import Database
from app.store.kept import Kept
from app.store.locks import RETENTION

AUDIT = tables.Audit
BATCH = 1000


@dataclass(slots=True)
class Found:
    """Rows past their time: how many may go, the moments of the first and the last of them, and how many stay, by
    why."""

    rows: int = 0
    first: datetime | None = None
    last: datetime | None = None
    stays: Counter[str] = field(default_factory=Counter)

    def add(self, other: Found) -> None:
        self.rows += other.rows
        self.first = min(filter(None, (self.first, other.first)), default=None)
        self.last = max(filter(None, (self.last, other.last)), default=None)
        self.stays.update(other.stays)


def values(cutoff: datetime) -> dict[str, datetime]:
    """What the reasons of `KEPT` are judged by."""
    return {"cutoff": cutoff, "near": cutoff + timedelta(days=1)}


def walk(
    database: Database, kept: Kept, cutoff: datetime, *, drop: bool, ids: tuple[int, int | None] = (0, None)
) -> Iterator[Found]:
    """Each batch of rows with these ids (from, and up to without) as it was found and, with `drop`, deleted."""
    after: Any = ids[0] - 1 if kept.by_time else ""
    while after is not None:
        with database.begin() as connection:
            found, after = _batch(connection, kept, cutoff, drop, after, ids[1])
        yield found


def _batch(
    connection: Connection, kept: Kept, cutoff: datetime, drop: bool, after: Any, end: int | None
) -> tuple[Found, Any]:
    key = kept.key
    within = key > after if end is None else and_(key > after, key < end)
    begun = kept.begun if kept.by_time else key
    asked = select(key, kept.moment, begun, kept.why).where(within).order_by(key).limit(BATCH)
    rows = connection.execute(asked, values(cutoff)).all()
    newest = connection.execute(select(func.max(key))).scalar() if kept.by_time else None
    found, gone = Found(), []
    for row_id, moment, _, why in rows:
        if moment is None or moment >= cutoff:
            continue
        if why or row_id == newest:
            found.stays[why or "it is the last row"] += 1
        else:
            gone.append(row_id)
            found.add(Found(1, moment, moment))
    if gone and drop:
        connection.execute(delete(kept.table).where(key.in_(gone)))
    ended = len(rows) < BATCH or (kept.by_time and all(begun >= cutoff for _, _, begun, _ in rows))
    return found, None if ended else rows[-1][0]


@contextmanager
def alone(database: Database) -> Iterator[bool]:
    """True when no other process drops anything now, and until the block ends none will. Whoever dies lets go."""
    if not database.on_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            mine = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": RETENTION}))
            try:
                yield mine
            finally:
                if mine:
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": RETENTION})
        return
    if not database.url.database or database.url.database == ":memory:":
        yield True
        return
    import fcntl  # of POSIX alone

    with Path(f"{database.url.database}.retention").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def last_run(connection: Connection, action: str) -> datetime | None:
    """When the service itself last did this, by the audit."""
    ran = select(AUDIT.at).where(AUDIT.actor == "clock", AUDIT.action == action).order_by(AUDIT.id.desc())
    return connection.execute(ran.limit(1)).scalar()
