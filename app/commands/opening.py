"""The database as a command opens it: there, migrated, and closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.commands.stops import Misused, Stop
from app.config import Settings
from app.handlers.service import Service
from app.store import migrate
from app.store.database import Database
from app.wiring import build_service


@contextmanager
def opened(settings: Settings, *, threads: int = 2) -> Iterator[Database]:
    """Raises `NotMigrated`, or `Stop` when there can be no such database."""
    with reachable():
        database = Database(settings.database_url, threads=threads)
    try:
        migrate.check(database)
        yield database
    finally:
        database.close()


@contextmanager
def serving(settings: Settings) -> Iterator[Service]:
    """The service without its worker: what is queued here leaves with the one that runs. Raises as `opened` does."""
    with opened(settings):
        pass
    service = build_service(settings)
    try:
        yield service
    finally:
        service.database.close()


@contextmanager
def reachable() -> Iterator[None]:
    """Turns what keeps a database from being opened at all into a sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "psycopg":
            raise
        raise Stop(
            "DATABASE_URL names PostgreSQL, whose driver is missing; run: pip install 'psycopg[binary]'"
        ) from None
    except OSError as error:
        raise Misused(f"DATABASE_URL: {error.filename or 'the folder'} cannot be made: {error.strerror}.") from None
