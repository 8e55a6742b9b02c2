"""PostgreSQL below psycopg's cursor: a prepared statement in one call of libpq.

A cursor sends, waits and reads in Python, a dozen steps for each statement, between which a busy process changes
threads. Here one call does all of it, and the interpreter's lock is let go once. psycopg still opens connections, ends
transactions and says what an error is.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from psycopg import Connection, DataError
from psycopg.adapt import Transformer
from psycopg.errors import InFailedSqlTransaction, error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.types.json import Json, Jsonb

KEPT = b"SELECT name FROM pg_prepared_statements WHERE name LIKE 'huifu_%'"
_NUMBERS = itertools.count(1)
_DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Prepared:
    """A statement with `$1`, `$2`, … for its parameters. Each connection prepares it once, at its first use."""

    def __init__(self, sql: str) -> None:
        self.sql, self.name = sql.encode(), b"huifu_%d" % next(_NUMBERS)


class OneCall(Connection[Any]):
    """A connection whose COMMIT too is one call: psycopg's own takes as many steps as its cursor, also to find out that
    there is nothing to roll back, which the pool asks each time."""

    def commit(self) -> None:
        """Raises `InFailedSqlTransaction` when a statement had failed and nobody has rolled back: PostgreSQL answers
        such a COMMIT with ROLLBACK and no error, and whoever heard none would take for kept what is not (law 1)."""
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            return
        if _check(self.pgconn.exec_(b"COMMIT")).command_status != b"COMMIT":
            raise InFailedSqlTransaction("a statement of this transaction had failed: it was rolled back")

    def rollback(self) -> None:
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            super().rollback()


class Wire:
    """One connection. Raises `psycopg.Error` as a cursor does."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._pg = connection.pgconn
        self._reads = Transformer(connection)
        self._known: set[bytes] = set()
        self._sure = True

    def doubt(self) -> None:
        """After a rollback psycopg may have dropped every prepared statement of the connection, ours among them."""
        self._sure = False

    def run(self, statement: Prepared, values: Sequence[Any]) -> Any:
        """The library's result; a transaction is begun if there is none."""
        sent = [None if value is None else _WRITTEN[type(value)](value) for value in values]
        pg, name = self._pg, statement.name
        begin = pg.transaction_status == TransactionStatus.IDLE
        if not self._sure:
            # One journey: a text whose turn was too slow is stored after a rollback, while the gateway still waits.
            kept = _check(pg.exec_(b"BEGIN; " + KEPT if begin else KEPT))
            self._known = {kept.get_value(row, 0) for row in range(kept.ntuples)}
            self._sure = True
        elif begin:
            _check(pg.exec_(b"BEGIN"))
        if name not in self._known:
            _check(pg.prepare(name, statement.sql))
            self._known.add(name)
        return _check(pg.exec_prepared(name, sent))  # type: ignore[arg-type]  # None is NULL to libpq

    def rows(self, result: Any, make: Callable[[Sequence[Any]], Any]) -> list[Any]:
        self._reads.set_pgresult(result)
        return self._reads.load_rows(0, result.ntuples, make)


def _check(result: Any) -> Any:
    if result.status not in _DONE:
        raise error_from_result(result, "utf-8")
    return result


def _text(value: str) -> bytes:
    if "\0" in value:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return value.encode()


@lru_cache(maxsize=256)
def _moment(value: datetime) -> bytes:
    """A turn writes the same few moments many times."""
    return str(value).encode()


def _as_json(value: Json | Jsonb) -> bytes:
    return _json(value.obj).encode()


_WRITTEN: dict[type, Callable[[Any], bytes]] = {
    str: _text,
    int: lambda value: b"%d" % value,
    bool: lambda value: b"t" if value else b"f",
    float: lambda value: repr(value).encode(),
    datetime: _moment,
    date: lambda value: str(value).encode(),
    Decimal: lambda value: str(value).encode(),
    Json: _as_json,
    Jsonb: _as_json,
}
"""How a value is written, for the server to read as the type that its place in the statement asks for."""
