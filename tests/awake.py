"""Seconds in which this machine ran: what a host that stands still, or gives its processors to others, takes is not
counted. For limits on how long something may take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TICK = 0.05
MOST = 2 * TICK
"""Of a tick that took longer, only this much counts."""


@contextmanager
def awake() -> Iterator[Callable[[], float]]:
    """Gives a function that tells the seconds since the block began."""
    over, counted = threading.Event(), [0.0]

    def count() -> None:
        at = time.monotonic()
        while not over.wait(TICK):
            now = time.monotonic()
            counted[0], at = counted[0] + min(now - at, MOST), now

    counting = threading.Thread(target=count)
    counting.start()
    try:
        yield lambda: counted[0]
    finally:
        over.set()
        counting.join()
