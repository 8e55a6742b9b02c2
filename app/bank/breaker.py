"""A circuit breaker: after some failures in a row the bank is left in peace for a while, and nobody waits for it.

Our own, because the libraries of November 2026 do not fit a threaded worker: pybreaker 1.4 holds its lock while the
call runs, so that four calls of 0.3 s take 1.2 s; circuitbreaker 2.1 has no lock at all; neither takes a clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from app.bank.port import BankDown


class Unanswered(Exception):
    """The bank is there and works, but has no answer to this question: no reason to leave it in peace."""


class Breaker:
    """Safe for threads; its lock is never held while a call runs. `clock` gives seconds that never run backwards."""

    def __init__(
        self, *, failures: int = 5, rest_seconds: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Opens after `failures` in a row; then lets one call through every `rest_seconds` until one succeeds."""
        self._limit = failures
        self._rest = rest_seconds
        self._clock = clock
        self._lock = Lock()
        self._failed = 0
        self._next_try: float | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around one call. Raises `BankDown` without a call when the circuit is open. Whatever is raised inside goes
        on, and counts as a failure unless it is `Unanswered`."""
        self._admit()
        try:
            yield
        except Unanswered:
            self._close()
            raise
        except BaseException:
            self._count()
            raise
        self._close()

    def _admit(self) -> None:
        with self._lock:
            if self._next_try is None:
                return
            if self._clock() < self._next_try:
                raise BankDown("circuit open after repeated failures")
            # This call is the trial. The next one is due a rest later, so a trial that never ends blocks nobody.
            self._next_try = self._clock() + self._rest

    def _count(self) -> None:
        with self._lock:
            self._failed += 1
            if self._failed >= self._limit:
                self._next_try = self._clock() + self._rest

    def _close(self) -> None:
        with self._lock:
            self._failed = 0
            self._next_try = None
