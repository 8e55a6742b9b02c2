"""Threads that take only as much work as they can begin now, so that one hung send does not hold a batch up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog

log = structlog.get_logger()

SOME = 8
"""Of so many threads one is worth a claim by itself; of more an eighth is waited for, a moment."""
GATHER = 0.01
"""That moment, in seconds: a claim costs the same for one row and for many."""


class Pool:
    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free = threads
        self._some = max(1, threads // SOME)
        self._changed = threading.Condition()

    def free(self) -> int:
        """How many rows may be claimed now, 1 at least. Waits until a thread is free."""
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0)
            self._changed.wait_for(lambda: self._free >= self._some, GATHER)
            return self._free

    def spread(self, act: Callable[[Any], None], rows: Iterable[Any]) -> None:
        """Begins `act` for each row and returns; what it raises is logged, its row is found by its lease."""
        for row in rows:
            with self._changed:
                self._free -= 1
            self._pool.submit(self._run, act, row)

    def close(self) -> None:
        """Lets everything that began end."""
        self._pool.shutdown(wait=True)

    def _run(self, act: Callable[[Any], None], row: Any) -> None:
        try:
            act(row)
        except Exception as error:
            log.error("work_failed", error=type(error).__name__, exc_info=True)
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify()
