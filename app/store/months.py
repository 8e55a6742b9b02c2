"""Messages and receipts by month, on PostgreSQL: partitions are made ahead of time, and never stand in anybody's way.

An id begins with the month in which its row was made, by the clock of the database: 2026110000000042. So the key alone
tells the partition, `ORDER BY id` reads one partition after the other, and the order of turns is kept. The month that
new ids get never lies beyond the last partition (`huifu_month()`): when nobody makes partitions, rows go on into the
last one. A DEFAULT partition would catch them too, but then PostgreSQL can neither read partitions in order nor detach
one without holding the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from app.store.database import Database
from app.store.locks import MONTHS

SPAN = 10_000_000_000
"""Ids of one month."""
AHEAD = 3
"""Months after this one that have a partition already."""
PATIENCE_MS = 500

TABLES = {
    "messages": "CREATE UNIQUE INDEX ON {leaf} (gateway, gateway_id) WHERE gateway_id IS NOT NULL",
    "receipts": "ALTER TABLE {leaf} ADD UNIQUE (gateway, gateway_id, status, error_code)",
}
"""What partitions have beside what their table gives them: unique without its key."""

RECENT = {"sqlite": "", "postgresql": "AND id >= huifu_recent()"}
"""Keeps a statement of the hot path to this month and the two before it: two years of partitions cost it 0.2 ms. Not a
parameter: PostgreSQL would plan anew at every call."""

MONTH = "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMM')::bigint"
FUNCTIONS = {
    "huifu_month": f"VOLATILE AS $$ SELECT least(greatest({MONTH}, {{first}}), {{last}}) $$",
    "huifu_recent": "STABLE AS $$ SELECT least(to_char(now() - interval '62 days', 'YYYYMM')::bigint, {last})"
    f" * {SPAN} $$",
}
"""The month that new ids get, and the first id of the last two months or so. Both know the last month there is."""
BOUNDS = text(
    """
    SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(:table) AND NOT i.inhdetachpending
    """
)


@dataclass(frozen=True, slots=True)
class Part:
    """A partition: ids from `first` (None: from the lowest on) up to, and without, `end`."""

    name: str
    first: int | None
    end: int

    @property
    def months(self) -> tuple[int | None, int]:
        """The month of its first id, None for all that is older, and the month after its last."""
        return (None if self.first is None else self.first // SPAN), self.end // SPAN


def after(month: int, count: int = 1) -> int:
    """The month `count` months later; both as 202611."""
    months = month // 100 * 12 + month % 100 - 1 + count
    return months // 12 * 100 + months % 12 + 1


def parts(connection: Connection, table: str) -> list[Part]:
    """The partitions of a table, oldest first; none on SQLite."""
    if connection.dialect.name != "postgresql":
        return []
    found = []
    for row in connection.execute(BOUNDS, {"table": table}):
        first, end = re.findall(r"MINVALUE|\d+", row.bounds)
        found.append(Part(row.name, None if first == "MINVALUE" else int(first), int(end)))
    return sorted(found, key=lambda part: part.end)


def make_ahead(database: Database, ahead: int = AHEAD) -> list[str]:
    """Makes the partitions of this month and the next `ahead` that are missing; their names. Nothing on SQLite, and
    while another process is at it.

    Waits for nobody: attaching a partition lets every statement on the table go on. Raises `DBAPIError`, as when the
    role of DATABASE_URL does not own the tables.
    """
    if database.on_sqlite:
        return []
    with database.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = {PATIENCE_MS}"))
        if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": MONTHS}):
            return []
        this = int(connection.execute(text(f"SELECT {MONTH}")).scalar_one())
        last = after(this, ahead)
        made = [name for table in TABLES for name in _make(connection, table, last)]
        open_until = min(max(part.months[1] for part in parts(connection, table)) for table in TABLES)
        _write_into(connection, this, after(open_until, -1))
    return made


def _make(connection: Connection, table: str, last: int) -> Iterator[str]:
    month = max(part.months[1] for part in parts(connection, table))
    while month <= last:
        leaf = f"{table}_{month}"
        connection.execute(text(f"CREATE TABLE {leaf} (LIKE {table} INCLUDING CONSTRAINTS INCLUDING INDEXES)"))
        connection.execute(text(TABLES[table].format(leaf=leaf)))
        bounds = f"FROM ({month * SPAN}) TO ({after(month) * SPAN})"
        connection.execute(text(f"ALTER TABLE {table} ATTACH PARTITION {leaf} FOR VALUES {bounds}"))
        yield leaf
        month = after(month)


def _write_into(connection: Connection, first: int, last: int) -> None:
    """From now on ids begin with a month from `first` to `last`: a clock that steps back does not turn the order round,
    and one that runs away finds a partition."""
    for name, form in FUNCTIONS.items():
        written = form.format(first=min(first, last), last=last)
        source = text("SELECT prosrc FROM pg_proc WHERE oid = to_regproc(:name)")
        if connection.scalar(source, {"name": name}) != written.split("$$")[1]:
            connection.execute(text(f"CREATE OR REPLACE FUNCTION {name}() RETURNS bigint LANGUAGE sql {written}"))
