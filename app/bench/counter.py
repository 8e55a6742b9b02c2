"""Counts SQL statements, on both sides in the same way, without a lock and for less than a microsecond each."""

from __future__ import annotations

from threading import get_ident
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

PATH = "/bench/statements"


class Counter:
    """`BEGIN` and `COMMIT` are not counted: both sides do one of each for a text."""

    def __init__(self) -> None:
        self._by_thread: dict[int, int] = {}

    def add(self, statements: int = 1) -> None:
        thread = get_ident()
        self._by_thread[thread] = self._by_thread.get(thread, 0) + statements

    @property
    def total(self) -> int:
        return sum(self._by_thread.values())

    def watch(self, engine: Engine) -> None:
        """Counts what an engine executes from now on."""

        def executed(_: Any, __: Any, statement: str, given: Any, *___: Any) -> tuple[str, Any]:
            if not statement.startswith("BEGIN"):
                self.add()
            return statement, given

        # With `retval` the listener is called as it is; else it would be wrapped, at each statement.
        event.listen(engine, "before_cursor_execute", executed, retval=True)

    def show_in(self, app: Flask) -> None:
        """The total under `PATH`, as plain digits."""
        app.add_url_rule(PATH, "bench_statements", lambda: str(self.total))
