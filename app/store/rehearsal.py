"""Everything as it really happens, on the real database, and nothing of it stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from app.store.database import Database


class Rehearsal(Database):
    """A database whose transactions are savepoints of one that will be rolled back. Of one thread."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.url, self.on_sqlite, self.engine = database.url, database.on_sqlite, database.engine
        self._connection = connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._connection.begin_nested():
            yield self._connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.begin() as connection:  # nobody else sees what was done in it so far
            yield connection

    def close(self) -> None:
        return


@contextmanager
def rehearsal(database: Database) -> Iterator[Rehearsal]:
    """Until the end of the block nobody else sees what is done, and afterwards nobody ever does. Keep it short: what it
    changes is held meanwhile, and on SQLite nobody else writes."""
    try:
        with database.begin() as connection:
            yield Rehearsal(database, connection)
            raise _Over
    except _Over:
        return


class _Over(Exception):
    pass
