"""Statements of the hot path: written in SQLAlchemy Core, compiled once for each database, run on the driver itself.

SQLAlchemy's own `execute` costs about five times what the driver needs, at every call (`docs/speed.md`). This keeps
what we want of it: its transaction, its types in both directions, its exceptions, its `before_cursor_execute` event.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

if TYPE_CHECKING:
    from app.store.wire import Wire  # psycopg need not be there for SQLite

CURSOR, WIRE = "huifu_cursor", "huifu_wire"
_PLACE = re.compile(r"%\((\w+)\)s")
Convert = Callable[[Any], Any]
Values = Mapping[str, Any]


class Statement:
    """`given`: the statement, or one for each database by name. `columns`: what an INSERT without values will be given.

    Values are passed by the names of bind parameters and columns; every name must be there. Lists for IN are not
    supported. Raises `DBAPIError` as SQLAlchemy does, without the values in its words.
    """

    def __init__(self, given: Executable | Mapping[str, Executable], columns: Sequence[str] = ()) -> None:
        self.given, self._columns = given, columns
        self._forms: dict[str, _Form] = {}

    def first(self, connection: Connection, values: Values) -> Any:
        """The first row, its columns as attributes, or None."""
        rows = self._form(connection).rows(connection, values)
        return rows[0] if rows else None

    def all(self, connection: Connection, values: Values) -> list[Any]:
        return self._form(connection).rows(connection, values)

    def scalar(self, connection: Connection, values: Values) -> Any:
        """The first column of the first row; None when there is none."""
        row = self.first(connection, values)
        return row[0] if row is not None else None

    def run(self, connection: Connection, values: Values) -> int:
        """How many rows it changed."""
        return self._form(connection).count(connection, values)

    def _form(self, connection: Connection) -> _Form:
        dialect = connection.dialect
        form = self._forms.get(dialect.name)
        if form is None:
            given = self.given if isinstance(self.given, Executable) else self.given[dialect.name]
            kind = _Wired if dialect.name == "postgresql" else _OnCursor
            form = self._forms[dialect.name] = kind(given, self._columns, dialect)
        return form


class _Form(ABC):
    """A statement as one database takes it."""

    def __init__(self, given: Executable, columns: Sequence[str], dialect: Dialect) -> None:
        compiled = given.compile(dialect=dialect, column_keys=list(columns) or None)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        if compiled.post_compile_params:
            raise TypeError("a list for IN changes the statement at every call: run it through SQLAlchemy")
        self.sql = str(compiled)
        self._dialect = dialect
        self._types = {column.name: column.type for column in getattr(given, "exported_columns", ())}
        self._make: Callable[[Any], Any] | None = None
        # What the statement says itself: `state = 'open'`, and defaults of columns that were not given.
        self._own = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self._own |= {column.key: column.default.arg for column in compiled.insert_prefetch}  # type: ignore[union-attr]
        names = compiled.positiontup or list(compiled.params)
        self._binds = [(name, _sent(compiled.binds[name].type, dialect)) for name in names]

    @abstractmethod
    def rows(self, connection: Connection, values: Values) -> list[Any]: ...

    @abstractmethod
    def count(self, connection: Connection, values: Values) -> int: ...

    def bind(self, values: Values) -> list[Any]:
        """The parameters as the driver takes them. Raises `KeyError` for one that is missing."""
        if self._own:
            values = {**self._own, **values}
        return [convert(values[name]) if convert else values[name] for name, convert in self._binds]

    def failed(self, connection: Connection, error: Any, cursor: Any = None) -> DBAPIError:
        dialect = self._dialect
        lost = dialect.is_disconnect(error, connection.connection.driver_connection, cursor)
        found: DBAPIError = DBAPIError.instance(
            self.sql,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        )
        return found

    def maker(self, columns: Sequence[tuple[str, Any]]) -> Callable[[Any], Any]:
        """What makes a row of the driver's, whose `columns` are (name, type code): learned once, the same for all."""
        if self._make is None:
            conversions = []
            for at, (name, code) in enumerate(columns):
                kind = self._types.get(name)
                convert = kind.dialect_impl(self._dialect).result_processor(self._dialect, code) if kind else None
                if convert:
                    conversions.append((at, convert))
            plain = namedtuple("Row", [name for name, _ in columns], rename=True)._make  # type: ignore[attr-defined]

            def converted(row: Any) -> Any:
                row = list(row)
                for at, convert in conversions:
                    row[at] = convert(row[at])
                return plain(row)

            self._make = converted if conversions else plain
        return self._make


class _OnCursor(_Form):
    """SQLite: one cursor for the life of the driver's connection. So every result must be read to its end: SQLite
    cannot commit while one is open, and the cursor is not thrown away."""

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        cursor = self._run(connection, values)
        found = cursor.fetchall()
        if not found:
            return found  # type: ignore[no-any-return]
        make = self._make or self.maker([column[:2] for column in cursor.description])
        return [make(row) for row in found]

    def count(self, connection: Connection, values: Values) -> int:
        cursor = self._run(connection, values)
        if cursor.description:
            cursor.fetchall()
        return int(cursor.rowcount)

    def _run(self, connection: Connection, values: Values) -> Any:
        sql, bound = self.sql, self.bind(values)
        cursor = connection.info.get(CURSOR) or connection.info.setdefault(CURSOR, connection.connection.cursor())
        for heard in connection.dispatch.before_cursor_execute:
            sql, bound = heard(connection, cursor, sql, bound, None, False)
        try:
            cursor.execute(sql, bound)
        except self._dialect.loaded_dbapi.Error as error:
            raise self.failed(connection, error, cursor) from error
        return cursor


class _Wired(_Form):
    """PostgreSQL: see `wire.py`. Listeners may stop a statement, not change it."""

    def __init__(self, given: Executable, columns: Sequence[str], dialect: Dialect) -> None:
        super().__init__(given, columns, dialect)
        from app.store.wire import Prepared

        places = {name: at for at, (name, _) in enumerate(self._binds, 1)}
        numbered = _PLACE.sub(lambda found: f"${places[found[1]]}", self.sql)
        self._prepared = Prepared(numbered.replace("%%", "%"))

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        wire, result = self._run(connection, values)
        make = self._make
        if make is None:
            columns = range(result.nfields)
            make = self.maker([(result.fname(at).decode(), result.ftype(at)) for at in columns])
        return wire.rows(result, make)

    def count(self, connection: Connection, values: Values) -> int:
        _, result = self._run(connection, values)
        return result.command_tuples or 0

    def _run(self, connection: Connection, values: Values) -> tuple[Wire, Any]:
        bound = self.bind(values)
        wire = connection.info.get(WIRE) or _wire_of(connection)
        for heard in connection.dispatch.before_cursor_execute:
            heard(connection, None, self.sql, bound, None, False)
        try:
            return wire, wire.run(self._prepared, bound)
        except self._dialect.loaded_dbapi.Error as error:
            raise self.failed(connection, error) from error


def doubt(connection: Connection, *_: Any) -> None:
    """After a rollback, also of a savepoint: see `Wire.doubt`."""
    # A connection that was lost has no `info` any more, and nothing to doubt.
    if not connection.invalidated and (wire := connection.info.get(WIRE)) is not None:
        wire.doubt()


def _wire_of(connection: Connection) -> Wire:
    from app.store.wire import Wire

    driver: Any = connection.connection.driver_connection
    wire: Wire = connection.info.setdefault(WIRE, Wire(driver))
    return wire


def _sent(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)
