"""The connection to the database, and the two ways to open a transaction: one that may write, one that only reads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, PendingRollbackError

from app.store.patience import watch
from app.store.statement import doubt

READS = "huifu_reads"
PATIENCE_MS = 10_000  # how long a statement waits for another's lock before it gives up
# A server whose machine lost its power says no goodbye; the system would wait for it for a quarter of an hour.
GONE_WITHOUT_A_WORD = {
    "tcp_user_timeout": 10_000,  # milliseconds
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
}


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
        watch(self.engine)

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
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _connect_postgres(self, threads: int) -> Engine:
        url = self.url.set(drivername="postgresql+psycopg")
        engine = create_engine(
            url,
            pool_size=threads,
            max_overflow=threads,
            pool_pre_ping=False,
            hide_parameters=True,
            connect_args={
                "connect_timeout": 4,
                "options": f"-c lock_timeout={PATIENCE_MS} -c timezone=UTC",
                **GONE_WITHOUT_A_WORD,
            },
        )
        event.listen(engine, "do_connect", _connect)
        event.listen(engine, "rollback", doubt)
        event.listen(engine, "rollback_savepoint", doubt)
        return engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back when it raises."""
        if not self.on_sqlite:
            with self.engine.connect() as connection, connection.begin():
                yield connection
            return
        with self._writer, self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction for reads that take long. On SQLite it sees one moment, keeps no writer waiting and waits for
        none, and a write in it raises `OperationalError`; on PostgreSQL it is as any."""
        if not self.on_sqlite:
            with self.begin() as connection:
                yield connection
            return
        with self.engine.connect() as connection:
            driver: Any = connection.execution_options(**{READS: True}).connection.driver_connection
            driver.execute("PRAGMA query_only=ON")
            try:
                with connection.begin():
                    yield connection
            finally:
                if not connection.invalidated:  # whoever is interrupted within a statement has lost it
                    driver.execute("PRAGMA query_only=OFF")

    def close(self) -> None:
        self.engine.dispose()


def is_passing(error: Exception) -> bool:
    """True for a fault that a second try may not meet: a deadlock, a lock wait, a lost connection."""
    if isinstance(error, PendingRollbackError):
        return True  # what was asked of a transaction whose connection had been lost
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return (
        bool(error.connection_invalidated)
        or state in {"40001", "40P01", "55P03", "57P01", "57P03"}
        or "database is locked" in str(error.orig)
    )


def is_read_only(error: DBAPIError) -> bool:
    """True when the database can be read and takes no writes."""
    return getattr(error.orig, "sqlstate", None) == "25006" or "readonly database" in str(error.orig)


def _connect(_: Any, __: Any, given: Any, named: Any) -> Any:
    from app.store.wire import OneCall  # psycopg need not be there for SQLite

    return OneCall.connect(*given, **named)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    # secure_delete: what a row no longer holds (a one-time code) must not stay legible in the file.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that starts as a reader and turns writer can fail at once with "locked"; an immediate one waits.
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(READS) else "BEGIN IMMEDIATE")
