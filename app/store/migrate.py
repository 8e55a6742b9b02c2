"""Bringing a database to the tables of this program, whoever else starts at the same moment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from app.store.database import Database

FOLDER = Path(__file__).resolve().parents[2] / "migrations"

# What a migration waits for a table that a running turn holds. Longer, and every turn would queue up behind it.
TABLE_PATIENCE_MS = 5_000
# What a second process waits for the first one's migration.
PEER_PATIENCE_SECONDS = 600.0
_KEY = 0x48554946  # "HUIF", the number of our advisory lock


class NotMigrated(RuntimeError):
    """The tables are not those of this program; `str()` says in a sentence what to do."""


def upgrade(url: str, revision: str = "head") -> None:
    """Applies what is missing up to `revision`; does nothing when it is there.

    Safe to call from several processes at once: one migrates, the others wait and find it done.
    There is no way down: a step back is a new migration, or the backup.
    Raises `NotMigrated` when the database was made by a newer program, `sqlalchemy.exc.DBAPIError` as the driver
    does, and TimeoutError when another process migrates for longer than ten minutes.
    """
    database = Database(url, threads=1)
    try:
        with _alone(database) as connection:
            config = configuration()
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, revision)
            except CommandError as error:
                raise NotMigrated(f"The database cannot be migrated to {revision}: {error}") from error
    finally:
        database.close()


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
def _alone(database: Database) -> Iterator[Connection]:
    if database.on_sqlite:
        with _alone_on_sqlite(database) as connection:
            yield connection
    else:
        with _alone_on_postgres(database) as connection:
            yield connection


@contextmanager
def _alone_on_sqlite(database: Database) -> Iterator[Connection]:
    """One transaction around everything: `BEGIN IMMEDIATE` is the lock."""
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        # Alembic changes a SQLite table by copying and dropping it; with foreign keys on, the drop would reach
        # into other tables. The pragma does nothing inside a transaction, so it goes around SQLAlchemy.
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise RuntimeError(f"the migration left a row of {broken[0]} that points nowhere")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def _alone_on_postgres(database: Database) -> Iterator[Connection]:
    with database.engine.connect() as connection:
        deadline = time.monotonic() + PEER_PATIENCE_SECONDS
        # Tried again and again rather than waited for: a waiting statement holds a snapshot, and then the
        # CREATE INDEX CONCURRENTLY of the process that migrates would wait for us while we wait for it.
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}):
            connection.rollback()
            if time.monotonic() > deadline:
                raise TimeoutError("another process has been migrating this database for ten minutes")
            time.sleep(0.2)
        connection.exec_driver_sql(f"SET lock_timeout = {TABLE_PATIENCE_MS}")
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _KEY})
            connection.commit()
