"""What is to happen, and when: a few threads that take one thing after the other."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Agenda:
    """`errors` holds what came out of an act: a bug of the city, never of the service."""

    def __init__(self, threads: int) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._busy = 0
        self._ended = False
        self.errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), act))
            self._changed.notify()

    @property
    def open(self) -> int:
        """How much is still to be done or being done."""
        with self._changed:
            return len(self._due) + self._busy

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(20)

    def _work(self) -> None:
        while (act := self._next()) is not None:
            try:
                act()
            except Exception as error:
                self.errors.append(error)
            finally:
                with self._changed:
                    self._busy -= 1

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._ended:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
        return None
