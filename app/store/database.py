"""The connection to the database, and the one way to open a transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

PATIENCE_MS = 10_000  # how long a statement waits for another's lock before it gives up


class Database:
    """Opens transactions on SQLite (one file, one writer at a time) or PostgreSQL.

    `threads` bounds the connections kept open. Raises `sqlalchemy.exc.DBAPIError` from `begin` as the driver does.
    """

    def __init__(self, url: str, *, threads: int = 16) -> None:
        self.url = make_url(url)
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        # SQLite has one writer. Threads that queue here wake in microseconds; SQLite's own busy wait sleeps.
        self._writer = threading.Lock()
        self.engine = self._connect_sqlite() if self.on_sqlite else self._connect_postgres(threads)

    def _connect_sqlite(self) -> Engine:
        if self.url.database and self.url.database != ":memory:":
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url,
            connect_args={"timeout": PATIENCE_MS / 1000, "check_same_thread": False},
            pool_size=0,
            hide_parameters=True,  # of a failed statement: they are customers' words and numbers (law 11)
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine

    def _connect_postgres(self, threads: int) -> Engine:
        url = self.url.set(drivername="postgresql+psycopg")
        return create_engine(
            url,
            pool_size=threads,
            max_overflow=threads,
            pool_pre_ping=False,
            hide_parameters=True,
            connect_args={"connect_timeout": 10, "options": f"-c lock_timeout={PATIENCE_MS} -c timezone=UTC"},
        )

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back when it raises."""
        if not self.on_sqlite:
            with self.engine.begin() as connection:
                yield connection
            return
        with self._writer, self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def is_passing(error: Exception) -> bool:
    """True for a fault that a second try may not meet: a deadlock, a lock wait, a lost connection."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return (
        bool(error.connection_invalidated)
        or state in {"40001", "40P01", "55P03", "57P01", "57P03"}
        or "database is locked" in str(error.orig)
    )


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    # secure_delete: what a row no longer holds (a one-time code) must not stay legible in the file.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A transaction that starts as a reader and turns writer can fail at once with "locked"; this one waits.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
