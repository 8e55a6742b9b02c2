"""Whole months past their time, on PostgreSQL: a partition in which nothing must stay is detached and dropped at once.

`DETACH PARTITION … CONCURRENTLY`: the plain form holds the table against every turn while it waits for the last one. It
cannot run in a transaction, so a process that dies may leave a partition half detached, or detached and not dropped;
each is marked beforehand, and the next run finishes what is marked and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select, text

from app.store import months, tables
from app.store.database import Database
from app.store.kept import Kept
from app.store.months import Part
from app.store.retention import Found, values

PATIENCE = 30.0
"""Seconds, for the last transaction that still uses a partition; nobody waits behind us."""
MARK = "past its time: huifu retention drops it"


def past(database: Database, kept: Kept, cutoff: datetime) -> list[Part]:
    """The partitions of a table in which rows may be past their time, oldest first: months that ended before, and what
    is older than months, none of which new rows go into. None for a table that has no months, as all on SQLite."""
    if kept.table not in (tables.Message, tables.Receipt):
        return []
    with database.begin() as connection:
        found = months.parts(connection, kept.name)
        this = int(connection.execute(text("SELECT huifu_month()")).scalar_one()) if found else 0
    ended = [part for part in found if part.months[1] <= this]
    return [part for part in ended if part.first is None or _begins(part.months[1]) <= cutoff]


def judge(database: Database, kept: Kept, part: Part, cutoff: datetime) -> tuple[bool, Found]:
    """Whether a partition may go as a whole, and what is in it."""
    key = kept.key
    within = (key < part.end, key >= (part.first or 0))
    with database.begin() as connection:
        oldest = connection.execute(select(kept.moment).where(*within).order_by(key).limit(1)).scalar()
        if oldest is not None and oldest >= cutoff:
            return False, Found()  # found by one look at the key, day after day
        counted = select(func.count(), func.min(kept.moment), func.max(kept.moment)).where(*within)
        rows, first, last = connection.execute(counted).one()
        stays = select(func.count()).where(*within, kept.why != "").select_from(kept.table)
        staying = connection.execute(stays, values(cutoff)).scalar_one() if rows else 0
    return (not staying and (last is None or last < cutoff)), Found(rows, first, last)


def drop(database: Database, table: str, part: Part, *, patience: float = PATIENCE) -> None:
    """Raises `DBAPIError` when a transaction still uses the partition after so many seconds: the next run goes on."""
    with _at_once(database, patience) as connection:
        connection.execute(text(f"COMMENT ON TABLE {part.name} IS '{MARK}'"))
        connection.execute(text(f"ALTER TABLE {table} DETACH PARTITION {part.name} CONCURRENTLY"))
        connection.execute(text(f"DROP TABLE {part.name}"))


def finish(database: Database) -> list[str]:
    """Drops what an earlier run had detached, or begun to; the names of the partitions."""
    if database.on_sqlite:
        return []
    with _at_once(database) as connection:
        pending = text(
            "SELECT i.inhparent::regclass::text, i.inhrelid::regclass::text FROM pg_inherits i"
            " WHERE i.inhdetachpending AND obj_description(i.inhrelid, 'pg_class') = :mark"
        )
        for table, name in connection.execute(pending, {"mark": MARK}).all():
            connection.execute(text(f"ALTER TABLE {table} DETACH PARTITION {name} FINALIZE"))
        detached = text(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND NOT relispartition"
            " AND obj_description(oid, 'pg_class') = :mark ORDER BY relname"
        )
        left = list(connection.scalars(detached, {"mark": MARK}))
        for name in left:
            connection.execute(text(f"DROP TABLE {name}"))
    return left


@contextmanager
def _at_once(database: Database, patience: float = PATIENCE) -> Iterator[Connection]:
    """Each statement commits by itself."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = {patience * 1000:.0f}"))
        try:
            yield connection
        finally:
            connection.execute(text("RESET lock_timeout"))


def _begins(month: int) -> datetime:
    return datetime(month // 100, month % 100, 1, tzinfo=UTC)
