"""Counts SQL statements, on both sides in the same way, without a lock and for less than a microsecond each.

Each process of a server keeps its count in a file of one folder, which whichever process is asked adds up.
"""

from __future__ import annotations

import itertools
import mmap
import os
from pathlib import Path
from threading import local
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

PATH = "/bench/statements"
FOLDER = "BENCH_COUNTS"
"""Names the folder in the environment."""
MOST_THREADS = 1024


class Counter:
    """`BEGIN` and `COMMIT` are not counted: both sides do one of each for a text."""

    def __init__(self) -> None:
        self._folder = Path(os.environ[FOLDER])
        with (self._folder / f"{os.getpid()}.count").open("w+b") as file:
            file.truncate(8 * MOST_THREADS)
            self._slots = memoryview(mmap.mmap(file.fileno(), 0)).cast("q")
        self._free = itertools.count()
        self._here = local()

    def add(self, statements: int = 1) -> None:
        try:
            slot = self._here.slot
        except AttributeError:
            slot = self._here.slot = next(self._free)
        self._slots[slot] += statements

    @property
    def total(self) -> int:
        """Of all processes of the server."""
        return sum(sum(memoryview(file.read_bytes()).cast("q").tolist()) for file in self._folder.glob("*.count"))

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
