"""Bringing a database to the tables of this program, whoever else starts at the same moment."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, RootTransaction, text
from sqlalchemy.exc import OperationalError, PendingRollbackError

from app.store import months
from app.store.database import Database, is_passing

FOLDER = Path(__file__).resolve().parents[2] / "migrations"

BUSY = "another process has been migrating this database for ten minutes"
_KEY = 0x48554946  # "HUIF", the number of our advisory lock


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `table`: what a migration waits for a table that somebody holds; as long as it waits, every turn queues
    up behind it, so it lets them pass, rests for at most `rest` and tries again, for `tries` in all. `peer`: what a
    second process waits for the first one's migration."""

    table: float = 1.0
    rest: float = 8.0
    tries: float = 600.0
    peer: float = 600.0


class NotMigrated(RuntimeError):
    """The tables are not those of this program; `str()` says in a sentence what to do."""


def upgrade(url: str, revision: str = "head", *, patience: Patience = Patience()) -> None:
    """Applies what is missing up to `revision`; does nothing when it is there.

    Safe to call from several processes at once: one migrates, the others wait and find it done.
    There is no way down: a step back is a new migration, or the backup.
    Raises `NotMigrated` when the database was made by a newer program, `sqlalchemy.exc.DBAPIError` as the driver
    does, and TimeoutError when another process migrates, or a transaction holds a table, for longer than ten minutes.
    """
    database = Database(url, threads=1)
    try:
        with _alone(database, patience) as connection:
            _try_until_free(connection, revision, patience)
        if revision == "head":
            months.make_ahead(database)
    finally:
        database.close()


def _try_until_free(connection: Connection, revision: str, patience: Patience) -> None:
    """Migrations begin where an earlier try ended: one that found a table held is tried again after a rest."""
    began, pause = time.monotonic(), min(0.25, patience.rest)
    while True:
        config = configuration()
        config.attributes["connection"] = connection
        try:
            return command.upgrade(config, revision)
        except CommandError as error:
            raise NotMigrated(f"The database cannot be migrated to {revision}: {error}") from error
        except PendingRollbackError as error:
            # Alembic, tidying up on a connection that is lost, hides why it is lost.
            raise error.__context__ or error from None
        except OperationalError as error:
            connection.rollback()
            if not is_passing(error) or error.connection_invalidated:
                raise
            if time.monotonic() - began > patience.tries:
                raise TimeoutError(
                    "a transaction has held a table for ten minutes; end it (pg_stat_activity shows it) and try again"
                ) from error
        time.sleep(pause * random.uniform(0.5, 1.5))
        pause = min(pause * 2, patience.rest)


def current(url: str) -> str | None:
    """The revision that a database has; None when nothing was ever migrated."""
    database = Database(url, threads=1)
    try:
        with database.begin() as connection:
            return revision_of(connection)
    finally:
        database.close()


def head() -> str:
    """The revision that this program needs. Raises `alembic.util.CommandError` if there is more than one head."""
    found = ScriptDirectory.from_config(configuration()).get_current_head()
    if found is None:
        raise LookupError(f"no migration in {FOLDER}")
    return found


def check(database: Database) -> None:
    """Raises `NotMigrated` unless the tables are those of this program."""
    with database.begin() as connection:
        found = revision_of(connection)
    wanted = head()
    if found is None:
        raise NotMigrated("The database has no tables yet; run: huifu migrate")
    if found == wanted:
        return
    known = {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}
    if found in known:
        raise NotMigrated(f"The database is at revision {found} and this program needs {wanted}; run: huifu migrate")
    raise NotMigrated(f"The database is at revision {found}, which this program does not know: it is too old for it")


def configuration() -> Config:
    """Alembic's configuration, made here so that no alembic.ini can disagree with it."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _alone(database: Database, patience: Patience) -> Iterator[Connection]:
    if database.on_sqlite:
        with _alone_on_sqlite(database, patience) as connection:
            yield connection
    else:
        with _alone_on_postgres(database, patience) as connection:
            yield connection


@contextmanager
def _alone_on_sqlite(database: Database, patience: Patience) -> Iterator[Connection]:
    """One transaction around everything: `BEGIN IMMEDIATE` is the lock."""
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(f"PRAGMA busy_timeout={patience.peer * 1000:.0f}")
        # Alembic changes a SQLite table by copying and dropping it; with foreign keys on, the drop would reach
        # into other tables. The pragma does nothing inside a transaction, so it goes around SQLAlchemy.
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with _turn_on_sqlite(connection):
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise RuntimeError(f"the migration left a row of {broken[0]} that points nowhere")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _turn_on_sqlite(connection: Connection) -> RootTransaction:
    try:
        return connection.begin()
    except OperationalError as error:
        if not is_passing(error):
            raise
        raise TimeoutError(BUSY) from error


@contextmanager
def _alone_on_postgres(database: Database, patience: Patience) -> Iterator[Connection]:
    with database.engine.connect() as connection:
        deadline = time.monotonic() + patience.peer
        # Tried again and again rather than waited for: a waiting statement holds a snapshot, and then the
        # CREATE INDEX CONCURRENTLY of the process that migrates would wait for us while we wait for it.
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}):
            connection.rollback()
            if time.monotonic() > deadline:
                raise TimeoutError(BUSY)
            time.sleep(0.2)
        connection.exec_driver_sql(f"SET lock_timeout = {patience.table * 1000:.0f}")
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _KEY})
            connection.commit()
