"""Statements of the hot path: written in SQLAlchemy Core, compiled once for each database, run on the driver's cursor.

SQLAlchemy's own `execute` costs about five times what the driver needs, at every call (`docs/speed.md`). This keeps
what we want of it: its transaction, its types in both directions, its exceptions, its `before_cursor_execute` event.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

CURSOR = "huifu_cursor"
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
        form, cursor = self._run(connection, values)
        rows = cursor.fetchall()  # all of them: see `_run`
        return form.row(cursor, rows[0]) if rows else None

    def all(self, connection: Connection, values: Values) -> list[Any]:
        form, cursor = self._run(connection, values)
        return [form.row(cursor, row) for row in cursor.fetchall()]

    def scalar(self, connection: Connection, values: Values) -> Any:
        """The first column of the first row; None when there is none."""
        row = self.first(connection, values)
        return row[0] if row is not None else None

    def run(self, connection: Connection, values: Values) -> int:
        """How many rows it changed."""
        form, cursor = self._run(connection, values)
        if form.gives_rows:
            cursor.fetchall()
        return int(cursor.rowcount)

    def _run(self, connection: Connection, values: Values) -> tuple[_Form, Any]:
        dialect = connection.dialect
        form = self._forms.get(dialect.name)
        if form is None:
            given = self.given if isinstance(self.given, Executable) else self.given[dialect.name]
            form = self._forms[dialect.name] = _Form(given, self._columns, dialect)
        sql, bound = form.sql, form.bind(values)
        # One for the life of the driver's connection. So every result must be read to its end: SQLite cannot commit
        # while one is open, and the cursor is not thrown away.
        cursor = connection.info.get(CURSOR) or connection.info.setdefault(CURSOR, connection.connection.cursor())
        for heard in connection.dispatch.before_cursor_execute:
            sql, bound = heard(connection, cursor, sql, bound, None, False)
        try:
            cursor.execute(sql, bound)
        except dialect.loaded_dbapi.Error as error:
            lost = dialect.is_disconnect(error, connection.connection.driver_connection, cursor)
            raise DBAPIError.instance(
                sql,
                None,
                error,
                dialect.loaded_dbapi.Error,
                hide_parameters=True,
                connection_invalidated=lost,
                dialect=dialect,
            ) from error
        return form, cursor


class _Form:
    """A statement as one database takes it."""

    def __init__(self, given: Executable, columns: Sequence[str], dialect: Dialect) -> None:
        compiled = given.compile(dialect=dialect, column_keys=list(columns) or None)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        if compiled.post_compile_params:
            raise TypeError("a list for IN changes the statement at every call: run it through SQLAlchemy")
        self.sql = str(compiled)
        self._dialect = dialect
        self.gives_rows = bool(getattr(given, "exported_columns", ()))
        self._types = {column.name: column.type for column in getattr(given, "exported_columns", ())}
        self._make: Callable[[Any], Any] | None = None
        self._conversions: list[tuple[int, Convert]] = []
        self._named = not compiled.positional
        # What the statement says itself: `state = 'open'`, and defaults of columns that were not given.
        self._own = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self._own |= {column.key: column.default.arg for column in compiled.insert_prefetch}  # type: ignore[union-attr]
        names = compiled.positiontup or list(compiled.params)
        self._binds = [(name, _sent(compiled.binds[name].type, dialect)) for name in names]

    def bind(self, values: Values) -> Any:
        """The parameters as the driver takes them. Raises `KeyError` for one that is missing."""
        values = {**self._own, **values}
        if self._named:
            return {name: convert(values[name]) if convert else values[name] for name, convert in self._binds}
        return [convert(values[name]) if convert else values[name] for name, convert in self._binds]

    def row(self, cursor: Any, row: Any) -> Any:
        if self._make is None:
            self._learn(cursor)
        assert self._make is not None
        if self._conversions:
            row = list(row)
            for at, convert in self._conversions:
                row[at] = convert(row[at])
        return self._make(row)

    def _learn(self, cursor: Any) -> None:
        """What the columns are called, and how their values are read: the same at every call."""
        conversions = []
        for at, column in enumerate(cursor.description):
            kind = self._types.get(column[0])
            convert = kind.dialect_impl(self._dialect).result_processor(self._dialect, column[1]) if kind else None
            if convert:
                conversions.append((at, convert))
        self._conversions = conversions  # whole, and before `_make`: other threads may be here at the same moment
        names = [column[0] for column in cursor.description]
        self._make = namedtuple("Row", names, rename=True)._make  # type: ignore[attr-defined]


def _sent(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)
